#include "status_look.hpp"

namespace patchbay {

const char* const status_look = R"css(
header, footer { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1.25rem 0; }
main { padding-top: .5rem; } footer { padding: 0 1.25rem 3rem; }
header h1 { font-size: 1rem; letter-spacing: .02em; color: var(--soft); margin: 0; }
#summary { font-size: 1.15rem; line-height: 1.45; margin: .5rem 0 0; }
#summary .badge { margin-right: .35rem; vertical-align: .1em; }
.badge.idle { color: var(--soft); } .badge.running { color: var(--accent); }
.badge.failing { color: var(--rejected); }
section + section { border-top: 1px solid var(--line); margin-top: 2rem; }
section > h2 { margin-top: 1.5rem; font-size: 1.3rem; overflow-wrap: anywhere; }
.facts { display: grid; gap: .75rem 1.5rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); }
.facts dt { color: var(--soft); font-size: .875rem; } .facts dd { margin: 0; }
.facts dd .soft, time { white-space: nowrap; }
progress { appearance: none; display: block; width: 100%; height: .75rem; border-radius: .375rem;
  overflow: hidden; border: 1px solid var(--soft); background: var(--sheet); color: var(--accent); }
progress::-webkit-progress-bar { background: var(--sheet); }
progress::-webkit-progress-value { background: var(--accent); transition: width .6s; }
progress::-moz-progress-bar { background: var(--accent); }
.figures { font-variant-numeric: tabular-nums; margin: .35rem 0; }
.windows { display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
  margin-top: 1rem; }
.decision { border-left: 4px solid var(--held); background: var(--sheet); padding: .1rem 1rem .9rem;
  margin: 1rem 0; }
.decision h3 { overflow-wrap: anywhere; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding: .2rem 0; }
tbody th { color: inherit; font-weight: 400; }
table.narrow { width: auto; min-width: min(100%, 22rem); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: .9em; }
pre { margin: .5rem 0 0; padding: .6rem .8rem; overflow-x: auto; background: var(--ground);
  border: 1px solid var(--line); border-radius: .35rem; }
pre:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.name { display: inline-block; max-width: 100%; overflow-wrap: anywhere; vertical-align: bottom; }
#asked ul { margin: .25rem 0 0; padding-left: 1.25rem; }
#live.lost { color: var(--rejected); font-weight: 600; }
@media (max-width: 40rem) { header { padding: 1rem 1rem 0; } footer { padding: 0 1rem 2rem; } }
@media (prefers-reduced-motion: reduce) { progress::-webkit-progress-value { transition: none; } }
)css";

// A part keeps its element, so that a screen reader goes on listening to it; what somebody has
// opened, or stands on, stays so.
const char* const status_life = R"js("use strict";
const live = document.getElementById("live");
const news = document.getElementById("news");

function say(text, lost) {
  live.textContent = text;
  live.classList.toggle("lost", lost);
}

function take(part) {
  const old = document.getElementById(part.id);
  if (!old || old.dataset.jobs !== part.dataset.jobs) return location.reload();
  const open = [...old.querySelectorAll("details[open]")].map(one => one.id);
  for (const id of open) {
    const again = part.querySelector("#" + CSS.escape(id));
    if (again) again.open = true;
  }
  if (old.isEqualNode(part)) return;
  const within = [...old.querySelectorAll("summary, pre")];
  const focused = within.indexOf(document.activeElement);
  for (const { name, value } of part.attributes) old.setAttribute(name, value);
  old.replaceChildren(...part.childNodes);
  if (focused >= 0) [...old.querySelectorAll("summary, pre")][focused]?.focus();
  if (part.dataset.title) document.title = part.dataset.title;
}

const source = new EventSource(live.dataset.events);
source.addEventListener("open", () => say("Live.", false));
source.addEventListener("message", event => {
  news.textContent = new Date().toISOString().slice(0, 19).replace("T", " ") + " UTC";
  const fresh = document.createElement("template");
  fresh.innerHTML = event.data;
  for (const part of [...fresh.content.children]) take(part);
});
source.addEventListener("error", () => {
  const words = "The connection is lost: this is the last known state.";
  if (live.classList.contains("lost")) return;
  say(source.readyState === EventSource.CLOSED ? words + " Load the page again." : words, true);
});
)js";

}  // namespace patchbay
