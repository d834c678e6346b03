// Reading from the API for whoever needs it (resolve, read-back, metadata, groups): a GET that
// has leased its slot, carries a valid token and is repeated with back-off until it is answered.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "patchbay/model/message.hpp"
#include "patchbay/model/report.hpp"
#include "patchbay/model/stop.hpp"

namespace patchbay {

class api_reader {
 public:
  virtual ~api_reader() = default;
  /// A 200 whose body is still to be read, or the reason why nothing can be read any more.
  /// Several calls may wait at once; each uses one session of the pool.
  virtual boost::asio::awaitable<unless_stopped<reply>> read(request what) = 0;
  /// Requests made so far through this reader and its token.
  [[nodiscard]] virtual request_counts requests() const = 0;
};

}  // namespace patchbay
