// `patchbay daemon`: the service. Watches the drop directories, keeps the schedule, delivers, tells
// systemd, drains on the first signal, and takes a changed configuration over on SIGHUP: what is in
// flight is finished, then it goes on with the new one, without giving up the lock.
#include <csignal>
#include <exception>
#include <memory>

#include <signal.h>

#include "feedback_files.hpp"
#include "patchbay/adapter/report/error_text.hpp"
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

/// Between two configurations nobody watches the signals: they wait until somebody does again.
void hold_signals(bool held) {
  sigset_t all;
  sigemptyset(&all);
  for (const int one : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&all, one);
  ::pthread_sigmask(held ? SIG_BLOCK : SIG_UNBLOCK, &all, nullptr);
}

void refuse(observer& watcher, std::string why) {
  while (why.ends_with('\n')) why.pop_back();
  watcher.note(severity::error, "configuration_kept", "the old configuration stays: " + why, {});
}

/// How one life of the service ended: told to stop, by a stop, or to go on with other settings.
struct life_end {
  std::optional<stop> stopped = {};
  std::unique_ptr<loaded_settings> next = {};
};

/// The service under one configuration.
class service_life {
 public:
  service_life(const command_context& context, status_observer& watcher, composition& all)
      : context_(context), watcher_(watcher), all_(all), systemd_(all.loop()) {}

  life_end live() {
    const settings& config = all_.config();
    folder_watch watch(all_.loop(), folders_of(config),
                       {[this] { all_.nights().look_again(); },
                        [this](const auto& folder, bool there) { tell_folder(folder, there); }});
    report_files files(config.report_directory, config.report_keep, all_.store());
    feedback_files feedback(all_, watcher_);
    all_.nights().tell_older_to([&feedback](const drop_record& drop) { feedback.tell(drop); });
    all_.nights().tell_reports_to([this, &files, &feedback](const run_report& report) {
      feedback.tell(report);
      tell_run(files, report);
    });
    watcher_.tell_to([this](const std::string& text) { systemd_.status(text); });
    watcher_.note(severity::info, "daemon_started",
                  "watching " + std::to_string(config.jobs.size()) + " job(s)", {});
    all_.run(
        serve(watch), [this] { stop_serving(); }, [this] { read_again(); });
    watcher_.tell_to({});
    return std::move(end_);
  }

 private:
  asio::awaitable<void> serve(folder_watch& watch) {
    hold_signals(false);
    systemd_.ready();
    systemd_.status("waiting for drops");
    systemd_.begin_watchdog();
    end_.stopped = co_await all_.nights().serve();
    if (end_.next) {
      hold_signals(true);
    } else {
      systemd_.stopping();
    }
    watch.close();
    systemd_.close();
  }

  void stop_serving() {
    systemd_.stopping();
    stopping_ = true;
    end_.next.reset();
    all_.nights().drain();
  }

  void tell_folder(const std::filesystem::path& folder, bool there) {
    if (there) {
      watcher_.note(severity::info, "folder_back",
                    folder.string() + " is there again, and watched as before", {});
    } else {
      watcher_.note(severity::warning, "folder_gone",
                    folder.string() + " is not there: nothing can be dropped until it is back", {});
    }
  }

  void tell_run(report_files& files, const run_report& report) {
    if (const auto kept = files.add(report); !kept) {
      watcher_.note(severity::warning, "report_not_written", kept.error().message, {});
    }
    const severity how = report.outcome == run_outcome::done ? severity::info : severity::warning;
    watcher_.note(how, "run_done", run_line(report), {{"run", report.run}, {"job", report.job}});
  }

  /// A bad configuration changes nothing; neither does one of another state, whose lock we lack.
  void read_again() {
    if (stopping_) return;
    auto fresh = settings_of(context_.ask);
    if (!fresh) return refuse(watcher_, error_text(fresh.error()));
    if (fresh->values.state_path != all_.config().state_path) {
      return refuse(watcher_, "state.path has changed, for that the service must be started again");
    }
    if (const auto wrong = composition::unfit(*fresh)) {
      return refuse(watcher_, error_text(std::span(&*wrong, 1)));
    }
    watcher_.note(severity::info, "configuration_read",
                  "the configuration is read again; it counts once what is in flight is finished",
                  {});
    systemd_.reloading();
    end_.next = std::make_unique<loaded_settings>(std::move(*fresh));
    all_.nights().drain();
  }

  const command_context& context_;
  status_observer& watcher_;
  composition& all_;
  systemd_notifier systemd_;
  life_end end_;
  bool stopping_ = false;
};

}  // namespace

exit_code run_daemon(command_context context) {
  const auto lock = state_lock::take(context.config().state_path);
  if (!lock) return fail_unlocked(context, lock.error());
  asio::io_context unused;
  const real_clock time(unused);
  // Declared before what uses it: the engine speaks to it until the last.
  status_observer watcher(context.watcher, time);
  auto loaded = std::make_unique<loaded_settings>(context.loaded);
  std::unique_ptr<loaded_settings> before;
  for (;;) {
    auto built = composition::build(*loaded, reach::own, watcher);
    if (!built && before) {
      // What could not be known beforehand: the old one is good still.
      refuse(watcher, error_text(std::span(&built.error(), 1)));
      loaded = std::move(before);
      continue;
    }
    if (!built) return fail(context, exit_code::configuration, built.error());
    life_end end = service_life(context, watcher, **built).live();
    if (end.stopped) {
      return fail(context, code_of(end.stopped->why),
                  fault{end.stopped->code, end.stopped->message});
    }
    if (!end.next) return exit_code::ok;
    built->reset();
    before = std::move(loaded);
    loaded = std::move(end.next);
  }
}

}  // namespace patchbay
