#include "addresses.hpp"

namespace patchbay {
namespace {

struct waiting_customer {
  job_number job = no_job;
  customer_name name;
};

/// Refused ones of every job: the API has an address once.
std::vector<waiting_customer> waiting_for(database& base, const value& address) {
  query asked = base.ask(
      "SELECT w.job, j.name, w.key FROM wanted w JOIN job j ON j.number=w.job"
      " JOIN drop_record d ON d.number=w.drop_no AND d.state=3"
      " WHERE lower(json_extract(w.fields, '$.email'))=lower(?) AND w.counted=2");
  asked << plain_text(address);
  std::vector<waiting_customer> found;
  while (asked.step()) found.push_back({asked.number(0), {asked.text(1), asked.text(2)}});
  return found;
}

}  // namespace

std::optional<value> address_held(const customer_levels& customer) {
  const auto held = customer.acknowledged.find("email");
  if (held == customer.acknowledged.end() || is_null(held->second)) return std::nullopt;
  return held->second;
}

std::vector<customer_name> call_waiting(database& base, const std::optional<value>& before,
                                        const customer_levels& after, wall_time now) {
  if (!before || address_held(after) == before) return {};
  std::vector<customer_name> called;
  for (waiting_customer& one : waiting_for(base, *before)) {
    query due = base.ask(
        "UPDATE dead_letter SET next_retry=MIN(next_retry, ?) WHERE job=? AND key=?"
        " AND field='email'");
    due << ms_of(now) << one.job << one.name.key;
    if (due.run() == 0) continue;
    reckon_due(base, one.job, one.name.key);
    called.push_back(std::move(one.name));
  }
  return called;
}

}  // namespace patchbay
