#include "patchbay/engine/verifying.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <set>
#include <unordered_map>
#include <utility>

#include "intake_progress.hpp"
#include "intake_read.hpp"
#include "patchbay/protocol/echo.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

/// Customers of one round: 40 GETs.
constexpr std::size_t round_customers = 1'000;

class verification {
 public:
  verification(intake_parts parts, const job_spec& job, verify_options options)
      : parts_(parts),
        job_(job),
        options_(options),
        dice_(options.seed),
        progress_(parts.time, parts.watcher, job.name) {
    told_.job = job.name;
  }

  asio::awaitable<unless_stopped<drift_report>> go() {
    auto count = [this] { return parts_.store.known_customers(job_.name); };
    const std::int64_t known = co_await parts_.store_lane.run(count);
    to_come_ = known;
    to_take_ = std::llround(std::ceil(options_.share * static_cast<double>(known)));
    std::string after;
    for (std::int64_t seen = 0;;) {
      auto ask = [this, &after] {
        return parts_.store.keys_after(job_.name, after, round_customers);
      };
      std::vector<std::string> keys = co_await parts_.store_lane.run(ask);
      if (keys.empty()) break;
      after = keys.back();
      seen += static_cast<std::int64_t>(keys.size());
      std::erase_if(keys, [this](const std::string&) { return left_out(); });
      const auto stopped = co_await compare_round(std::move(keys));
      if (stopped) co_return *stopped;
      progress_.resolving(seen, std::max(seen, known));
    }
    co_return std::move(told_);
  }

 private:
  /// Of those to come, each is as likely as any other; those to take are taken exactly.
  bool left_out() {
    if (options_.share >= 1) return false;
    const std::int64_t among = std::max<std::int64_t>(to_come_--, 1);
    if (std::uniform_int_distribution<std::int64_t>(0, among - 1)(dice_) >= to_take_) return true;
    --to_take_;
    return false;
  }

  asio::awaitable<std::optional<stop>> compare_round(std::vector<std::string> keys) {
    auto ask = [this, &keys] { return parts_.store.lookup(job_.name, keys); };
    std::vector<customer_levels> levels = co_await parts_.store_lane.run(ask);
    std::sort(levels.begin(), levels.end(),
              [](const auto& one, const auto& other) { return one.key < other.key; });
    std::vector<std::string> ids;
    for (const customer_levels& one : levels) {
      if (!one.id.empty()) ids.push_back(one.id);
    }
    const intake::read_from from{*parts_.api, parts_.base_path, job_.mapping};
    auto read = co_await intake::read_customers_by(from, match_by::id, std::move(ids));
    if (!read) co_return read.error();
    std::unordered_map<std::string, const remote_customer*> by_id;
    for (const remote_customer& one : *read) by_id.emplace(one.id, &one);
    for (const customer_levels& one : levels) {
      const auto found = by_id.find(one.id);
      judge(one, found == by_id.end() ? nullptr : found->second);
    }
    co_return std::nullopt;
  }

  void judge(const customer_levels& known, const remote_customer* actual) {
    ++told_.checked;
    if (known.id.empty()) {
      tell_unknown(known, "", "the API had it no longer: it is looked up again by its key");
      ++told_.unknown_customers;
      return;
    }
    if (actual == nullptr) {
      told_.missing.push_back(known.key);
      return;
    }
    const std::size_t drifted = told_.drifted.size();
    const std::size_t unknown = told_.unknown.size();
    compare_fields(known, *actual);
    if (told_.drifted.size() > drifted) {
      ++told_.drifted_customers;
    } else if (told_.unknown.size() > unknown) {
      ++told_.unknown_customers;
    } else {
      ++told_.in_sync;
    }
  }

  void compare_fields(const customer_levels& known, const remote_customer& actual) {
    std::set<std::string> doubted;
    if (known.in_doubt) {
      doubted.insert(known.in_doubt->fields.begin(), known.in_doubt->fields.end());
    }
    for (const field_spec& spec : job_.mapping.fields) {
      if (!spec.readable()) continue;
      const auto held = known.acknowledged.find(spec.name);
      if (doubted.contains(spec.name)) {
        tell_unknown(known, spec.name, "in doubt: a request had no definite answer");
        continue;
      }
      if (held == known.acknowledged.end()) {
        tell_unknown(known, spec.name, "never read and never confirmed");
        continue;
      }
      const auto shown = actual.fields.find(spec.name);
      std::optional<value> there;
      if (shown != actual.fields.end()) there = shown->second;
      if (there) {
        const value now = spec.sensitive ? parts_.sealing.veil(*there) : *there;
        if (still_confirmed(known, spec.name, now)) continue;
      }
      told_.drifted.push_back(drift(known, spec, held->second, std::move(there)));
    }
  }

  void tell_unknown(const customer_levels& known, const std::string& field, std::string why) {
    told_.unknown.push_back({known.key, known.id, field, std::move(why)});
  }

  static drifted_field drift(const customer_levels& known, const field_spec& spec,
                             const value& acknowledged, std::optional<value> there) {
    drifted_field made{known.key,    known.id,         spec.name,
                       acknowledged, std::move(there), spec.sensitive};
    if (!spec.sensitive) return made;
    made.acknowledged = string_value("***");
    if (made.actual) made.actual = string_value("***");
    return made;
  }

  intake_parts parts_;
  const job_spec& job_;
  verify_options options_;
  std::mt19937_64 dice_;
  std::int64_t to_come_ = 0;  ///< known customers that were not looked at yet
  std::int64_t to_take_ = 0;  ///< of them, for the sample
  intake::planning_progress progress_;
  drift_report told_;
};

}  // namespace

asio::awaitable<unless_stopped<drift_report>> verify_job(intake_parts parts, const job_spec& job,
                                                         verify_options options) {
  verification one(parts, job, options);
  co_return co_await one.go();
}

}  // namespace patchbay
