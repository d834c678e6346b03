#include "html_style.hpp"

namespace patchbay {

// Six classes, six colours that are told apart by lightness too; text always stands beside them.
const char* const html_style = R"css(
:root { color-scheme: light dark;
  --ground: #ffffff; --sheet: #f6f7f9; --ink: #16191f; --soft: #565f6e; --line: #d9dde4;
  --unchanged: #b9c0cb; --applied: #1f8a5b; --rejected: #c62f3b; --superseded: #7a6bb2;
  --held: #d98a00; --pending: #2f6fd0; --accent: #2f6fd0; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #14171c; --sheet: #1c2027; --ink: #e7eaf0; --soft: #a0a9b8; --line: #343a45;
  --unchanged: #586170; --applied: #3fb583; --rejected: #f0616d; --superseded: #a597dd;
  --held: #e8a93c; --pending: #6ea3f5; --accent: #6ea3f5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.65rem; line-height: 1.25; margin: .35rem 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2.25rem 0 .6rem; }
h3 { font-size: .95rem; margin: 1.1rem 0 .3rem; }
p { margin: .4rem 0; }
.soft, .meta { color: var(--soft); }
.meta { font-size: .875rem; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-size: .875rem;
  font-weight: 600; border: 1.5px solid currentColor; }
.done { color: var(--applied); } .partial, .held, .stopped { color: var(--held); }
.failed { color: var(--rejected); }
@media (prefers-color-scheme: light) {
  .partial, .held, .stopped { color: #8f5600; } .done { color: #14704a; } }
.note { border-left: 4px solid var(--held); background: var(--sheet); padding: .7rem 1rem;
  margin: 1rem 0; overflow-wrap: anywhere; }
.note.bad { border-color: var(--rejected); }
.bar { display: flex; height: 1.5rem; border-radius: .3rem; overflow: hidden; gap: 2px;
  background: var(--sheet); }
.bar > i { min-width: 3px; }
.key { list-style: none; padding: 0; margin: .7rem 0 0; display: grid; gap: .3rem 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); }
.key li { display: flex; gap: .55rem; align-items: baseline; }
.key.words { display: flex; flex-wrap: wrap; }
.key b { font-variant-numeric: tabular-nums; }
.dot { flex: none; width: .75rem; height: .75rem; border-radius: .2rem; }
.unchanged { background: var(--unchanged); } .applied { background: var(--applied); }
.rejected { background: var(--rejected); } .superseded { background: var(--superseded); }
i.held, .dot.held { background: var(--held); } .pending { background: var(--pending); }
svg .applied { fill: var(--applied); } svg .rejected { fill: var(--rejected); }
svg .held { fill: var(--held); } svg .pending { fill: var(--pending); }
svg .axis { stroke: var(--line); }
svg .nothing { fill: var(--unchanged); }
svg { display: block; width: 100%; height: 9rem; background: var(--sheet); border-radius: .3rem; }
.scale { font-size: .875rem; color: var(--soft); font-variant-numeric: tabular-nums; }
table.dense { font-size: .8rem; } table.dense :is(td, th) { padding-right: .5rem; }
table.dense td { overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top;
  overflow-wrap: break-word; }
td:first-child { white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.field { margin: .75rem 0; }
.field > div { display: flex; justify-content: space-between; gap: 1rem; }
.track { display: block; height: .6rem; border-radius: .3rem; background: var(--sheet);
  margin: .25rem 0; }
.track > i { display: block; height: 100%; border-radius: .3rem; background: var(--accent); }
.track > i.over { background: var(--rejected); }
.examples { margin: 0; padding: 0; list-style: none; font-size: .875rem; color: var(--soft);
  overflow-wrap: anywhere; }
del { text-decoration: none; color: var(--soft); } ins { text-decoration: none; font-weight: 600; }
input[type=search] { width: 100%; font: inherit; padding: .5rem .75rem; color: inherit;
  background: var(--sheet); border: 1px solid var(--soft); border-radius: .35rem; }
input:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--accent);
  outline-offset: 2px; }
details { margin: .5rem 0; overflow-x: auto; } summary { cursor: pointer; padding: .3rem 0; }
summary { margin: .3rem; } details[open] > summary { margin-bottom: .8rem; }
td .name { font-size: .8rem; color: var(--soft); overflow-wrap: anywhere; display: block; }
a { color: var(--accent); }
.over { color: var(--rejected); font-weight: 700; }
article + article { border-top: 2px solid var(--line); margin-top: 3rem; padding-top: 1rem; }
.search { display: none; margin: .5rem 0; } .lively .search { display: block; }
@media (max-width: 40rem) {
  main { padding: 1rem 1rem 3rem; } h1 { font-size: 1.35rem; }
  table.stack thead { position: absolute; left: -200vw; }
  table.stack tr { display: block; border-bottom: 1px solid var(--line); padding: .5rem 0; }
  table.stack td { display: flex; gap: .75rem; border: 0; padding: .1rem 0; text-align: left; }
  table.stack td.n { text-align: left; white-space: normal; }
  td:first-child { white-space: normal; overflow-wrap: anywhere; }
  table.stack td { overflow-wrap: anywhere; }
  table.stack td::before { content: attr(data-label); flex: 0 0 5.5rem; color: var(--soft); } }
@media print { .search { display: none !important; } body { font-size: 12px; } }
)css";

const char* const html_script = R"js(
document.documentElement.classList.add("lively");
for (const box of document.querySelectorAll("input[type=search]")) {
  const rows = [...document.getElementById(box.dataset.table).tBodies[0].rows];
  const texts = rows.map(row => row.textContent.toLowerCase());
  const told = document.getElementById(box.dataset.told);
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(word => word);
    let shown = 0;
    rows.forEach((row, at) => {
      const fits = words.every(word => texts[at].includes(word));
      row.hidden = !fits;
      shown += fits;
    });
    told.textContent = shown + " of " + rows.length + " listed";
  });
}
)js";

const char* const html_script_hash = "sha256-s7dxb82gvugTKb6pBsZ0xiqy3I9PphAO5fINuxBRO/Q=";

}  // namespace patchbay
