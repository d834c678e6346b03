// `patchbay daemon`: the service. Watches the drop directories, keeps the schedule, delivers, tells
// systemd, and drains on the first signal.
#include <exception>
#include <memory>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/adapter/system/folder_watch.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/adapter/system/systemd_notifier.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "report_files.hpp"
#include "status_observer.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

std::vector<std::filesystem::path> folders_of(const settings& config) {
  std::vector<std::filesystem::path> folders;
  for (const job_spec& job : config.jobs) folders.push_back(job.source.directory);
  return folders;
}

asio::awaitable<void> serve(service& nights, systemd_notifier& told, folder_watch& watch,
                            std::optional<stop>& ended) {
  told.ready();
  told.status("waiting for drops");
  told.begin_watchdog();
  ended = co_await nights.serve();
  told.stopping();
  watch.close();
  told.close();
}

}  // namespace

exit_code run_daemon(command_context context) {
  const settings& config = context.config();
  const auto lock = state_lock::take(config.state_path);
  if (!lock) {
    const bool owned = lock.error().code == "STATE_OWNED";
    return fail(context, owned ? exit_code::owned_by_another : exit_code::configuration,
                lock.error());
  }
  // Declared before what uses it: the engine speaks to it until the last.
  std::unique_ptr<systemd_notifier> told;
  boost::asio::io_context unused;
  const real_clock time(unused);
  status_observer watcher(context.watcher, time, [&told](const std::string& text) {
    if (told) told->status(text);
  });
  auto built = composition::build(context.loaded, reach::own, watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  composition& all = **built;
  told = std::make_unique<systemd_notifier>(all.loop());
  folder_watch watch(all.loop(), folders_of(config), [&all] { all.nights().look_again(); });
  report_files files(config.report_directory);
  all.nights().tell_reports_to([&watcher, &files](const run_report& report) {
    if (const auto kept = files.add(report); !kept) {
      watcher.note(severity::warning, "report_not_written", kept.error().message, {});
    }
    const severity how = report.outcome == run_outcome::done ? severity::info : severity::warning;
    watcher.note(how, "run_done", run_line(report), {{"run", report.run}, {"job", report.job}});
  });
  watcher.note(severity::info, "daemon_started",
               "watching " + std::to_string(config.jobs.size()) + " job(s)", {});

  std::optional<stop> ended;
  all.run(serve(all.nights(), *told, watch, ended), [&all] { all.nights().drain(); });
  told.reset();
  if (!ended) return exit_code::ok;
  return fail(context, code_of(ended->why), fault{ended->code, ended->message});
}

}  // namespace patchbay
