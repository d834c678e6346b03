// What happened in one simulation, in order, as the checker needs it: what the network saw of
// PATCHes and what the store made durable. Plain data; written by the network and the watched
// store, never by the engine.
#pragma once

#include <string>
#include <vector>

#include "patchbay/model/levels.hpp"

namespace patchbay::sim {

enum class happening {
  leased,      ///< the mark of a PATCH is durable; `fields` are those it names
  sent,        ///< a PATCH left; `fields` are the mapped fields of its body
  ended,       ///< its sender has an answer, or knows that there is none
  confirmed,   ///< settle applied is durable; `fields` are what is acknowledged
  unanswered,  ///< settle unanswered is durable
  settled,     ///< any other settle is durable, or a lease was given back
  read,        ///< planning has learned, durably, what the API holds: `fields`
  proved,      ///< a read-back is durable; `fields` are what was read and differed
  forgotten,   ///< settle gone is durable
  rests,       ///< the store says, durably, that the customer is settled
  raised,      ///< an admit that raises what is wanted of it is durable
  foreign,     ///< the other system's metadata key has become `text`
  killed,      ///< the engine is gone; what it had in flight is cut off
};

struct event {
  happening what = happening::sent;
  instant at{0};
  std::string customer;  ///< the ERP's key; empty for killed
  field_values fields;
  std::string text;  ///< sent: the foreign metadata in its body, `(none)` without metadata
  std::string job = "erp";
};

using journal = std::vector<event>;

/// What `text` is for a PATCH that writes no metadata, and for one that lost the foreign key.
constexpr const char* no_metadata = "(none)";
constexpr const char* foreign_lost = "(lost)";

[[nodiscard]] std::string in_words(const event& one);

}  // namespace patchbay::sim
