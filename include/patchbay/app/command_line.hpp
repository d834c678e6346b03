// The command line as values (CLI11). Secrets never come from flags or the environment.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace patchbay {

enum class command {
  sync,
  plan,
  daemon,
  approve,
  discard,
  letters_list,
  letters_show,
  letters_retry,
  letters_drop,
  letters_export,
  explain,
  verify,
  adopt,
  revert,
  rehearse,
  status,
  report,
  check,
};

struct invocation {
  patchbay::command what = command::sync;
  std::filesystem::path config = "/etc/patchbay/patchbay.yaml";
  std::optional<std::string> job;
  std::optional<std::filesystem::path> drop_file;  ///< sync, plan
  std::vector<std::string> subjects;               ///< keys, a drop's name, or a run
  bool dry_run = false;
  bool json = false;
  bool offline = false;
  bool detailed_exitcode = false;
  bool list_all = false;    ///< --all
  bool no_network = false;  ///< check
  double sample = 1;        ///< verify: the share of customers, 0 … 1
  bool quiet = false;
  int verbose = 0;
  bool no_color = false;
  std::string log_format;  ///< empty: the configuration's
  std::string format = "text";
  std::optional<std::filesystem::path> output;
};

/// Either what to do, or the exit code with which to end at once (help, version: 0; usage: 64).
struct parsed_line {
  std::optional<invocation> ask;
  int exit_with = 0;
};

[[nodiscard]] parsed_line parse_command_line(int argc, const char* const* argv);

}  // namespace patchbay
