#include "evidence.hpp"

#include <map>
#include <utility>

namespace patchbay::sim {
namespace {

std::string moment(instant at) {
  return std::to_string(std::chrono::duration<double>(at).count()) + " s";
}

bool is_metadata(const std::string& field) {
  return field.starts_with("metadata.");
}

/// Levels are a job's; the id is everybody's.
using whose = std::pair<std::string, std::string>;

/// What is known of one customer from durable answers alone.
struct known_customer {
  field_values confirmed;
  std::set<std::string, std::less<>> doubted;  ///< may hold anything that was ever asked
  field_values in_flight;
  bool flying = false;

  [[nodiscard]] bool needs(const std::string& field, const value& asked) const {
    const auto known = confirmed.find(field);
    return known == confirmed.end() || !same(known->second, asked) || doubted.contains(field);
  }
  void cut_off() {
    for (const auto& [field, asked] : in_flight) doubted.insert(field);
    flying = false;
  }
};

/// The fields of the PATCH that needed no sending; all of its metadata or none.
std::vector<std::string> needless(const known_customer& one, const event& sent) {
  std::vector<std::string> found;
  std::vector<std::string> metadata;
  bool metadata_needed = false;
  for (const auto& [field, asked] : sent.fields) {
    const bool needed = one.needs(field, asked);
    if (is_metadata(field)) {
      metadata_needed = metadata_needed || needed;
      metadata.push_back(field);
    } else if (!needed) {
      found.push_back(field);
    }
  }
  if (!metadata_needed) found.insert(found.end(), metadata.begin(), metadata.end());
  return found;
}

void learn(known_customer& one, const event& said) {
  switch (said.what) {
    case happening::leased:  // it may have left, for all that the next engine knows
    case happening::sent:
      one.in_flight = said.fields;
      one.flying = true;
      break;
    case happening::confirmed:
      for (const auto& [field, held] : said.fields) one.confirmed.insert_or_assign(field, held);
      one.flying = false;
      break;
    case happening::unanswered:
      one.cut_off();
      break;
    case happening::settled:
      one.flying = false;
      break;
    case happening::read:
      for (const auto& [field, held] : said.fields) one.confirmed.insert_or_assign(field, held);
      break;
    case happening::proved:
      for (const auto& [field, held] : said.fields) one.confirmed.insert_or_assign(field, held);
      if (!one.flying) one.doubted.clear();
      break;
    case happening::forgotten:
      one = {};
      break;
    case happening::ended:
    case happening::foreign:
    case happening::killed:
    case happening::rests:
    case happening::raised:
      break;
  }
}

}  // namespace

objections check_windows(const request_log& log, request_class kind, const window_limits& limits) {
  std::vector<instant> arrivals;
  for (const twin::logged_request& one : log) {
    if (one.kind == kind) arrivals.push_back(one.arrival);
  }
  objections found;
  for (const window_limit& limit : limits) {
    const auto most = static_cast<std::size_t>(limit.requests);
    for (std::size_t i = most; i < arrivals.size(); ++i) {
      if (arrivals[i] - arrivals[i - most] >= limit.per) continue;
      found.push_back("windows: more than " + std::to_string(most) + " requests within " +
                      moment(limit.per) + ", from " + moment(arrivals[i - most]) + " to " +
                      moment(arrivals[i]));
      break;
    }
  }
  return found;
}

objections check_no_429(const request_log& log) {
  for (const twin::logged_request& one : log) {
    if (one.status == 429 && one.fault.empty())
      return {"throttled: a 429 at " + moment(one.arrival)};
  }
  return {};
}

objections check_one_in_flight(const journal& all) {
  objections found;
  std::set<std::string> flying;
  for (const event& one : all) {
    if (one.what == happening::killed) flying.clear();
    if (one.what == happening::ended) flying.erase(one.customer);
    if (one.what == happening::sent && !flying.insert(one.customer).second) {
      found.push_back("in flight: a second PATCH of " + one.customer + " at " + moment(one.at));
    }
  }
  return found;
}

objections check_nothing_repeated(const journal& all) {
  objections found;
  std::map<whose, known_customer> customers;
  for (const event& one : all) {
    if (one.what == happening::killed) {
      for (auto& [key, known] : customers) {
        if (known.flying) known.cut_off();
      }
      continue;
    }
    known_customer& known = customers[whose(one.job, one.customer)];
    if (one.what == happening::sent) {
      for (const std::string& field : needless(known, one)) {
        found.push_back("repeated: " + field + " of " + one.customer + " at " + moment(one.at) +
                        " was confirmed already");
      }
    }
    learn(known, one);
  }
  return found;
}

objections check_settled_rests(const journal& all) {
  objections found;
  std::set<whose> resting;
  for (const event& one : all) {
    if (one.what == happening::rests) resting.insert(whose(one.job, one.customer));
    if (one.what == happening::raised || one.what == happening::forgotten) {
      resting.erase(whose(one.job, one.customer));
    }
    if (one.what == happening::sent && resting.contains(whose(one.job, one.customer))) {
      found.push_back("repeated: " + one.customer + " is settled and was sent again at " +
                      moment(one.at));
    }
  }
  return found;
}

objections check_foreign_metadata(const journal& all, nanoseconds good_for) {
  struct was {
    instant until;  ///< when another value replaced it
    std::string text;
  };
  objections found;
  std::map<std::string, std::vector<was>> past;
  std::map<std::string, std::string> present;
  for (const event& one : all) {
    if (one.what == happening::foreign) {
      std::string& now = present[one.customer];
      past[one.customer].push_back({one.at, now});
      now = one.text;
    }
    if (one.what != happening::sent || one.text == no_metadata) continue;
    bool good = present[one.customer] == one.text;
    for (const was& before : past[one.customer]) {
      good = good || (before.text == one.text && before.until >= one.at - good_for);
    }
    if (good) continue;
    found.push_back("foreign metadata: " + one.customer + " was sent " + one.text + " at " +
                    moment(one.at) + ", the API held " + present[one.customer]);
  }
  return found;
}

objections check_never_sent(const request_log& log, const std::set<std::string>& texts) {
  objections found;
  for (const twin::logged_request& one : log) {
    if (one.kind != request_class::patch) continue;
    for (const std::string& text : texts) {
      if (one.body.find(text) == std::string::npos) continue;
      found.push_back("held: " + text + " of a drop that is not admitted was sent at " +
                      moment(one.arrival));
    }
  }
  return found;
}

objections check_totals(const drop_record& drop, std::int64_t rows) {
  objections found;
  const totals& sums = drop.totals;
  const std::string of = "totals: " + drop.file + ": ";
  if (!sums.balanced()) found.push_back(of + "do not balance");
  const bool negative = sums.unchanged < 0 || sums.applied < 0 || sums.rejected < 0 ||
                        sums.superseded < 0 || sums.held < 0 || sums.pending < 0;
  if (negative) found.push_back(of + "a class is below zero");
  // A drop that was claimed and not yet planned, or put away before it was, is known by name alone.
  const bool put_away = drop.state == drop_state::discarded && drop.digest.empty();
  const bool unread = (drop.state == drop_state::working || put_away) && sums == totals{};
  if (!unread && sums.read != rows) {
    found.push_back(of + std::to_string(sums.read) + " rows read, the file has " +
                    std::to_string(rows));
  }
  return found;
}

}  // namespace patchbay::sim
