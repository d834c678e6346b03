// Answers GET and HEAD on a listener: pages, and one stream of server-sent events that carries
// the parts of a page that changed. Knows no content: pages are functions that the owner gives.
// Bounded in connections, bytes and time, so that a slow or hostile neighbour costs nothing but
// its own place. One per configuration of a daemon, loop thread; never blocks it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "patchbay/adapter/web/web_listener.hpp"

namespace patchbay {

struct web_reply {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body = {};
  std::string location = {};  ///< with 302
};

using web_answer = std::function<void(web_reply)>;
/// Answers now or later, from the loop; once.
using web_page = std::function<void(web_answer)>;

/// A part of the page: its id in the document, and its HTML.
using web_parts = std::vector<std::pair<std::string, std::string>>;

struct web_site {
  std::map<std::string, web_page, std::less<>> pages;  ///< by path
  std::string events;                                  ///< the path of the stream; empty: none
};

struct web_limits {
  /// A further one takes the place of who has said nothing for longest; where all are being
  /// answered it is told 503 and closed.
  std::size_t connections = 64;
  std::size_t streams = 16;  ///< of these
  std::uint32_t header_bytes = 8192;
  std::chrono::milliseconds request{10'000};    ///< for the next head to be complete; also idle
  std::chrono::milliseconds reply{10'000};      ///< for a reply, or an event, to be taken
  std::chrono::milliseconds heartbeat{15'000};  ///< between signs of life of a stream
};

class web_server {
 public:
  /// The listener outlives the server.
  web_server(boost::asio::io_context& loop, const web_listener& door, web_site site,
             web_limits limits = {});
  web_server(const web_server&) = delete;
  web_server& operator=(const web_server&) = delete;
  ~web_server();

  /// Every stream gets the parts that differ from what it was given before; one that is slow gets
  /// the newest when it has taken the last.
  void publish(web_parts parts);
  /// Open streams.
  [[nodiscard]] std::size_t streams() const;
  /// Ends every connection; the listener stays open.
  void close();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace patchbay
