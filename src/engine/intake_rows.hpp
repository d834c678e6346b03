// What intake hands from stage to stage: a row that is new in this drop, and what became of it.
// Private to engine/. Plain data; made on the rows lane, judged on the loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/levels.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/port/intake_store.hpp"

namespace patchbay::intake {

/// A row whose bytes are not a known line and whose values are not the known ones.
struct parsed_row {
  std::int64_t line = 0;
  std::string key;
  fingerprint customer;
  fingerprint line_print;
  fingerprint canonical_print;
  field_values fields;               ///< as levels hold them: sensitive ones veiled
  field_values plain;                ///< the sensitive ones as they were read
  field_values replaces;             ///< of a revert: whose place each of `fields` takes
  std::vector<reject_entry> faults;  ///< not empty: it cannot be read or mapped
};

/// A row that goes to the store with the admit, and what people are told of it.
struct planned_change {
  staged_row staged;
  change_entry shown;               ///< the fields whose wanted value this drop changes
  std::vector<std::string> clears;  ///< of those, the ones that become null
  bool changes_wanted = false;
  bool was_pending = false;  ///< the customer was waiting for an older drop's PATCH
};

/// What the comparison of a row with its customer's levels says.
struct compared_row {
  bool waived = false;                   ///< an operator's waiver hides a difference
  std::vector<skipped_field> skipped;    ///< of a revert: changed since, and left as it is
  std::optional<planned_change> change;  ///< nullopt: unchanged, nothing to stage
};

}  // namespace patchbay::intake
