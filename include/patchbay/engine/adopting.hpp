// Adopting: what the API says now becomes what is acknowledged, and where something else is wanted,
// that is a plan like any other. The drop that is planned names every customer of the job; planning
// looks up what is wanted of it, reads the API and compares. What is kept as a hash alone cannot be
// said again: there the API's value is acknowledged, and the customer's line forgotten, so that the
// ERP's next row of it is compared and sent.
#pragma once

#include <ostream>

#include "patchbay/model/job.hpp"
#include "patchbay/port/intake_store.hpp"

namespace patchbay {

/// Blocking, in pages; memory does not grow with the job. How many customers it speaks of: those
/// whose id at the API is known.
std::int64_t write_adopt_drop(intake_store& store, const job_spec& job, std::ostream& out);

}  // namespace patchbay
