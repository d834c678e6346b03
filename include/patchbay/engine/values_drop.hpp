// Drops that patchbay writes itself, for adopt and revert: a key and the canonical value of each
// field, JSON in the cells, in one dialect whatever the job's. They take the way of every drop
// (plan, budgets, hold, admit, archive), so that what an operator does to many customers is
// reviewed, bounded and accounted for like what an ERP does. A cell that is empty says nothing.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "patchbay/engine/pickup.hpp"
#include "patchbay/model/drop.hpp"
#include "patchbay/model/job.hpp"

namespace patchbay {

/// How they are written: UTF-8, comma.
[[nodiscard]] csv_spec values_dialect();
/// True for fields whose values can be said again: those that the API shows and the store holds as
/// they are, not as a hash.
[[nodiscard]] bool can_be_said_again(const field_spec& field);
/// Header and rows; `origin`: adopt or revert. Fields that cannot be said again are left out.
[[nodiscard]] std::string values_header(const job_spec& job, drop_origin origin);
[[nodiscard]] std::string values_row(const job_spec& job, std::string_view key,
                                     const field_values& fields);

/// Who speaks in this file, by its header. Blocking. A file that cannot be read: the ERP.
[[nodiscard]] drop_origin origin_of(const pickup_parts& parts, const std::filesystem::path& drop);

/// The job and the parts with which a drop is planned. Outlives its plan.
struct drop_reading {
  job_spec job;
  intake_parts parts;
};
[[nodiscard]] drop_reading reading_of(const pickup_parts& parts, const job_spec& job,
                                      drop_origin origin);

}  // namespace patchbay
