// Decides what is sent when, and owns no I/O: workers ask next(), obey, and report. Every throttle
// is a gate that says the earliest moment (or "ask at the next reply"); a step leaves when the
// latest of its gates is open. One id is never in flight twice, whatever the job. Jobs share the
// windows: who has had the fewest turns is served next, so that ten changes do not wait behind
// ten thousand. Pure; loop thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/stop.hpp"
#include "patchbay/model/window.hpp"
#include "patchbay/policy/gate.hpp"
#include "patchbay/policy/retry_budget.hpp"

namespace patchbay {

/// A merge on an older read could take away what another system wrote since.
constexpr std::chrono::seconds metadata_good_for{2};

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
/// Load more pending customers of the job (at most one worker at a time gets this).
struct load_more {
  std::string job;
};
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
  std::shared_ptr<gates> target = std::make_shared<gates>();  ///< outlives a pass
};

class dispatch {
 public:
  explicit dispatch(dispatch_options options);

  // Jobs
  /// Takes part from now on; nothing of it is started after its deadline.
  void open(const std::string& job, std::optional<instant> deadline);
  void set_deadline(const std::string& job, std::optional<instant> deadline);
  void hold(const std::string& job);  ///< starts nothing more of it
  /// Takes part no longer; those of its tickets that were left. Only when it is finished.
  std::vector<ticket> close(const std::string& job);
  /// Nothing of it is in flight, and nothing is left or may be started.
  [[nodiscard]] bool finished(const std::string& job, instant now) const;
  /// Nothing of it is in hand, and nothing more can be loaded.
  [[nodiscard]] bool exhausted(const std::string& job) const;
  [[nodiscard]] bool deadline_passed(const std::string& job, instant now) const;

  // Feeding
  /// `not_before`: the earliest moment. The job is open.
  void add(ticket which, const std::string& job, const std::string& id, need what,
           instant not_before);
  void loaded(const std::string& job, bool more);  ///< answer to load_more: may there be more?
  void look_again(const std::string& job);  ///< new customers may be pending: load_more again
  void read_ahead(std::size_t customers);   ///< how many, as soon as the windows are known

  // Asking
  [[nodiscard]] step next(instant now);

  // Reporting. Each step's tickets are in flight until one of these is called for them.
  void finish(ticket which);                        ///< settled, dead, or gone elsewhere
  void again(ticket which, need what, instant at);  ///< not before `at`; spends no attempt
  /// The number of this try, as far as tries use up attempts: 1 is the first.
  [[nodiscard]] int attempt_of(ticket which) const { return entries_.at(which).attempts + 1; }
  /// Whether a failure of this try would use up its attempts. While the target answers nobody, no
  /// record is to blame.
  [[nodiscard]] bool on_last_try(ticket which) const;
  /// A try that concerns the record failed: false when its attempts are used up.
  [[nodiscard]] bool retry(ticket which, instant now);
  /// Metadata came, good for two seconds from `read_at` on.
  void on_read(const std::vector<ticket>& which, instant read_at, instant now);
  /// A read was not answered: the same again after a pause.
  void not_read(const std::vector<ticket>& which, instant now);
  /// Reads take longer than what they bring is good for, one after the other.
  [[nodiscard]] bool reads_too_slow() const;
  void on_answer(ticket which);  ///< of a PATCH: any definite one but 429
  /// A PATCH had no answer, or a 5xx; `suspect`: its ticket, where its record may be to blame.
  void on_failure(instant now, bool connected, std::optional<ticket> suspect);
  void on_release();  ///< a slot was released: ask again
  /// What PATCHes, or reads, wait for; a worker reports its 429s, denied leases and quotas there.
  [[nodiscard]] gate& gate_of(request_class what) { return options_.target->of(what); }

  // Ending
  void drain() { draining_ = true; }

 private:
  struct entry {
    std::string job;
    std::string id;
    need what = need::patch;
    instant ready{0};
    std::uint64_t order = 0;
    int attempts = 0;
    bool flying = false;
    bool patching = false;       ///< flying as a PATCH
    bool turn_taken = false;     ///< flying in its job's turn, which is given back if nothing left
    bool reading = false;        ///< flying for a read of its metadata
    std::optional<double> cost;  ///< of the retry budget, while it flies again
    std::optional<instant> read_at;
    instant sent_at{0};                    ///< its last PATCH
    std::optional<instant> failing_since;  ///< when its first failing try left
    std::optional<instant> answered_then;  ///< `answered_sent_` when its last PATCH left
    bool one_more = false;                 ///< all its tries may have met an outage: it has another
    /// No try of it has failed.
    [[nodiscard]] bool fresh() const { return attempts == 0 && !failing_since; }
  };
  using place = std::pair<instant, std::uint64_t>;
  struct part {
    std::map<place, ticket> queue;  ///< by (ready, order); parked and flying ones are not in it
    std::optional<instant> deadline;
    std::int64_t turns = 0;   ///< PATCHes that left, and turns that it could not use
    std::size_t entries = 0;  ///< in hand
    std::size_t flying = 0;
    std::size_t reading = 0;
    bool more = true;
    bool loading = false;
    bool held = false;
  };

  void enqueue(ticket which, const entry& one);
  void take_off(entry& one);
  void land(ticket which, entry& one);
  /// Few fresh customers are ready, and there is room for more.
  [[nodiscard]] bool runs_low(const part& one, instant now) const;
  [[nodiscard]] bool may_start(const part& one, instant now) const;
  [[nodiscard]] std::vector<part*> in_turn(instant now);
  [[nodiscard]] std::optional<step> load(instant now);
  void remember_write(const entry& one, instant now);
  [[nodiscard]] const gate& gate_of(request_class what) const { return options_.target->of(what); }
  [[nodiscard]] std::vector<ticket> batch(part& from, ticket first, std::size_t most, instant now);
  [[nodiscard]] step send(ticket which, instant now);
  struct look;
  [[nodiscard]] step pick(instant now);
  [[nodiscard]] step pick_of(part& from, instant now);
  // What the ticket gives; nullopt: not now, and `so_far` knows when.
  [[nodiscard]] std::optional<step> read_back_step(ticket which, look& so_far);
  [[nodiscard]] std::optional<step> metadata_step(ticket which, look& so_far);
  [[nodiscard]] std::optional<step> patch_step(ticket which, look& so_far);
  [[nodiscard]] int tries_of(const entry& one) const {
    return options_.retry.attempts + (one.one_more ? 1 : 0);
  }
  /// Nothing saved for a repetition; a target that answers nobody is the breaker's business.
  [[nodiscard]] bool over_budget(const entry& one, instant now) const;
  [[nodiscard]] bool readable_soon(const entry& one, instant now) const;

  dispatch_options options_;
  retry_budget budget_;
  std::mt19937_64 random_;
  std::map<ticket, entry> entries_;
  std::map<std::string, part> parts_;                  ///< by job
  std::map<std::string, std::vector<ticket>> parked_;  ///< by busy id; met in the queue
  std::set<std::string> busy_;
  /// What a job has written of late: metadata that another one read before is not there any more.
  struct written {
    instant at{0};
    std::string job;
  };
  std::map<std::string, written> written_;  ///< by id
  std::deque<std::pair<instant, std::string>> written_ids_;
  std::uint64_t orders_ = 0;
  std::size_t flying_ = 0;
  std::optional<instant> answered_sent_;  ///< when the newest PATCH left that was answered
  int slow_reads_ = 0;                    ///< in a row
  bool draining_ = false;
};

}  // namespace patchbay
