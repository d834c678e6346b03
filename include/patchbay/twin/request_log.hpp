// What the twin saw, one entry a request, in the order of arrival: from it a checker proves that
// no window was overrun, that only planned customers were written, and what was applied. Never
// holds Authorization, the body of a token request, or the value of a password. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay::twin {

struct logged_request {
  std::uint64_t number = 0;  ///< from 1
  instant arrival{0};
  wall_time at{};
  request_class kind = request_class::get;
  std::string method;
  std::string target;
  std::string customer_id;  ///< of /customers/:id; empty for lists, groups, tokens
  std::string body;         ///< as it came, but for passwords; empty for the token endpoint
  int status = 0;           ///< 0: got no answer (reset, silence)
  std::string code;         ///< first error code of the answer: THROTTLED, VALIDATION_ERROR, …
  std::string fault;        ///< names of the faults met, with blanks between; empty: none
  std::string request_id;
  bool counted = false;   ///< held a place in the windows
  bool applied = false;   ///< the PATCH changed the customer (also when it got no answer)
  instant applied_at{0};  ///< later than `arrival` for a fault `apply_late`
};

/// One line of JSON, without the newline.
[[nodiscard]] std::string log_line(const logged_request& entry);

}  // namespace patchbay::twin
