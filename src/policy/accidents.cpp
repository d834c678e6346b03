#include "patchbay/policy/accidents.hpp"

#include <cmath>
#include <string>

#include "patchbay/policy/budgets.hpp"

namespace patchbay {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// Counted in columns: each one is too many.
budget_entry weigh_columns(std::string name, const std::vector<std::string>& concerned) {
  budget_entry entry;
  entry.name = std::move(name);
  entry.limit = "0";
  entry.value = std::to_string(concerned.size());
  entry.exceeded = !concerned.empty();
  for (const std::string& column : concerned) {
    entry.detail += (entry.detail.empty() ? "" : ", ") + column;
  }
  return entry;
}

/// `part`: a share of the drop's rows, or of the rows before.
budget_entry weigh_share(std::string name, double limit, double part, std::int64_t of_rows) {
  budget_entry entry;
  entry.name = std::move(name);
  entry.limit = percent_text(limit);
  entry.value = percent_text(part);
  const auto rows = std::llround(part * static_cast<double>(of_rows));
  constexpr double tolerance = 1e-9;
  entry.exceeded = rows > always_allowed_rows && part > limit + tolerance;
  return entry;
}

/// The columns of one header that the other lacks.
std::vector<std::string> missing_in(const drop_profile& other, const drop_profile& one) {
  std::vector<std::string> missing;
  for (const auto& [name, column] : one.columns) {
    if (!other.columns.contains(name)) missing.push_back(name);
  }
  return missing;
}

/// Calls `visit(name, before, now)` for the mapped columns of both drops.
template <class Visit>
void for_both(const drop_profile& before, const drop_profile& now, Visit visit) {
  for (const auto& [name, column] : now.columns) {
    const auto then = before.columns.find(name);
    if (column && then != before.columns.end() && then->second) visit(name, *then->second, *column);
  }
}

std::vector<std::string> became_equal(const drop_profile& before, const drop_profile& now) {
  std::vector<std::string> equal;
  if (now.sampled <= always_allowed_rows) return equal;
  for_both(before, now,
           [&](const std::string& name, const column_profile& then, const column_profile& column) {
             const bool empty = column.empty == now.sampled;  // the next detector's business
             if (column.equal && !then.equal && !empty) equal.push_back(name);
           });
  return equal;
}

budget_entry weigh_emptiness(double limit, const drop_profile& before, const drop_profile& now) {
  double worst = 0;
  std::string detail;
  for_both(before, now,
           [&](const std::string& name, const column_profile& then, const column_profile& column) {
             const double was = share(then.empty, before.sampled);
             const double is = share(column.empty, now.sampled);
             if (is - was <= worst) return;
             worst = is - was;
             detail = name + ": " + percent_text(is) + " of the cells are empty, " +
                      percent_text(was) + " in the drop before";
           });
  budget_entry entry = weigh_share("EMPTINESS_JUMPED", limit, worst, now.rows);
  entry.detail = std::move(detail);
  return entry;
}

budget_entry weigh_encoding(double limit, const drop_profile& before, const drop_profile& now) {
  const double was = share(before.damaged, before.sampled);
  const double is = share(now.damaged, now.sampled);
  budget_entry entry = weigh_share("ENCODING_TURNED", limit, std::max(0.0, is - was), now.rows);
  entry.detail = percent_text(is) + " of the rows hold characters that look misread, " +
                 percent_text(was) + " in the drop before";
  return entry;
}

budget_entry weigh_rows(double limit, const drop_profile& before, const drop_profile& now) {
  const double fell = std::max(0.0, share(before.rows - now.rows, before.rows));
  budget_entry entry = weigh_share("ROWS_FELL", limit, fell, before.rows);
  entry.detail =
      std::to_string(now.rows) + " rows, " + std::to_string(before.rows) + " in the drop before";
  return entry;
}

budget_entry weigh_keys(const drop_comparison& drops) {
  const std::int64_t rows = drops.now.rows;
  const double strange = drops.known_seen > 0 ? 1 - share(drops.known_seen, rows) : 1.0;
  budget_entry entry = weigh_share("KEY_CHANGED", 1, std::max(0.0, strange), rows);
  entry.exceeded = rows > always_allowed_rows && drops.known_before > always_allowed_rows &&
                   drops.known_seen == 0;
  entry.detail = "of " + std::to_string(drops.known_before) + " known customers, " +
                 std::to_string(drops.known_seen) + " have a row";
  return entry;
}

}  // namespace

std::vector<budget_entry> weigh_accidents(const accident_spec& spec, const drop_comparison& drops) {
  std::vector<budget_entry> weighed;
  if (!drops.before) return weighed;
  const drop_profile& before = *drops.before;
  const drop_profile& now = drops.now;
  if (spec.column_vanished) {
    weighed.push_back(weigh_columns("COLUMN_VANISHED", missing_in(now, before)));
  }
  if (spec.column_appeared) {
    weighed.push_back(weigh_columns("COLUMN_APPEARED", missing_in(before, now)));
  }
  if (drops.snapshot && spec.values_equal) {
    weighed.push_back(weigh_columns("VALUES_EQUAL", became_equal(before, now)));
  }
  if (drops.snapshot && spec.emptiness_jumped) {
    weighed.push_back(weigh_emptiness(*spec.emptiness_jumped, before, now));
  }
  if (spec.encoding_turned) {
    weighed.push_back(weigh_encoding(*spec.encoding_turned, before, now));
  }
  if (drops.snapshot && spec.rows_fell) {
    weighed.push_back(weigh_rows(*spec.rows_fell, before, now));
  }
  if (drops.snapshot && spec.key_changed) weighed.push_back(weigh_keys(drops));
  return weighed;
}

}  // namespace patchbay
