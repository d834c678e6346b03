// Decides what is sent when, and owns no I/O: workers ask next(), obey, and report. Every throttle
// is a gate that says the earliest moment (or "ask at the next reply"); a step leaves when the
// latest of its gates is open. One id is never in flight twice. Pure; loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/stop.hpp"
#include "patchbay/model/window.hpp"
#include "patchbay/policy/breaker.hpp"
#include "patchbay/policy/retry_budget.hpp"
#include "patchbay/policy/windows.hpp"

namespace patchbay {

/// A customer that delivery has in hand; the caller keeps what belongs to it.
using ticket = std::uint64_t;

/// What a customer waits for.
enum class need {
  patch,           ///< fields to send
  metadata_patch,  ///< the same, but its metadata must be read just before
  read_back,       ///< proof that no unanswered attempt was applied late
};

struct send_patch {
  ticket which;
};
/// Read the metadata of these (at most 25, of one job) and report on_read for each.
struct read_metadata {
  std::vector<ticket> which;
};
/// Read these back (at most 25, of one job).
struct read_back {
  std::vector<ticket> which;
};
/// Load more pending customers (at most one worker at a time gets this).
struct load_more {};
/// Nothing can leave before `until`; nullopt: before a reply or a report.
struct wait_for {
  std::optional<instant> until;
};
/// Nothing is left, or nothing new may start; the worker ends.
struct all_done {};

using step = std::variant<send_patch, read_metadata, read_back, load_more, wait_for, all_done>;

struct dispatch_options {
  retry_spec retry;
  std::uint64_t seed = 0;
  std::size_t metadata_batch = 25;  ///< customers in one read of metadata
  /// Customers whose metadata may be read, or being read, ahead of their PATCH: as many as can
  /// leave before the read is too old.
  std::size_t metadata_ahead = 25;
  std::optional<instant> deadline;  ///< nothing is started after it
};

class dispatch {
 public:
  explicit dispatch(dispatch_options options);

  // Feeding
  /// `group` names the job; `not_before` the earliest moment.
  void add(ticket which, const std::string& group, const std::string& id, need what,
           instant not_before);
  void loaded(bool more);  ///< answer to load_more: whether there may be more to load
  void look_again();       ///< new customers may be pending: load_more will be asked again
  [[nodiscard]] bool holds(ticket which) const { return entries_.contains(which); }
  /// Nothing is in hand, and nothing more can be loaded.
  [[nodiscard]] bool exhausted() const { return entries_.empty() && !more_; }

  // Asking
  [[nodiscard]] step next(instant now);

  // Reporting. Each step's tickets are in flight until one of these is called for them.
  void finish(ticket which);                        ///< settled, dead, or gone elsewhere
  void again(ticket which, need what, instant at);  ///< not before `at`; spends no attempt
  /// Whether a failure of this try would use up its attempts.
  [[nodiscard]] bool on_last_try(ticket which) const;
  /// A try that concerns the record failed: false when its attempts are used up.
  [[nodiscard]] bool retry(ticket which, instant now);
  void on_read(ticket which, instant read_at);  ///< metadata came; good for two seconds
  void on_denied(request_class what, std::optional<instant> not_before, instant now);
  void on_throttled(request_class what, std::optional<nanoseconds> retry_after, instant now);
  /// With every answer: what others behind the same address are left of the quota.
  void on_quota(request_class what, const yielding& to_others, instant now);
  void on_answer(request_class what);            ///< any definite answer but 429
  void on_failure(instant now, bool connected);  ///< no connection, no answer, 5xx
  void on_release();                             ///< a slot was released: ask again

  // Ending
  void drain() { draining_ = true; }
  [[nodiscard]] const class breaker& circuit() const { return breaker_; }
  [[nodiscard]] bool deadline_passed(instant now) const;
  [[nodiscard]] std::size_t in_flight() const { return flying_; }

 private:
  struct entry {
    std::string group;
    std::string id;
    need what = need::patch;
    instant ready{0};
    std::uint64_t order = 0;
    int attempts = 0;
    bool flying = false;
    bool reading = false;  ///< flying for a read of its metadata
    bool repeats = false;  ///< flying again, and has cost the budget something
    std::optional<instant> read_at;
  };
  struct gate {
    instant opens{0};
    bool at_reply = false;  ///< closed until something is released
    nanoseconds pause{0};   ///< of the last 429, doubles
    bool single_file = false;
  };
  using place = std::pair<instant, std::uint64_t>;

  void enqueue(ticket which, const entry& one);
  void take_off(entry& one);
  void land(ticket which, entry& one);
  [[nodiscard]] std::optional<instant> gate_of(request_class what, instant now) const;
  [[nodiscard]] std::vector<ticket> batch(ticket first, std::size_t most, instant now);
  [[nodiscard]] step send(ticket which, instant now);
  [[nodiscard]] step pick(instant now);
  /// Nothing saved for a repetition; a target that answers nobody is the breaker's business.
  [[nodiscard]] bool over_budget(const entry& one, instant now) const;
  [[nodiscard]] bool readable_soon(const entry& one, instant now) const;

  dispatch_options options_;
  class breaker breaker_;
  retry_budget budget_;
  std::mt19937_64 random_;
  std::map<ticket, entry> entries_;
  std::map<place, ticket> queue_;  ///< by (ready, order); parked and flying ones are not in it
  std::map<std::string, std::vector<ticket>> parked_;  ///< by busy id; met in the queue
  std::set<std::string> busy_;
  std::map<request_class, gate> gates_;
  std::uint64_t orders_ = 0;
  std::size_t flying_ = 0;
  std::size_t reading_ = 0;
  bool more_ = true;
  bool loading_ = false;
  bool draining_ = false;
};

}  // namespace patchbay
