#include "patchbay/app/command_line.hpp"

#include <algorithm>
#include <iostream>
#include <span>
#include <string_view>

#include <CLI/CLI.hpp>

#include "patchbay/adapter/report/error_text.hpp"
#include "patchbay/app/config_units.hpp"
#include "patchbay/model/nearest.hpp"

namespace patchbay {
namespace {

constexpr int usage_exit = 64;

constexpr const char* closing =
    "Exit codes: 0 done, 2 changes pending (plan --detailed-exitcode), 3 some rejected, 4 held,\n"
    "5 stopped early, 11 state owned by another process, 64 usage, 65 malformed drop, 66 missing,\n"
    "69 unreachable, 74 disk, 75 try later, 77 credentials refused, 78 configuration bad.";

double share_of(const std::string& text) {
  const std::optional<double> share = parse_share(text);
  if (share && *share > 0) return *share;
  throw CLI::ValidationError("--sample", "expected a share such as 5%, found \"" + text + "\"");
}

/// Builds the tree of commands; every leaf writes which command it is.
class grammar {
 public:
  explicit grammar(invocation& ask)
      : ask_(ask), app_("Keeps the customers of a commerce API in step with an ERP.", "patchbay") {
    app_.set_version_flag("--version", std::string("patchbay ") + PATCHBAY_VERSION);
    app_.require_subcommand(1);
    app_.footer(closing);
    app_.fallthrough();
    common(app_);
    delivery_commands();
    drop_commands();
    letter_commands();
    look_commands();
  }

  CLI::App& app() { return app_; }

 private:
  void common(CLI::App& where) {
    where.add_option("-c,--config", ask_.config, "Configuration file")->capture_default_str();
    where.add_flag("--json", ask_.json, "Machine-readable result on stdout");
    where.add_flag("-q,--quiet", ask_.quiet, "Errors only on stderr");
    where.add_flag("-v,--verbose", ask_.verbose, "More on stderr (-vv: every request)");
    where.add_option("--log-format", ask_.log_format, "text, json or journal")
        ->check(CLI::IsMember({"text", "json", "journal"}));
    where.add_flag("--no-color", ask_.no_color, "No colours (also: NO_COLOR)");
  }

  CLI::App* leaf(CLI::App& parent, const std::string& name, const std::string& says, command what) {
    CLI::App* made = parent.add_subcommand(name, says);
    made->fallthrough();
    made->callback([this, what] { ask_.what = what; });
    return made;
  }

  void pass_options(CLI::App* at) {
    at->add_option("DROP", ask_.drop_file, "A CSV file; without it: what has been dropped");
    at->add_option("--job", ask_.job, "Only this job");
    at->add_flag("--all", ask_.list_all, "List every change and reject, not the first 1,000");
  }

  void report_options(CLI::App* at) {
    at->add_option("--format", ask_.format, "text, json or html")
        ->check(CLI::IsMember({"text", "json", "html"}))
        ->capture_default_str();
    at->add_option("-o,--output", ask_.output, "Write to this file");
  }

  void delivery_commands() {
    CLI::App* sync = leaf(app_, "sync", "Pick up, send what changed, until settled", command::sync);
    pass_options(sync);
    sync->add_flag("-n,--dry-run", ask_.dry_run, "Say what would be sent, send nothing");
    CLI::App* plan = leaf(app_, "plan", "The dry run: say what would be sent", command::plan);
    pass_options(plan);
    for (CLI::App* at : {sync, plan}) {
      at->add_flag("--offline", ask_.offline, "Dry run: do not look up customers never seen");
      at->add_flag("--detailed-exitcode", ask_.detailed_exitcode, "Dry run: 2 when changes pend");
    }
    report_options(plan);
    leaf(app_, "daemon", "The service: watch, schedule, deliver", command::daemon);
  }

  void drop_commands() {
    CLI::App* approve = leaf(app_, "approve", "Let a held drop through", command::approve);
    CLI::App* discard = leaf(app_, "discard", "Put a held drop away", command::discard);
    for (CLI::App* at : {approve, discard}) {
      at->add_option("DROP", ask_.subjects, "Its name as shown by status")->required();
      at->add_option("--job", ask_.job, "Whose drop it is, where two jobs hold one of that name");
    }
  }

  void letter_commands() {
    CLI::App* letters = app_.add_subcommand("dead-letters", "What was refused, and why");
    letters->fallthrough();
    letters->require_subcommand(1);
    leaf(*letters, "list", "One line each", command::letters_list)
        ->add_option("--job", ask_.job, "Only this job");
    leaf(*letters, "show", "Everything about one customer's", command::letters_show)
        ->add_option("KEY", ask_.subjects, "The customer's key")
        ->required();
    CLI::App* retry = leaf(*letters, "retry", "Try again at the next pass", command::letters_retry);
    retry->add_option("KEY", ask_.subjects, "Customers' keys");
    retry->add_flag("--all", ask_.list_all, "All of them");
    CLI::App* written = leaf(*letters, "export", "All of them as CSV, for whoever corrects them",
                             command::letters_export);
    written->add_option("-o,--output", ask_.output, "Write to this file");
    written->add_option("--job", ask_.job, "Only this job");
    leaf(*letters, "drop", "Waive the refused values", command::letters_drop)
        ->add_option("KEY", ask_.subjects, "Customers' keys")
        ->required();
  }

  void look_commands() {
    CLI::App* explain = leaf(app_, "explain", "Which file, line, run and request wrote each field",
                             command::explain);
    explain
        ->add_option("CUSTOMER", ask_.subjects,
                     "A key, an id of the API, or the hash that logs name")
        ->required()
        ->expected(1);
    explain->add_option("--job", ask_.job, "Only this job");
    leaf(app_, "status", "Jobs, pending, windows, held drops, last runs", command::status);
    CLI::App* report = leaf(app_, "report", "What a run did (default: the last)", command::report);
    report->add_option("RUN", ask_.subjects, "A run as shown by status");
    report_options(report);
    CLI::App* verify =
        leaf(app_, "verify", "Read the API and tell what others changed; writes nothing",
             command::verify);
    verify->add_option("--job", ask_.job, "Only this job");
    verify->add_option_function<std::string>(
        "--sample", [this](const std::string& text) { ask_.sample = share_of(text); },
        "Only a share of the customers, such as 5%");
    verify->add_flag("--detailed-exitcode", ask_.detailed_exitcode, "2 when something drifted");
    truth_commands();
    CLI::App* check =
        leaf(app_, "check", "Test configuration, folders, TLS, token, clock", command::check);
    check->add_flag("--no-network", ask_.no_network, "Only what can be tested on this machine");
  }

  /// They send, as sync does.
  void truth_commands() {
    CLI::App* adopt = leaf(app_, "adopt",
                           "Take what the API says now for what is acknowledged, and send what "
                           "then differs",
                           command::adopt);
    adopt->add_option("--job", ask_.job, "Only this job");
    CLI::App* revert = leaf(app_, "revert", "Put back what a run changed, unless it changed since",
                            command::revert);
    revert->add_option("RUN", ask_.subjects, "A run as shown by status")->required()->expected(1);
    CLI::App* rehearse =
        leaf(app_, "rehearse", "Tonight's drop on a virtual clock: when it ends, what is refused",
             command::rehearse);
    rehearse->add_option("DROP", ask_.drop_file, "A CSV file")->required();
    rehearse->add_option("--job", ask_.job, "The job it belongs to");
    rehearse->add_option("-o,--output", ask_.output, "Write to this file");
    for (CLI::App* at : {adopt, revert}) {
      at->add_flag("-n,--dry-run", ask_.dry_run, "Say what would be sent, send nothing");
      at->add_flag("--detailed-exitcode", ask_.detailed_exitcode, "Dry run: 2 when changes pend");
      at->add_flag("--all", ask_.list_all, "List every change and reject, not the first 1,000");
    }
  }

  invocation& ask_;
  CLI::App app_;
};

/// Options that only make sense together; CLI11's own words for it name the options, not why.
std::string misuse(const invocation& ask) {
  if (ask.what == command::letters_retry && ask.subjects.empty() && !ask.list_all) {
    return "dead-letters retry needs keys, or --all";
  }
  if (ask.what == command::sync && !ask.dry_run && (ask.offline || ask.detailed_exitcode)) {
    return "--offline and --detailed-exitcode belong to a dry run: add -n, or say plan";
  }
  return {};
}

/// The library only says that a command is required.
std::string unknown_command(const CLI::App& app, std::span<const char* const> words) {
  if (words.size() < 2 || words[1][0] == '-') return {};
  std::vector<std::string> names;
  for (const CLI::App* one : app.get_subcommands(nullptr)) names.push_back(one->get_name());
  const std::string word = words[1];
  if (std::find(names.begin(), names.end(), word) != names.end()) return {};
  const auto near = nearest(word, names);
  return "there is no command " + word + (near ? "; did you mean " + *near + "?" : "");
}

parsed_line wrong_usage(bool json, const std::string& message) {
  if (json) std::cout << error_json(fault{"USAGE", message}) << std::flush;
  return {std::nullopt, usage_exit};
}

}  // namespace

parsed_line parse_command_line(int argc, const char* const* argv) {
  invocation ask;
  grammar all(ask);
  const std::span words(argv, static_cast<std::size_t>(argc));
  const bool json = std::any_of(words.begin(), words.end(), [](const char* word) {
    return std::string_view(word) == "--json";
  });
  if (const std::string wrong = unknown_command(all.app(), words); !wrong.empty()) {
    std::cerr << "patchbay: " << wrong << "\nRun with --help for more information.\n";
    return wrong_usage(json, wrong);
  }
  try {
    all.app().parse(argc, argv);
  } catch (const CLI::ParseError& ended) {
    all.app().exit(ended, std::cout, std::cerr);
    if (ended.get_exit_code() == 0) return {std::nullopt, 0};
    return wrong_usage(json, ended.what());
  }
  if (ask.what == command::plan) ask.dry_run = true;
  const std::string wrong = misuse(ask);
  if (wrong.empty()) return {ask, 0};
  std::cerr << "patchbay: " << wrong << '\n';
  return wrong_usage(json, wrong);
}

}  // namespace patchbay
