// The program: reads the command line and the configuration, runs one command, and turns what
// escapes it into an exit code.
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>

#include <boost/asio/io_context.hpp>
#include <signal.h>

#include "patchbay/adapter/report/error_text.hpp"
#include "patchbay/adapter/system/real_clock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/port/intake_store.hpp"

namespace patchbay {
namespace {

exit_code carry_out(command_context context) {
  switch (context.ask.what) {
    case command::sync:
      return context.ask.dry_run ? run_plan(context) : run_sync(context);
    case command::plan:
      return run_plan(context);
    case command::daemon:
      return run_daemon(context);
    case command::approve:
    case command::discard:
      return run_decision(context);
    case command::letters_list:
    case command::letters_show:
    case command::letters_retry:
    case command::letters_drop:
    case command::letters_export:
      return run_dead_letters(context);
    case command::explain:
      return run_explain(context);
    case command::verify:
      return run_verify(context);
    case command::adopt:
      return run_adopt(context);
    case command::revert:
      return run_revert(context);
    case command::rehearse:
      return run_rehearse(context);
    case command::status:
      return run_status(context);
    case command::report:
      return run_report_command(context);
    case command::check:
      return run_check(context);
  }
  return exit_code::bug;
}

exit_code refuse_configuration(const invocation& ask, const config_faults& faults) {
  if (ask.json) std::cout << error_json(faults.front()) << std::flush;
  boost::asio::io_context unused;
  const real_clock time(unused);
  log_observer watcher(log_options_for(log_wishes_of(ask, settings())), time);
  bool noted = false;
  for (const placed_fault& one : faults) noted = watcher.note_end(one);
  if (!noted) std::cerr << error_text(faults) << std::flush;
  return exit_code::configuration;
}

/// A signal that comes before the daemon watches for it waits until it does: held here, before any
/// thread is made, for each would inherit the other.
void hold_signals_for_later() {
  sigset_t all;
  sigemptyset(&all);
  for (const int one : {SIGHUP, SIGINT, SIGTERM}) sigaddset(&all, one);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

exit_code run(const invocation& ask) {
  if (ask.what == command::daemon) hold_signals_for_later();
  const auto loaded = settings_of(ask);
  if (!loaded) return refuse_configuration(ask, loaded.error());
  boost::asio::io_context unused;
  const real_clock time(unused);
  log_observer watcher(log_options_for(log_wishes_of(ask, loaded->values)), time);
  const command_context context{ask, *loaded, watcher};
  try {
    return ended_with(context, carry_out(context));
  } catch (const store_error& lost) {
    return fail(context, exit_code::disk,
                fault{"DISK", std::string(lost.what()) + "; nothing more is sent"});
  } catch (const std::filesystem::filesystem_error& lost) {
    return fail(context, exit_code::disk,
                fault{"DISK", std::string(lost.what()) + "; nothing more is sent"});
  } catch (const std::exception& bug) {
    return fail(
        context, exit_code::bug,
        fault{"BUG", std::string("this is a bug of patchbay, please report it: ") + bug.what()});
  }
}

}  // namespace
}  // namespace patchbay

int main(int argc, char** argv) {
  // Who reads our output may go away first; that is no reason to leave work half done.
  std::signal(SIGPIPE, SIG_IGN);
  const patchbay::parsed_line line = patchbay::parse_command_line(argc, argv);
  if (!line.ask) return line.exit_with;
  return static_cast<int>(patchbay::run(*line.ask));
}
