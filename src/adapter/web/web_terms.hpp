// What the connections of one server share. Private to adapter/web; loop thread.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include "patchbay/adapter/web/web_server.hpp"

namespace patchbay {

/// A socket file's connection or a TCP one; with a time-out on each operation.
using web_stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;

class web_connection {
 public:
  virtual ~web_connection() = default;
  virtual void close() = 0;
  /// What a stream's page shows has changed.
  virtual void changed() = 0;
  /// In which turn of `web_terms::turns` it began to wait for a request; 0: it does not wait.
  [[nodiscard]] virtual std::uint64_t quiet_since() const { return 0; }
};

struct web_terms {
  web_site site;
  web_limits limits;
  std::string door;  ///< the host part of the address
  std::set<std::shared_ptr<web_connection>> open = {};
  std::uint64_t turns = 0;  ///< counts the waits for a request
  std::size_t streams = 0;
  web_parts parts = {};  ///< the newest
  bool closed = false;
};

}  // namespace patchbay
