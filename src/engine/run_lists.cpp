#include "run_lists.hpp"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "intake_compare.hpp"
#include "patchbay/port/seal.hpp"

namespace patchbay {
namespace {

reject_entry as_reject(const dead_letter& letter) {
  return {.key = letter.key,
          .file = letter.file,
          .line = letter.line,
          .column = letter.column,
          .field = letter.field,
          .code = letter.code,
          .message = letter.message,
          .request_id = letter.request_id};
}

bool is_older(const run_start& begun, drop_number number) {
  return std::any_of(begun.drops.begin(), begun.drops.end(),
                     [number](const drop_record& one) { return one.number == number; });
}

/// What an operator has waived since is no change. A sensitive one is masked here, and cannot be
/// compared: it was waived if anything of that field was.
void leave_out_waived(change_entry& change, const customer_levels& customer) {
  std::erase_if(change.fields, [&customer](const auto& field) {
    const auto waived = customer.waived.find(field.first);
    if (waived == customer.waived.end()) return false;
    return is_veiled(waived->second) || same(waived->second, field.second.second);
  });
}

/// What the row of this drop still owes.
void mark_one(change_entry& change, const customer_levels& customer, drop_number drop) {
  change.open.clear();
  if (!customer.wanted || customer.wanted->drop < drop) return;
  const bool ours = customer.wanted->drop == drop;
  const field_values owed = fields_to_send(customer);
  for (const auto& [name, values] : change.fields) {
    if (!owed.contains(name)) continue;
    change.open.emplace(name, ours ? customer.wanted->counted : row_class::superseded);
  }
}

}  // namespace

customers_now look_at_customers(intake_store& store, const std::string& job,
                                const std::set<std::string>& keys) {
  const std::vector<std::string> all(keys.begin(), keys.end());
  customers_now found;
  for (std::size_t at = 0; at < all.size(); at += most_listed) {
    const auto page = std::span(all).subspan(at, std::min(most_listed, all.size() - at));
    for (customer_levels& one : store.lookup(job, page)) {
      std::string key = one.key;
      found.emplace(std::move(key), std::move(one));
    }
  }
  return found;
}

std::set<std::string> named_keys(const std::vector<run_report>& reports,
                                 const std::vector<dead_letter>& letters) {
  std::set<std::string> keys;
  for (const run_report& report : reports) {
    for (const change_entry& one : report.changes) keys.insert(one.key);
  }
  for (const dead_letter& one : letters) keys.insert(one.key);
  return keys;
}

std::vector<dead_letter> refused_since(const run_start& begun,
                                       const std::vector<dead_letter>& letters) {
  std::map<std::pair<std::string, std::string>, int> before;
  for (const dead_letter& one : begun.letters) {
    before.emplace(std::pair(one.key, one.field), one.attempts);
  }
  std::vector<dead_letter> fresh;
  for (const dead_letter& one : letters) {
    const auto known = before.find(std::pair(one.key, one.field));
    if (known == before.end() || known->second != one.attempts) fresh.push_back(one);
  }
  return fresh;
}

std::vector<dead_letter> that_count(std::vector<dead_letter> letters, const customers_now& now) {
  std::erase_if(letters, [&now](const dead_letter& one) {
    const auto found = now.find(one.key);
    if (found == now.end() || !found->second.wanted) return false;
    return found->second.wanted->counted != row_class::rejected;
  });
  return letters;
}

std::int64_t older_rejected(const run_start& begun, const std::vector<dead_letter>& fresh) {
  std::set<std::string> keys;
  for (const dead_letter& one : fresh) {
    if (is_older(begun, one.drop)) keys.insert(one.key);
  }
  return static_cast<std::int64_t>(keys.size());
}

void add_rejects(run_report& report, const std::vector<dead_letter>& letters,
                 const std::vector<dead_letter>& fresh, const run_start& begun, bool with_older) {
  // A row that repeats refused values stands there since the plan, with the letter's own words.
  // An API that says the same twice is listed once.
  const auto words = [](const reject_entry& one) {
    return std::tuple(one.key, one.line, one.field, one.code, one.message);
  };
  std::set<std::tuple<std::string, std::int64_t, std::string, std::string, std::string>> said;
  for (const reject_entry& one : report.rejects) said.insert(words(one));
  const auto add = [&](const dead_letter& letter) {
    if (!said.insert(words(as_reject(letter))).second) return;
    if (report.rejects.size() >= most_listed && !begun.list_all) {
      report.truncated = true;
      return;
    }
    report.rejects.push_back(as_reject(letter));
  };
  for (const dead_letter& one : letters) {
    if (report.drop && one.drop == report.drop->number) add(one);
  }
  if (!with_older) return;
  for (const dead_letter& one : fresh) {
    if (is_older(begun, one.drop)) add(one);
  }
}

void mark_open(run_report& report, const customers_now& now) {
  if (!report.drop || report.drop->state != drop_state::admitted) return;
  for (change_entry& one : report.changes) {
    const auto found = now.find(one.key);
    if (found == now.end()) continue;
    if (!is_values_drop(report.drop->origin)) leave_out_waived(one, found->second);
    mark_one(one, found->second, report.drop->number);
  }
  std::erase_if(report.changes, [](const change_entry& one) { return one.fields.empty(); });
}

std::vector<change_entry> changes_of(const std::vector<written_field>& written,
                                     const job_spec& job) {
  std::map<std::string, change_entry> by_key;
  const value masked = string_value("***");
  for (const written_field& one : written) {
    change_entry& change = by_key[one.key];
    change.key = one.key;
    const bool sensitive = intake::spec_of(job.mapping, one.field).sensitive || is_veiled(one.to);
    std::optional<value> from = one.from;
    if (from && sensitive) from = masked;
    // Written twice in a run: from the first value to the last one.
    auto [at, first] = change.fields.try_emplace(one.field, std::move(from), one.to);
    at->second.second = sensitive ? masked : one.to;
  }
  std::vector<change_entry> all;
  for (auto& [key, change] : by_key) all.push_back(std::move(change));
  return all;
}

}  // namespace patchbay
