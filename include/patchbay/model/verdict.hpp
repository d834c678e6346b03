// What a reply means for us: reply → verdict → outcome. protocol/ makes verdicts from replies,
// policy/ decides what happens next, the store keeps the outcome. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/levels.hpp"

namespace patchbay {

/// The table of errors of the API, folded into what we do.
enum class verdict_kind {
  confirmed,    ///< 2xx with a body we understood
  refused,      ///< for good: 400, 422, other 4xx that concern this record
  gone,         ///< 404: reject, forget id and acknowledged
  conflict,     ///< 409: no, for now; retry a few times. Leaves what was asked in doubt
  locked,       ///< 423: no, for now; retry, then reject. Leaves what was asked in doubt
  throttled,    ///< 429: definite no, waits by our own windows, uses up no attempt
  stale_token,  ///< 401 INVALID_TOKEN: definite no, refresh once and repeat
  unanswered,   ///< 408, 425, 5xx, reset, time-out, unreadable 2xx: perhaps applied
  unsent,       ///< nothing reached the wire (connect, TLS, name): definite no
  forbidden,    ///< 401 UNAUTHORIZED, 403: stop the run (exit 77)
  misused,      ///< 406, 415, 3xx: our request is wrong for everybody: stop the run
  refused_tls,  ///< certificate, host name or protocol version refused: stop the run (69)
};

/// One entry of an error body. `field` is our field name where `source.pointer` maps to one.
struct refusal {
  std::string field;
  std::string code;     ///< VALIDATION_ERROR, RECORD_NOT_FOUND, …
  std::string message;  ///< the API's detail, without any value
  std::string reason;   ///< meta.error: taken, blank, invalid; empty if not given
};

struct verdict {
  verdict_kind kind = verdict_kind::unanswered;
  int status = 0;                 ///< 0: no answer
  std::vector<refusal> refusals;  ///< at least one entry for refused and gone
  std::string message;            ///< a sentence for the log; no secret, no value
  std::string request_id;
  std::string trace_id;
  std::optional<nanoseconds> retry_after;  ///< throttled: as sent, 0 included
  std::optional<int> remaining;            ///< X-Ratelimit-Remaining
  std::optional<int> limit;                ///< X-Ratelimit-Limit
};

/// A customer as the API shows it, in canonical values of our field names.
struct remote_customer {
  std::string id;
  std::string reference;  ///< empty if null or not asked for
  std::string email;
  field_values fields;   ///< readable mapped fields that the answer shows; the others are unknown
  std::string metadata;  ///< the whole object as JSON text, foreign keys as they came; empty when
                         ///< the answer does not show it, {} when it is null
};

}  // namespace patchbay
