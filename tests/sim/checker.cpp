#include "checker.hpp"

#include <algorithm>
#include <map>

#include "patchbay/model/text.hpp"
#include "patchbay/protocol/echo.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::sim {

namespace {

std::string seconds_of(instant at) {
  return std::to_string(std::chrono::duration<double>(at).count()) + " s";
}

std::vector<std::string> path_below_metadata(const std::string& field) {
  std::vector<std::string> path;
  for (std::size_t at = field.find('.'); at != std::string::npos;) {
    const std::size_t next = field.find('.', at + 1);
    path.push_back(field.substr(at + 1, next == std::string::npos ? next : next - at - 1));
    at = next;
  }
  return path;
}

/// nullopt: it cannot be read.
std::optional<value> held_by(const twin::customer& one, const std::string& field,
                             const twin::roster& all) {
  if (field == "password") return std::nullopt;
  if (field.starts_with("metadata.")) {
    return metadata_at(one.metadata.json, path_below_metadata(field)).value_or(null_value());
  }
  if (const value* const found = twin::attribute(one, field)) return *found;
  const twin::group* group = all.group_by_id(one.group_id);
  return group == nullptr ? null_value() : string_value(group->code);
}

}  // namespace

std::vector<std::string> windows_overrun(const std::deque<twin::logged_request>& log,
                                         const window_limits& limits) {
  std::vector<std::string> found;
  std::map<request_class, std::vector<instant>> arrivals;
  for (const twin::logged_request& one : log) {
    if (one.status == 429 && one.fault.empty()) {
      found.push_back("a 429 was earned at " + seconds_of(one.arrival));
    }
    if (one.kind != request_class::token && one.counted) arrivals[one.kind].push_back(one.arrival);
  }
  for (const auto& [kind, times] : arrivals) {
    for (const window_limit& limit : limits) {
      const auto most = static_cast<std::size_t>(limit.requests);
      for (std::size_t i = most; i < times.size(); ++i) {
        if (times[i] - times[i - most] < limit.per) {
          found.push_back("more than " + std::to_string(most) + " requests in a window before " +
                          seconds_of(times[i]));
        }
      }
    }
  }
  return found;
}

std::vector<std::string> doubled_flights(const std::deque<flight>& flights) {
  std::vector<std::string> found;
  std::map<std::string, const flight*> last;
  for (const flight& one : flights) {
    const flight*& before = last[one.id];
    if (before != nullptr && before->life == one.life && one.left < before->ended) {
      found.push_back("two PATCHes of " + one.id + " in flight at " + seconds_of(one.left));
    }
    before = &one;
  }
  return found;
}

std::vector<std::string> sent_again(const std::deque<flight>& flights,
                                    const std::vector<settled_span>& settled) {
  std::vector<std::string> found;
  for (const flight& one : flights) {
    for (const settled_span& span : settled) {
      if (span.id == one.id && one.left > span.from && one.left < span.until) {
        found.push_back("settled at " + seconds_of(span.from) + ", sent again at " +
                        seconds_of(one.left) + ": " + one.body);
      }
    }
  }
  return found;
}

std::vector<std::string> not_as_wanted(const twin::roster& customers, const erp_rows& wanted) {
  std::vector<std::string> found;
  for (const twin::customer* one : customers.all()) {
    const std::string key = plain_text(one->reference);
    const erp_row& row = wanted.at(key);
    const auto tell = [&found, &key](const std::string& field, const std::string& is) {
      found.push_back(key + ": " + field + " is " + is + ", not what the ERP said last");
    };
    if (lowered(plain_text(one->email)) != lowered(row.email)) tell("email", one->email.json);
    const auto limit = metadata_at(one->metadata.json, {"credit_limit"});
    if (!limit || !same_number(limit->json, row.limit)) tell("limit", one->metadata.json);
    const twin::group* group = customers.group_by_id(one->group_id);
    if (group == nullptr || group->code != row.group) tell("group", one->group_id);
    if (!metadata_at(one->metadata.json, {"loyalty", "card"})) {
      tell("another system's metadata", one->metadata.json);
    }
  }
  return found;
}

std::vector<std::string> wrongly_acknowledged(const twin::roster& customers,
                                              const std::vector<customer_levels>& levels) {
  std::vector<std::string> found;
  for (const customer_levels& one : levels) {
    if (!one.settled()) continue;
    const twin::customer* there = customers.by_id(one.id);
    if (there == nullptr) continue;
    for (const auto& [field, said] : one.acknowledged) {
      const auto held = held_by(*there, field, customers);
      if (!held || same(said, *held)) continue;
      if (compare_echo(said, *held) != echo_match::different) continue;
      found.push_back(one.key + ": acknowledged " + field + " " + said.json + ", the API holds " +
                      held->json);
    }
  }
  return found;
}

std::vector<std::string> violations_of(const night& passed) {
  std::vector<std::string> found;
  const auto add = [&found](const std::vector<std::string>& more) {
    found.insert(found.end(), more.begin(), more.end());
  };
  const twin::rules& api = passed.api();
  add(windows_overrun(api.log(), {*passed.config().api.average, *passed.config().api.burst}));
  add(doubled_flights(passed.wires().flights()));
  add(sent_again(passed.wires().flights(), passed.settled()));
  add(not_as_wanted(api.customers(), passed.wanted()));
  add(wrongly_acknowledged(api.customers(), passed.levels()));
  int held = 0;
  for (const drop_record& drop : passed.drops()) held += drop.state == drop_state::held ? 1 : 0;
  if (held != passed.held_drops()) found.push_back("a drop over its budget was not held");
  for (const flight& one : passed.wires().flights()) {
    if (one.body.find(night::held_mark) == std::string::npos) continue;
    found.push_back("a held drop sent " + one.body);
  }
  // A customer is asked and patched a few times a drop; thousands are a hot loop.
  const std::size_t most = 200 * passed.wanted().size();
  if (api.log().size() > most) found.push_back("a hot loop: " + std::to_string(api.log().size()));
  return found;
}

}  // namespace patchbay::sim
