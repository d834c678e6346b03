#include <algorithm>

#include "patchbay/adapter/report/text_layout.hpp"
#include "run_sections.hpp"

namespace patchbay {
namespace {

/// A drop's name as a word of a shell command.
std::string shell_word(const std::string& text) {
  constexpr const char* plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+=:@";
  const std::string clean = printable(text);
  if (!clean.empty() && clean.find_first_not_of(plain) == std::string::npos) return clean;
  std::string quoted = "'";
  for (const char c : clean) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string advice(const std::string& text) {
  return wrapped(text, 2, report_columns);
}

/// A command with what it is for, never broken over two lines.
std::string command(const std::string& purpose, const std::string& line) {
  return "  " + padded(purpose, 24) + clipped(line, report_columns - 26) + "\n";
}

bool is_ours(const run_report& report) {
  return report.drop && is_values_drop(report.drop->origin);
}

/// What would do for real what a dry run of ours has shown.
std::string our_command(const run_report& report) {
  if (report.drop->origin == drop_origin::adopt) return "patchbay adopt --job " + report.job;
  std::string run = report.drop->file;  // revert-RUN.csv
  run = run.substr(std::min(run.find('-') + 1, run.size()));
  return "patchbay revert " + shell_word(run.substr(0, run.rfind('.')));
}

/// Whose values count from a revert on.
std::string waived_advice(const run_report& report) {
  const bool reverts = report.drop && report.drop->origin == drop_origin::revert;
  if (!reverts || report.totals.applied + report.totals.pending == 0) return {};
  std::string out = advice(
      "While the ERP repeats the values of that run, they are waived: nothing is sent until it "
      "says "
      "something else.");
  if (!report.dry_run) {
    out += command("To take it back:", "patchbay revert " + shell_word(report.run));
  }
  return out;
}

std::string our_held_advice(const run_report& report) {
  if (report.dry_run) {
    return advice("Is it what you mean? The real run holds it until you let it through:") +
           command("", our_command(report));
  }
  return command("It is what you mean:",
                 "patchbay approve " + shell_word(lying_name(*report.drop))) +
         command("It is not:", "patchbay discard " + shell_word(lying_name(*report.drop))) +
         advice(
             "Once approved, the next patchbay sync or the daemon plans it again, and sends it.");
}

std::string held_advice(const run_report& report) {
  if (is_ours(report)) return our_held_advice(report);
  if (waits_behind(report)) {
    return advice("Nothing is to be decided of this drop: it follows the one before it by itself.");
  }
  const std::string drop = report.drop ? shell_word(lying_name(*report.drop)) : "DROP";
  if (report.dry_run) {
    return advice(
               "Look at what exceeds its budget. If the export is wrong, let the ERP write a "
               "good one; if it is right, the real run holds it until you let it through:") +
           command("", "patchbay approve " + drop);
  }
  const bool replaced = !report.drop || report.drop->mode == drop_mode::snapshot;
  return command("The export is right:", "patchbay approve " + drop) +
         command("The export is wrong:", "patchbay discard " + drop) +
         (replaced ? advice("Or drop a good one: a newer snapshot takes the place of this one.")
                   : advice("Newer deltas wait until one of the two is said."));
}

std::string rejects_advice(const run_report& report) {
  if (report.totals.rejected + report.carried.rejected == 0) return {};
  if (is_ours(report)) {
    return advice("What was rejected stays as it is at the API, and is tried again by itself:") +
           command("", "patchbay dead-letters list");
  }
  std::string out = advice("Correct the rejected rows in the ERP; the next drop tries them again.");
  if (report.drop && report.totals.rejected > 0) {
    out += command("They lie in:",
                   "feedback/" + shell_word(lying_name(*report.drop) + ".rejected.csv"));
  }
  // What intake refused never reached the API, and is no dead letter.
  const bool by_the_api =
      report.carried.rejected > 0 ||
      std::any_of(report.rejects.begin(), report.rejects.end(), [](const reject_entry& one) {
        return !one.request_id.empty() || one.code == "RETRIES_EXHAUSTED";
      });
  if (!by_the_api) return out;
  return out + command("Refused by the API:", "patchbay dead-letters list") +
         command("Once more as they are:", "patchbay dead-letters retry KEY");
}

std::string failed_advice(const run_report& report) {
  if (!report.drop) return advice("Nothing was changed. Put it right and run it again.");
  const std::string code = report.error ? report.error->code : "";
  if ((code == "DROP_UNSAFE" || code == "DROP_NOT_MOVED") && !report.dry_run) {
    return advice("It was not taken and lies where it was. Put it right and run it again.");
  }
  return advice("Nothing of this drop was sent. Mend the export and drop it again" +
                std::string(report.dry_run ? "." : "; the file lies in failed/."));
}

}  // namespace

std::string next_section(const run_report& report) {
  std::string out;
  switch (report.outcome) {
    case run_outcome::done:
    case run_outcome::partial:
      if (report.dry_run && report.totals.pending > 0) {
        out += is_ours(report) ? command("To send it:", our_command(report))
                               : advice("To send it: patchbay sync, with the same file.");
      }
      out += waived_advice(report);
      if (!report.dry_run) {
        out += rejects_advice(report);
        if (report.totals.pending + report.carried.pending > 0) {
          out += advice("What is pending goes on with the next patchbay sync, or the daemon.");
        }
      }
      break;
    case run_outcome::held:
      out += held_advice(report);
      break;
    case run_outcome::stopped:
      out += rejects_advice(report);
      out += advice("Nothing is lost: the next patchbay sync, or the daemon, goes on from here.");
      break;
    case run_outcome::failed:
      out += failed_advice(report);
      break;
  }
  return out.empty() ? out : "What to do\n" + out;
}

}  // namespace patchbay
