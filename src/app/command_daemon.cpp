// `patchbay daemon`: the service. Watches the drop directories, keeps the schedule, delivers, tells
// systemd, drains on the first signal, and takes a changed configuration over on SIGHUP: what is in
// flight is finished, then it goes on with the new one, without giving up the lock.
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>

#include <boost/asio/steady_timer.hpp>
#include <signal.h>

#include "feedback_files.hpp"
#include "patchbay/adapter/report/error_text.hpp"
#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/report/run_text.hpp"
#include "patchbay/adapter/report/status_text.hpp"
#include "patchbay/adapter/system/folder_watch.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "process_meters.hpp"
#include "report_files.hpp"
#include "service_notices.hpp"
#include "status_door.hpp"
#include "status_gathering.hpp"
#include "status_observer.hpp"
#include "status_site.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds look_at_owed_every{10};

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

/// What goes on over all configurations: who listens to the engine, the counters, the socket.
struct lasting_parts {
  lasting_parts(const command_context& context, const clock& time)
      : watcher(context.watcher), meters(watcher, time) {}

  status_observer watcher;
  process_meters meters;
  status_door door;
};

void say_kept(observer& watcher, std::string why) {
  while (why.ends_with('\n')) why.pop_back();
  watcher.note(severity::error, "configuration_kept", "the old configuration stays: " + why, {});
}

/// How one life of the service ended: told to stop, by a stop, or to go on with other settings.
struct life_end {
  std::optional<stop> stopped = {};
  std::unique_ptr<loaded_settings> next = {};
};

/// Why a life of the service begins.
enum class beginning {
  started,  ///< the process did
  taken,    ///< with a configuration as read again
  kept,     ///< that could not be taken: with the old one
};

/// The service under one configuration.
class service_life {
 public:
  service_life(const command_context& context, lasting_parts& lasting, composition& all,
               beginning how)
      : context_(context),
        how_(how),
        watcher_(lasting.watcher),
        live_(lasting.meters.live),
        door_(lasting.door),
        all_(all),
        notices_(all, lasting.watcher, context.watcher),
        owed_(all.loop()),
        site_(all, lasting.meters, lasting.door.open()) {}

  life_end live() {
    const settings& config = all_.config();
    folder_watch watch(all_.loop(), folders_of(config),
                       {[this] { all_.nights().look_again(); },
                        [this](const auto& folder, bool there) { tell_folder(folder, there); }});
    report_files files(all_);
    feedback_files feedback(all_, watcher_);
    all_.nights().tell_older_to([&feedback](const drop_record& drop) { feedback.tell(drop); });
    all_.nights().tell_producers_with(
        [&feedback](const run_report& report) { feedback.tell(report); });
    all_.nights().tell_reports_to([this](const run_report& report) { tell_run(report); });
    all_.nights().tell_runs_to([this, &files](const std::vector<run_report>& run) {
      keep(watcher_, files, run);
      watcher_.rests(run.front().job);
    });
    write_owed(feedback);
    tell_beginning();
    tell_lost_jobs();
    if (const web_listener* door = door_.open()) {
      watcher_.note(severity::info, "http_listening",
                    "the status page is " + door->url() + "/status", {{"url", door->url()}});
    }
    all_.run(
        serve(watch), [this] { stop_serving(); }, [this] { read_again(); });
    return std::move(end_);
  }

 private:
  void tell_beginning() {
    const std::string watches = "watching " + std::to_string(all_.config().jobs.size()) + " job(s)";
    switch (how_) {
      case beginning::started:
        return watcher_.note(severity::info, "daemon_started", watches, {});
      case beginning::taken:
        return watcher_.note(severity::info, "configuration_taken",
                             "the configuration as read again counts now: " + watches, {});
      case beginning::kept:
        return;  // said already
    }
  }

  void tell_lost_jobs() {
    const auto lost = all_.in_store([this] { return lost_jobs(all_.store(), all_.config()); });
    for (const lost_job& one : lost) {
      watcher_.note(severity::warning, "job_lost", one.name + ": " + lost_text(one),
                    {{"job", one.name}});
    }
  }

  asio::awaitable<void> serve(folder_watch& watch) {
    hold_signals(false);
    notices_.begin();
    std::exception_ptr lost;
    try {
      end_.stopped = co_await all_.nights().serve();
    } catch (...) {
      // The disk, or a bug: what waits on the loop is closed all the same, so that it ends.
      lost = std::current_exception();
    }
    if (end_.next) {
      hold_signals(true);
    } else if (!stopping_) {
      notices_.stopping();
    }
    watch.close();
    owed_.cancel();
    site_.close();
    notices_.end();
    if (lost) std::rethrow_exception(lost);
  }

  /// Nothing tells when there is room again, or the folder is back.
  void write_owed(feedback_files& feedback) {
    owed_.expires_after(look_at_owed_every);
    owed_.async_wait([this, &feedback](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      feedback.write_owed();
      write_owed(feedback);
    });
  }

  void stop_serving() {
    notices_.stopping();
    stopping_ = true;
    end_.next.reset();
    site_.drain();
    all_.nights().drain();
  }

  void tell_folder(const std::filesystem::path& folder, bool there) {
    log_fields whose;
    for (const job_spec& job : all_.config().jobs) {
      if (job.source.directory == folder) whose.emplace_back("job", job.name);
    }
    if (there) {
      live_.note(severity::info, "folder_back",
                 folder.string() + " is there again, and watched as before", whose);
    } else {
      live_.note(severity::warning, "folder_gone",
                 folder.string() + " is not there: nothing can be dropped until it is back", whose);
    }
  }

  void tell_run(const run_report& report) {
    site_.add(report);
    const severity how = report.outcome == run_outcome::done ? severity::info : severity::warning;
    watcher_.note(how, "run_done", run_line(report), {{"run", report.run}, {"job", report.job}});
  }

  void refuse(std::string why) {
    say_kept(watcher_, std::move(why));
    notices_.kept();
  }

  /// A bad configuration changes nothing; neither does one of another state, whose lock we lack.
  void read_again() {
    if (stopping_) return;
    notices_.reloading();
    auto fresh = settings_of(context_.ask);
    if (!fresh) return refuse(error_text(fresh.error()));
    if (fresh->values.state_path != all_.config().state_path) {
      return refuse("state.path has changed, for that the service must be started again");
    }
    if (fresh->values.key_file != all_.config().key_file) {
      return refuse(
          "state.key_file has changed: what waits sealed could not be opened any more; send it "
          "first, "
          "then start the service again");
    }
    if (context_.ask.log_format.empty() && fresh->values.log_format != all_.config().log_format) {
      return refuse("log.format has changed, for that the service must be started again");
    }
    if (const auto wrong = composition::unfit(*fresh)) {
      return refuse(error_text(std::span(&*wrong, 1)));
    }
    if (const auto opened = door_.prepare(fresh->values); !opened) {
      return refuse("http.listen: " + opened.error().message);
    }
    live_.note(severity::info, "configuration_read",
               "the configuration is read again; it counts once what is in flight is finished", {});
    end_.next = std::make_unique<loaded_settings>(std::move(*fresh));
    all_.nights().drain();
  }

  const command_context& context_;
  beginning how_;
  status_observer& watcher_;
  live_observer& live_;
  status_door& door_;
  composition& all_;
  service_notices notices_;
  asio::steady_timer owed_;
  status_site site_;
  life_end end_;
  bool stopping_ = false;
};

}  // namespace

exit_code run_daemon(command_context context) {
  const auto lock = state_lock::take(context.config().state_path);
  if (!lock) return fail_unlocked(context, lock.error());
  // Declared before what uses it: the engine speaks to it until the last.
  asio::io_context unused;
  const real_clock time(unused);
  lasting_parts lasting(context, time);
  auto loaded = std::make_unique<loaded_settings>(context.loaded);
  if (const auto opened = lasting.door.prepare(loaded->values); !opened) {
    return fail(context, exit_code::configuration,
                placed_at(*loaded, "http.listen", opened.error().code, opened.error().message));
  }
  std::unique_ptr<loaded_settings> before;
  beginning how = beginning::started;
  for (;;) {
    lasting.door.turn();
    auto built =
        composition::build(*loaded, reach::own, lasting.meters.live, &lasting.meters.numbers);
    if (!built && before) {
      // What could not be known beforehand: the old one is good still.
      const placed_fault why = built.error();
      say_kept(lasting.watcher, error_text(std::span(&why, 1)));
      loaded = std::move(before);
      how = beginning::kept;
      context.watcher.set_least(log_options_for(log_wishes_of(context.ask, loaded->values)).least);
      continue;
    }
    if (!built) return fail(context, exit_code::configuration, built.error());
    life_end end = service_life(context, lasting, **built, how).live();
    if (end.stopped) {
      lasting.watcher.note(severity::error, "stopped", end.stopped->message, {});
      return fail(context, code_of(end.stopped->why),
                  fault{end.stopped->code, end.stopped->message});
    }
    if (!end.next) return exit_code::ok;
    built->reset();
    before = std::move(loaded);
    loaded = std::move(end.next);
    how = beginning::taken;
    context.watcher.set_least(log_options_for(log_wishes_of(context.ask, loaded->values)).least);
  }
}

}  // namespace patchbay
