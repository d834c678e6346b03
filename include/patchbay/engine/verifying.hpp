// Verifying: the customers of a job read from the API, 25 in one GET at the GETs' own limit, and
// compared with what was acknowledged. Writes nothing but the slots that its GETs lease. What is in
// doubt is not compared: it is read back by delivery. Loop thread, beside the owner.
#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/intake.hpp"
#include "patchbay/model/drift.hpp"

namespace patchbay {

struct verify_options {
  double share = 1;        ///< of the customers, 0 … 1; rounded up
  std::uint64_t seed = 0;  ///< decides which, when not all
};

/// `parts.api` is there.
[[nodiscard]] boost::asio::awaitable<unless_stopped<drift_report>> verify_job(
    intake_parts parts, const job_spec& job, verify_options options);

}  // namespace patchbay
