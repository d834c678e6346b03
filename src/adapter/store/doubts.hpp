// In-doubt marks: what the attempt in flight may change, and what earlier attempts without an
// answer may have changed, apart from each other, so that a definite answer takes away its own
// mark and no other. Private to adapter/store; parts of the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parts.hpp"

namespace patchbay {

/// What is still open from before the present attempt.
enum class earlier_attempts {
  answered,    ///< nothing
  unanswered,  ///< may have been applied, or may still be
  proving,     ///< a later PATCH succeeded, or none will: to be read back, not before `not_before`
};

struct kept_doubt {
  slot_number slot = 0;             ///< of the attempt in flight; 0: none
  std::vector<std::string> fields;  ///< of the attempt in flight
  std::int64_t line = 0;            ///< of the row that the attempt in flight was built from
  earlier_attempts earlier = earlier_attempts::answered;
  std::vector<std::string> earlier_fields;
  instant not_before{0};

  /// As delivery and intake see it.
  [[nodiscard]] doubt seen() const;
};

[[nodiscard]] std::optional<kept_doubt> load_doubt(database& base, job_number job,
                                                   std::string_view key);
/// The mark of a PATCH that is about to leave.
void begin_attempt(database& base, job_number job, const lease_request& asked, slot_number slot);

/// A PATCH that has a slot: whose it is.
struct attempt {
  job_number job = no_job;
  std::string key;
  slot_number slot = 0;
};
[[nodiscard]] std::vector<attempt> attempts_in_flight(database& base);

enum class attempt_end {
  applied,      ///< earlier attempts are to be proven from `prove_at` on
  shaken,       ///< the same, and what it wrote itself: another job's attempt may still undo it
  definite_no,  ///< refused, denied, or never sent: earlier attempts stand as they did
  unanswered,   ///< joins the earlier attempts
  given_up,     ///< refused for good: no success is to come, and what is unanswered is to be proven
                ///< from `prove_at` on
  put_off,      ///< the same, and the attempt itself is unanswered, too
};
/// An attempt has ended; false: nothing is in doubt any more.
bool end_attempt(database& base, const attempt& ended, attempt_end how,
                 instant prove_at = instant(0));
/// The same for who has loaded the mark.
bool end_attempt(database& base, const attempt& ended, std::optional<kept_doubt> kept,
                 attempt_end how, instant prove_at);
void delete_doubt(database& base, job_number job, std::string_view key);

/// Whether a PATCH of metadata of another job, for the same id, may still be applied: it holds all
/// of the customer's metadata, as it was when that PATCH left.
[[nodiscard]] bool metadata_may_be_undone(database& base, job_number job, std::string_view id);

}  // namespace patchbay
