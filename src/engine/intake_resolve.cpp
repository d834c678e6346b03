#include "intake_resolve.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "patchbay/model/text.hpp"
#include "patchbay/port/lane.hpp"
#include "patchbay/protocol/echo.hpp"

namespace patchbay::intake {
namespace {

namespace asio = boost::asio;

std::string_view named(match_by by) {
  switch (by) {
    case match_by::id:
      return "id";
    case match_by::reference:
      return "reference";
    case match_by::email:
      return "email";
  }
  return "";
}

std::string key_of(const remote_customer& found, match_by by) {
  switch (by) {
    case match_by::id:
      return found.id;
    case match_by::reference:
      return found.reference;
    case match_by::email:
      return lowered(found.email);
  }
  return {};
}

refused_row refuse(waiting_row waiting, std::string code, std::string message) {
  refused_row made;
  made.known = waiting.levels.has_value();
  made.row = std::move(waiting.row);
  made.not_found = code == "CUSTOMER_NOT_FOUND";
  made.code = std::move(code);
  made.message = std::move(message);
  return made;
}

std::string joined_ids(const std::vector<remote_customer>& found) {
  std::string ids;
  for (const remote_customer& one : found) ids += (ids.empty() ? "" : ", ") + one.id;
  return ids;
}

std::string twice(const std::string& id, const std::string& one, const std::string& other) {
  return "the customer " + id + " of the API is reached by two keys, " + one + " and " + other +
         ": correct one of them in the ERP, or at the API";
}

/// It may have changed since what was read left: a request was not answered.
bool doubted(const customer_levels& known, const std::string& name) {
  if (!known.in_doubt) return false;
  const std::vector<std::string>& fields = known.in_doubt->fields;
  return std::find(fields.begin(), fields.end(), name) != fields.end();
}

}  // namespace

/// The API stores emails in lower case, whatever the drop says.
std::string customer_resolver::sought_form(const std::string& key) const {
  return job_.mapping.by == match_by::email ? lowered(key) : key;
}

customer_resolver::found_by_key customer_resolver::by_key(
    std::vector<remote_customer> found) const {
  found_by_key sorted;
  for (remote_customer& one : found) {
    std::vector<remote_customer>& same = sorted[key_of(one, job_.mapping.by)];
    // Pages may shift while they are read: the same customer twice is one customer.
    const bool seen = std::any_of(same.begin(), same.end(), [&one](const remote_customer& other) {
      return other.id == one.id;
    });
    if (!seen) same.push_back(std::move(one));
  }
  return sorted;
}

asio::awaitable<unless_stopped<std::vector<resolution>>> customer_resolver::find(
    std::vector<waiting_row> rows) {
  std::vector<std::string> keys;
  std::set<std::string> asked;
  for (const waiting_row& waiting : rows) {
    if (asked.insert(waiting.row.key).second) keys.push_back(waiting.row.key);
  }
  const read_from from{*parts_.api, parts_.base_path, job_.mapping};
  unless_stopped<std::vector<remote_customer>> read =
      co_await read_customers_by(from, job_.mapping.by, std::move(keys));
  if (!read) co_return read.error();
  found_by_key found = by_key(std::move(*read));

  std::vector<std::string> ids;
  for (const auto& [key, customers] : found) {
    if (customers.size() == 1) ids.push_back(customers.front().id);
  }
  auto ask_owners = [this, &ids] { return parts_.store.owners(job_.name, ids); };
  const auto owners = co_await parts_.store_lane.run(ask_owners);
  std::unordered_map<std::string, std::string> owner_of(owners.begin(), owners.end());

  std::vector<resolution> decided;
  for (waiting_row& waiting : rows) {
    const auto here = found.find(sought_form(waiting.row.key));
    const std::string key = waiting.row.key;
    if (here == found.end()) {
      decided.emplace_back(refuse(
          std::move(waiting), "CUSTOMER_NOT_FOUND",
          "the API has no customer whose " + std::string(named(job_.mapping.by)) + " is " + key));
      continue;
    }
    if (here->second.size() > 1) {
      decided.emplace_back(refuse(std::move(waiting), "CUSTOMER_AMBIGUOUS",
                                  "several customers of the API have the " +
                                      std::string(named(job_.mapping.by)) + " " + key + ": " +
                                      joined_ids(here->second)));
      continue;
    }
    const remote_customer& customer = here->second.front();
    const auto owner = owner_of.find(customer.id);
    if (owner != owner_of.end() && owner->second != key) {
      decided.emplace_back(
          refuse(std::move(waiting), "ID_CLAIMED_TWICE", twice(customer.id, owner->second, key)));
      continue;
    }
    claim_id(std::move(waiting), customer, decided);
  }
  co_return decided;
}

void customer_resolver::claim_id(waiting_row waiting, const remote_customer& found,
                                 std::vector<resolution>& decided) {
  const claim ours{waiting.row.customer, waiting.row.key};
  const auto [place, first] = claims_.try_emplace(found.id, ours);
  claim& holder = place->second;
  if (first || holder.key == ours.key) {
    if (!holder.contested) {
      decided.emplace_back(settle_one(std::move(waiting), found));
      return;
    }
  }
  const std::string message = twice(found.id, holder.key, ours.key);
  if (!holder.contested) {
    holder.contested = true;
    learned_.erase(holder.key);
    decided.emplace_back(contested_claim{holder.customer, holder.key, "ID_CLAIMED_TWICE", message});
  }
  decided.emplace_back(refuse(std::move(waiting), "ID_CLAIMED_TWICE", message));
}

asio::awaitable<unless_stopped<std::vector<resolution>>> customer_resolver::read_again(
    std::vector<waiting_row> rows) {
  std::vector<std::string> ids;
  std::set<std::string> asked;
  for (const waiting_row& waiting : rows) {
    if (asked.insert(waiting.levels->id).second) ids.push_back(waiting.levels->id);
  }
  const read_from from{*parts_.api, parts_.base_path, job_.mapping};
  unless_stopped<std::vector<remote_customer>> read =
      co_await read_customers_by(from, match_by::id, std::move(ids));
  if (!read) co_return read.error();
  std::unordered_map<std::string, const remote_customer*> by_id;
  for (const remote_customer& one : *read) by_id.emplace(one.id, &one);

  std::vector<resolution> decided;
  for (waiting_row& waiting : rows) {
    const auto here = by_id.find(waiting.levels->id);
    if (here != by_id.end()) {
      decided.emplace_back(settle_one(std::move(waiting), *here->second));
      continue;
    }
    std::string message = "the API no longer has the customer " + waiting.levels->id;
    if (adopts_) {
      learned_.insert_or_assign(waiting.row.key, learned_customer{waiting.row.key, {}, {}});
      drifted_.push_back(waiting.row.customer);
      message += ": adopt forgets it, and the ERP's next row of it looks its key up again";
    }
    decided.emplace_back(refuse(std::move(waiting), "CUSTOMER_NOT_FOUND", std::move(message)));
  }
  co_return decided;
}

field_values customer_resolver::known_values(const remote_customer& found) const {
  field_values values = found.fields;
  for (const field_spec& spec : job_.mapping.fields) {
    if (!spec.sensitive) continue;
    const auto held = values.find(spec.name);
    if (held != values.end()) held->second = parts_.sealing.veil(held->second);
  }
  return values;
}

resolution customer_resolver::settle_one(waiting_row waiting, const remote_customer& found) {
  resolved_row made;
  made.created = !waiting.levels;
  if (waiting.levels) made.levels = *waiting.levels;
  made.levels.job = job_.name;
  made.levels.key = waiting.row.key;
  made.levels.id = found.id;
  learned_customer learned{waiting.row.key, found.id, known_values(found)};
  // What is acknowledged already stays: a read beside a PATCH in flight could be older than it.
  std::erase_if(learned.acknowledged, [this, &made](const auto& field) {
    if (!made.levels.acknowledged.contains(field.first)) return false;
    return !adopts_ || doubted(made.levels, field.first) ||
           still_confirmed(made.levels, field.first, field.second);
  });
  if (adopts_ && !learned.acknowledged.empty()) tell_drift(waiting.row, learned);
  for (const auto& [name, now] : learned.acknowledged) {
    made.levels.acknowledged.insert_or_assign(name, now);
  }
  learned_.insert_or_assign(waiting.row.key, std::move(learned));
  made.from = std::move(waiting);
  return made;
}

/// What is kept as a hash cannot be planned: it is told.
void customer_resolver::tell_drift(const parsed_row& row, const learned_customer& learned) {
  drifted_.push_back(row.customer);
  for (const field_spec& spec : job_.mapping.fields) {
    if (!spec.sensitive || !learned.acknowledged.contains(spec.name)) continue;
    hidden_.push_back({row.key, spec.name,
                       "somebody else wrote it, and of the ERP's value a hash is kept: the ERP's "
                       "next row of the customer sends it again"});
  }
}

std::vector<learned_customer> customer_resolver::learned() const {
  std::vector<learned_customer> sorted;
  sorted.reserve(learned_.size());
  for (const auto& [key, customer] : learned_) sorted.push_back(customer);
  std::sort(sorted.begin(), sorted.end(),
            [](const learned_customer& a, const learned_customer& b) { return a.key < b.key; });
  return sorted;
}

}  // namespace patchbay::intake
