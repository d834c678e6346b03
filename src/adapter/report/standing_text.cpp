// What a pass says that found nothing to do.
#include "patchbay/adapter/report/status_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "status_words.hpp"

namespace patchbay {

std::string standing_text(const status_report& status, std::string_view nothing) {
  std::int64_t held = 0;
  std::int64_t waiting = 0;
  std::int64_t letters = 0;
  std::string refused;
  for (const job_status& job : status.jobs) {
    held += static_cast<std::int64_t>(job.held.size());
    waiting += static_cast<std::int64_t>(job.waiting.size());
    letters += job.dead_letters;
    if (!job.refused) continue;
    const refused_rows& rows = *job.refused;
    refused += ", " + counted(rows.rows, "row", "rows") + " of " + printable(rows.drop) +
               (rows.rows == 1 ? " was" : " were") + " refused (feedback/" + printable(rows.drop) +
               ".rejected.csv)";
  }
  std::string stands;
  if (held > 0) stands += ", " + counted(held, "drop is", "drops are") + " held";
  if (waiting > 0) stands += ", " + counted(waiting, "drop waits", "drops wait") + " behind";
  if (held + waiting > 0) stands += " (patchbay status)";
  if (letters > 0) {
    stands += ", " + counted(letters, "customer has", "customers have") +
              " dead letters (patchbay dead-letters list)";
  }
  stands += refused;
  if (stands.empty()) return std::string(nothing) + ": in sync.\n";
  return wrapped(std::string(nothing) + ";" + stands.substr(1) + ".", 0, report_columns);
}

std::string asked_for_text(const status_report& status) {
  if (status.asked.empty()) return {};
  std::string all;
  for (const asked_for& one : status.asked)
    all += (all.empty() ? "" : ", ") + asked_text(one, true);
  return wrapped(
      "The next patchbay sync or the daemon first carries out what was asked for, and "
      "what comes of it is not planned here: " +
          all + ".",
      0, report_columns);
}

}  // namespace patchbay
