// Where the engine says what happens: the log, the progress line, systemd's status, metrics.
// Called on the loop thread; implementations never block and never throw.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/model/instant.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

enum class severity { debug, info, warning, error };

/// Name and value, e.g. {"customer", "C-7"}. No secret, no field value. Whoever writes the log
/// veils `customer` (a key) and leaves out `id` and `detail` (the API's own words, which may
/// quote).
using log_fields = std::vector<std::pair<std::string, std::string>>;

struct progress {
  std::string job;
  std::string stage;  ///< reading, resolving, delivering, draining, waiting
  std::int64_t done = 0;
  std::int64_t of = 0;        ///< 0: unknown
  std::int64_t bytes = 0;     ///< of the file, read so far; only while reading
  std::int64_t of_bytes = 0;  ///< 0: nobody reads
  std::int64_t rejected = 0;
  double per_second = 0;
  std::string waiting_for;  ///< why nothing is sent right now; empty while it is
};

/// A customer's key as the log may show it: the same key, the same name within a state.
using customer_naming = std::function<std::string(std::string_view)>;

class observer {
 public:
  virtual ~observer() = default;
  /// `event` is a stable name (drop_claimed, attempt, throttled …), `text` a whole sentence that
  /// names no customer.
  virtual void note(severity how, std::string_view event, std::string_view text,
                    const log_fields& fields) = 0;
  virtual void advance(const progress& now) = 0;
  /// False: nobody would see a note of this severity. Who tells something of each request asks
  /// first.
  [[nodiscard]] virtual bool shows(severity /*how*/) const { return true; }
  /// How customers are named from now on; whoever writes no log need not know.
  virtual void name_customers(customer_naming /*name*/) {}
};

}  // namespace patchbay
