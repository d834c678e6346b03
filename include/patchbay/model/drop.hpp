// A drop (one delivered CSV file) as the store knows it, and the totals that always balance.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/levels.hpp"

namespace patchbay {

enum class drop_mode { snapshot, delta };

/// Who speaks in a drop; its header tells (engine/values_drop).
enum class drop_origin {
  erp,         ///< an export
  correction,  ///< refused rows that came back, corrected: some customers, of no order
  adopt,       ///< written by patchbay: what is wanted, beside what the API says now
  revert,      ///< written by patchbay: what stood before a run
};

/// Where a drop is on its way. The file's folder follows the state, never the other way round.
enum class drop_state {
  working,     ///< claimed, not yet admitted: the file is in working/
  held,        ///< a budget was exceeded: held/
  approved,    ///< held, and an operator let the reviewed plan through: still in held/
  admitted,    ///< its wanted levels count; the file goes to archive/
  discarded,   ///< put away by an operator: archive/
  superseded,  ///< a newer snapshot overtook it before it was admitted: archive/
  failed,      ///< malformed as a whole: failed/
};

/// One drop's data rows, each counted in exactly one class.
struct totals {
  std::int64_t read = 0;
  std::int64_t unchanged = 0;
  std::int64_t applied = 0;
  std::int64_t rejected = 0;
  std::int64_t superseded = 0;
  std::int64_t held = 0;
  std::int64_t pending = 0;

  [[nodiscard]] bool balanced() const {
    return read == unchanged + applied + rejected + superseded + held + pending;
  }
  friend bool operator==(const totals&, const totals&) = default;
};

struct drop_record {
  drop_number number = 0;
  std::string job;
  std::string file;  ///< name as delivered, without folder
  std::string
      stored_as;  ///< where the store knows it to lie: working/a.csv, archive/2026-11-23/a.csv
  drop_state state = drop_state::working;
  drop_mode mode = drop_mode::snapshot;
  std::string digest;  ///< hex, folded from the record fingerprints; empty until read
  /// Of the job's configuration when it was planned, and the number of the drop admitted last:
  /// an approval is for that plan alone.
  std::string config_digest;
  std::int64_t bytes = 0;
  patchbay::totals totals;
  wall_time claimed_at{};
  wall_time admitted_at{};  ///< epoch: not admitted
  /// Grows with every drop that the state admits, whatever the wall clock does; 0: not admitted.
  std::int64_t admission = 0;
  std::string profile;  ///< JSON, what later drops are compared with; empty: not taken
  std::string reason;   ///< held, failed: what an operator reads
  std::optional<std::int64_t> sequence;  ///< of its marker
  std::optional<wall_time> as_of;        ///< of its marker
  std::string decision;  ///< "approved by anna, 2026-11-23T06:12:00Z"; empty: nobody had to
  drop_origin origin = drop_origin::erp;
  std::string run;  ///< that admitted it; empty: none yet
};

/// Some customers, of no order among the exports: it supersedes none and waits for none.
[[nodiscard]] inline bool stands_apart(const drop_record& drop) {
  return drop.origin != drop_origin::erp;
}

/// Its bytes are ours: canonical values, in our own dialect.
[[nodiscard]] inline bool is_values_drop(drop_origin origin) {
  return origin == drop_origin::adopt || origin == drop_origin::revert;
}

/// By an operator. Put away can also be what failed, and what is approved, or claimed, and not
/// admitted yet.
[[nodiscard]] constexpr bool may_be_decided(drop_state state, bool approve) {
  const bool can_only_go =
      state == drop_state::failed || state == drop_state::approved || state == drop_state::working;
  return state == drop_state::held || (can_only_go && !approve);
}

/// What an operator calls a held or failed drop: the name under which it lies, for two may be
/// delivered under one.
[[nodiscard]] inline std::string lying_name(const drop_record& drop) {
  const std::size_t slash = drop.stored_as.rfind('/');
  return slash == std::string::npos ? drop.file : drop.stored_as.substr(slash + 1);
}

}  // namespace patchbay
