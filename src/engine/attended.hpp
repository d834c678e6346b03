// A job under the daemon's eyes: what is known of its schedule and of what it still owes. Private
// to engine/service; loop thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "patchbay/engine/service.hpp"

namespace patchbay {

struct service::attended {
  service_job job;
  std::unique_ptr<alarm> bell;
  std::optional<wall_time> served = {};       ///< the last scheduled moment that had its run
  std::optional<wall_time> runs_for = {};     ///< the scheduled moment that the run is made for
  std::optional<wall_time> overlapped = {};   ///< one that came while a run was on, and was told
  std::optional<wall_time> go_on_at = {};     ///< a blackout cut a run off: not before its end
  std::optional<instant> try_at = {};         ///< a run was stopped: not before this moment
  std::optional<instant> look_at = {};        ///< a drop could not be taken: not before this moment
  std::optional<wall_time> closed_told = {};  ///< the end of the pause that was told last
  instant letters_looked_at{0};  ///< whether dead letters are due, of a job without a schedule
  std::string stopped_by = {};   ///< the last run's stop, where it did nothing
  bool unseen = false;           ///< the last run found no drop directory
  bool owed = true;    ///< the first round goes on with what an earlier process left pending
  bool asked = false;  ///< by an operator's request
  bool rests = false;  ///< past its deadline and without a schedule: the next drop wakes it
};

/// The instant at which the wall clock will show `at`, as it goes now.
inline instant instant_of(const clock& time, wall_time at) {
  return time.now() + std::chrono::duration_cast<nanoseconds>(at - time.wall());
}

}  // namespace patchbay
