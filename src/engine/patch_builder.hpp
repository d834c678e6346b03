// From a customer's levels to the content of its PATCH, and from the reply to what is settled.
// The only place where sealed values are opened. Private to engine/. Pure but for the seal.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "patchbay/model/job.hpp"
#include "patchbay/model/verdict.hpp"
#include "patchbay/port/delivery_store.hpp"
#include "patchbay/port/seal.hpp"
#include "patchbay/protocol/requests.hpp"

namespace patchbay {

/// customer_group code → id; a code that is known not to exist has an empty id.
using group_ids = std::map<std::string, std::string, std::less<>>;

/// How a job's fields are named, hidden and opened.
struct field_rules {
  const mapping_spec& mapping;
  const seal& sealing;
};

/// A PATCH ready to leave, with what its reply is compared with.
struct built_patch {
  patch_content content;
  field_values asked;  ///< plain values, all fields in it
};

/// True when a metadata field would be merged: its object must be read just before.
[[nodiscard]] bool needs_metadata(const field_values& send, const mapping_spec& mapping);

/// SEAL_BROKEN, GROUP_UNKNOWN, VALUE_NOT_KEPT. `metadata`: the object as just read, for a merge.
[[nodiscard]] result<built_patch> build_patch(const customer_levels& customer,
                                              const mapping_spec& mapping, const group_ids& groups,
                                              const seal& sealing,
                                              const std::optional<std::string>& metadata);

/// What one customer's letters have in common.
struct letter_frame {
  std::string file;
  int attempts_before = 0;  ///< how often it was refused already
  wall_time since{};        ///< of the first refusal; epoch: now
  wall_time now{};
};

/// A confirmed PATCH: asked compared with echo, field by field.
[[nodiscard]] settle settle_confirmed(const customer_levels& customer, const built_patch& sent,
                                      const remote_customer& echo, const field_rules& rules,
                                      const letter_frame& frame);

/// The letters of a refusal, one a field that it names.
/// The code of a letter that names the members of a circle.
constexpr std::string_view email_cycle = "EMAIL_CYCLE";
/// Another customer has the e-mail address.
[[nodiscard]] bool is_taken_address(const refusal& one);
[[nodiscard]] std::vector<dead_letter> letters_of(const customer_levels& customer,
                                                  const verdict& said, const mapping_spec& mapping,
                                                  const letter_frame& frame);
[[nodiscard]] dead_letter letter_of(const customer_levels& customer, const std::string& code,
                                    const std::string& message, const letter_frame& frame);

/// What a read-back changes of `acknowledged`: fields whose value is really another one, of those
/// that are wanted or in doubt. Any other was written by somebody else: that is drift, which
/// `verify` finds and `adopt` plans for, and nobody would send the ERP's value after it here.
[[nodiscard]] field_values differing_fields(const customer_levels& customer,
                                            const remote_customer& read,
                                            const mapping_spec& mapping, const seal& sealing);
/// The fields in doubt that no read shows: a password that was applied late can only be sent again.
[[nodiscard]] std::vector<std::string> unseen_doubts(const customer_levels& customer,
                                                     const mapping_spec& mapping);

}  // namespace patchbay
