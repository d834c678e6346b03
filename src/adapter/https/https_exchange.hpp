// HTTP/1.1 over one link: writes a request, reads its reply, keeps the connection or ends it, and
// says of every failure whether a byte had left. Sends nothing twice and follows nothing. Used by
// one coroutine at a time, loop thread.
#pragma once

#include <memory>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>

#include "https_link.hpp"
#include "patchbay/port/exchange.hpp"

namespace patchbay {

class https_exchange final : public exchange {
 public:
  explicit https_exchange(std::shared_ptr<https_terms> terms);

  boost::asio::awaitable<boost::system::result<reply, no_reply>> send(request what,
                                                                      nanoseconds timeout) override;

 private:
  using outcome = boost::system::result<reply, no_reply>;
  /// What a read of one message ended with.
  struct heard {
    reply answer;
    bool keep = false;
  };
  template <class Stream>
  boost::asio::awaitable<outcome> converse(Stream& stream, nanoseconds timeout);
  template <class Stream>
  boost::asio::awaitable<boost::system::error_code> hear(Stream& stream, heard& into);
  [[nodiscard]] no_reply broken(no_reply::cause why, const std::string& what);
  [[nodiscard]] no_reply not_sent(const boost::system::error_code& failed, nanoseconds timeout);
  [[nodiscard]] no_reply not_heard(const boost::system::error_code& failed, nanoseconds timeout);

  std::shared_ptr<https_terms> terms_;
  https_link link_;
  std::string wire_;
  boost::beast::flat_buffer received_;
  bool reply_begun_ = false;
};

}  // namespace patchbay
