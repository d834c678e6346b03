#include "doubts.hpp"

#include <algorithm>

#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

std::vector<std::string> names_of(const std::string& json) {
  std::vector<std::string> names;
  for (const auto& [name, mark] : values_of(json, "doubt.fields")) names.push_back(name);
  return names;
}

std::string text_of(const std::vector<std::string>& names) {
  field_values marks;
  for (const std::string& name : names) marks.emplace(name, value{"1"});
  return write_values(marks);
}

std::vector<std::string> joined(std::vector<std::string> names,
                                const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void save_doubt(database& base, job_number job, std::string_view key, const kept_doubt& kept) {
  query save = base.ask("INSERT OR REPLACE INTO doubt VALUES(?,?,?,?,?,?,?,?)");
  save << job << key << kept.slot << text_of(kept.fields) << kept.line << code_of(kept.earlier)
       << text_of(kept.earlier_fields) << std::int64_t{kept.not_before.count()};
  save.run();
}

}  // namespace

doubt kept_doubt::seen() const {
  doubt made;
  made.fields = joined(fields, earlier_fields);
  made.slot = slot;
  made.not_before = not_before;
  if (slot != 0) {
    made.at = doubt::phase::in_flight;
  } else {
    made.at =
        earlier == earlier_attempts::proving ? doubt::phase::proving : doubt::phase::unanswered;
  }
  return made;
}

std::optional<kept_doubt> load_doubt(database& base, job_number job, std::string_view key) {
  query asked = base.ask(
      "SELECT slot, fields, line, earlier, earlier_fields, not_before FROM doubt"
      " WHERE job=? AND key=?");
  asked << job << key;
  if (!asked.step()) return std::nullopt;
  kept_doubt kept;
  kept.slot = asked.number(0);
  kept.fields = names_of(asked.text(1));
  kept.line = asked.number(2);
  kept.earlier = static_cast<earlier_attempts>(asked.number(3));
  kept.earlier_fields = names_of(asked.text(4));
  kept.not_before = instant(asked.number(5));
  return kept;
}

void begin_attempt(database& base, job_number job, const lease_request& asked, slot_number slot) {
  kept_doubt kept = load_doubt(base, job, asked.key).value_or(kept_doubt{});
  if (kept.slot != 0) {
    // An attempt that nobody ended: its process is gone.
    kept.earlier = earlier_attempts::unanswered;
    kept.earlier_fields = joined(kept.earlier_fields, kept.fields);
  }
  kept.slot = slot;
  kept.fields = joined(asked.fields, {});
  kept.line = line_wanted(base, job, asked.key);
  save_doubt(base, job, asked.key, kept);
}

std::vector<attempt> attempts_in_flight(database& base) {
  std::vector<attempt> found;
  query asked = base.ask("SELECT job, key, slot FROM doubt WHERE slot<>0");
  while (asked.step()) found.push_back({asked.number(0), asked.text(1), asked.number(2)});
  return found;
}

bool end_attempt(database& base, const attempt& ended, attempt_end how, instant prove_at) {
  return end_attempt(base, ended, load_doubt(base, ended.job, ended.key), how, prove_at);
}

bool end_attempt(database& base, const attempt& ended, std::optional<kept_doubt> kept,
                 attempt_end how, instant prove_at) {
  if (!kept) return false;
  if (kept->slot != ended.slot) return true;  // another attempt's mark
  switch (how) {
    case attempt_end::applied:
    case attempt_end::given_up:
      if (kept->earlier == earlier_attempts::answered) break;
      kept->earlier = earlier_attempts::proving;
      kept->not_before = prove_at;
      break;
    case attempt_end::definite_no:
      break;
    case attempt_end::shaken:
    case attempt_end::put_off:
      kept->earlier = earlier_attempts::proving;
      kept->earlier_fields = joined(kept->earlier_fields, kept->fields);
      kept->not_before = prove_at;
      break;
    case attempt_end::unanswered:
      kept->earlier = earlier_attempts::unanswered;
      kept->earlier_fields = joined(kept->earlier_fields, kept->fields);
      kept->not_before = instant(0);
      break;
  }
  kept->slot = 0;
  kept->fields.clear();
  if (kept->earlier == earlier_attempts::answered) {
    delete_doubt(base, ended.job, ended.key);
    return false;
  }
  save_doubt(base, ended.job, ended.key, *kept);
  return true;
}

bool metadata_may_be_undone(database& base, job_number job, std::string_view id) {
  query asked = base.ask(
      "SELECT 1 FROM doubt d JOIN customer c ON c.job=d.job AND c.key=d.key"
      " WHERE d.job<>?1 AND d.earlier<>?3 AND d.earlier_fields LIKE '%\"metadata.%' AND c.id=?2"
      " LIMIT 1");
  asked << job << id << static_cast<std::int64_t>(earlier_attempts::answered);
  return asked.step();
}

void delete_doubt(database& base, job_number job, std::string_view key) {
  query gone = base.ask("DELETE FROM doubt WHERE job=? AND key=?");
  gone << job << key;
  gone.run();
}

}  // namespace patchbay
