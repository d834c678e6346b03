#include "patchbay/policy/budgets.hpp"

#include <cstdio>

namespace patchbay {
namespace {

budget_entry weigh_one(std::string name, const budget_limit& limit, std::int64_t concerned,
                       std::int64_t whole) {
  budget_entry entry;
  entry.name = std::move(name);
  if (!limit.is_share) {
    entry.limit = std::to_string(limit.number);
    entry.value = std::to_string(concerned);
    entry.exceeded = concerned > limit.number;
    return entry;
  }
  const auto part = static_cast<double>(concerned);
  const auto of = static_cast<double>(whole);
  entry.limit = percent_text(limit.share);
  entry.value = percent_text(whole > 0 ? part / of : (concerned > 0 ? 1.0 : 0.0));
  // The tolerance keeps 20% of 10,000 from being less than 2,000.
  constexpr double tolerance = 1e-9;
  entry.exceeded = concerned > always_allowed_rows && part > limit.share * of * (1 + tolerance);
  return entry;
}

}  // namespace

std::string percent_text(double share) {
  if (share > 0 && share < 0.0001) return "<0.01%";
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", share * 100);
  std::string shown = text;
  shown.erase(shown.find_last_not_of('0') + 1);
  if (shown.back() == '.') shown.pop_back();
  return shown + "%";
}

std::vector<budget_entry> weigh(const budget_spec& spec, const drop_measures& measured) {
  std::vector<budget_entry> weighed;
  weighed.push_back(weigh_one("changes", spec.changes, measured.changes, measured.known));
  weighed.push_back(weigh_one("rejects", spec.rejects, measured.rejects, measured.rows));
  if (measured.absent) {
    weighed.push_back(weigh_one("absent", spec.absent, *measured.absent, measured.present_before));
  }
  for (const auto& [name, budget] : spec.fields) {
    const auto found = measured.fields.find(name);
    const field_measure field = found == measured.fields.end() ? field_measure{} : found->second;
    const std::string prefix = "fields." + name;
    if (budget.changes) {
      weighed.push_back(
          weigh_one(prefix + ".changes", *budget.changes, field.changes, measured.known));
    }
    if (budget.clears) {
      weighed.push_back(
          weigh_one(prefix + ".clears", *budget.clears, field.clears, measured.known));
    }
  }
  return weighed;
}

std::string exceeded_in_words(const std::vector<budget_entry>& weighed) {
  std::string words;
  for (const budget_entry& entry : weighed) {
    if (!entry.exceeded) continue;
    if (!words.empty()) words += "; ";
    words +=
        "budget " + entry.name + ": " + entry.value + " is more than the allowed " + entry.limit;
    if (!entry.detail.empty()) words += " (" + entry.detail + ")";
  }
  return words;
}

}  // namespace patchbay
