// `patchbay report [RUN]`: what a run did, from the store; default: the last.
#include <optional>

#include "patchbay/adapter/report/run_history.hpp"
#include "patchbay/adapter/report/run_html.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/engine/reverting.hpp"
#include "report_files.hpp"

namespace patchbay {
namespace {

std::optional<run_record> run_asked_for(const invocation& ask, sqlite_store& store) {
  if (!ask.subjects.empty()) return store.find_run(ask.subjects.front());
  std::vector<run_record> last = store.runs(1);
  if (last.empty()) return std::nullopt;
  return std::move(last.front());
}

fault unknown_run(const invocation& ask, sqlite_store& store) {
  if (ask.subjects.empty()) return {"RUN_UNKNOWN", "no run has ended yet"};
  const std::string& run = ask.subjects.front();
  const run_traces traces = traces_of(run, store);
  if (!traces.empty()) {
    return {"RUN_CUT_OFF",
            "the run " + run +
                " goes on, or its process was ended before it could report; what it "
                "wrote so far: patchbay explain CUSTOMER, and back: patchbay revert " +
                run};
  }
  return {"RUN_UNKNOWN", "no run is named " + run + "; patchbay status shows the last ones"};
}

std::string told(const std::vector<run_report>& reports, const std::vector<run_summary>& history,
                 bool html) {
  if (html) return run_html(reports, history);
  std::string text;
  for (const run_report& report : reports) text += run_text(report);
  if (const auto summary = summary_of(reports)) text += history_section(*summary, history);
  return text;
}

}  // namespace

exit_code run_report_command(command_context context) {
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  const invocation& ask = context.ask;
  sqlite_store& store = (*built)->store();
  const std::optional<run_record> run = run_asked_for(ask, store);
  if (!run) {
    return fail(context, exit_code::missing, unknown_run(ask, store));
  }
  std::string text = run->json;
  if (!ask.json && ask.format != "json") {
    const result<std::vector<run_report>> reports = parse_runs(run->json);
    if (!reports) return fail(context, exit_code::bug, reports.error());
    text = told(*reports, recent_runs(store), ask.format == "html");
  }
  return hand_out(context, text);
}

}  // namespace patchbay
