#include "https_exchange.hpp"

#include <optional>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "as_values.hpp"
#include "gzip_body.hpp"
#include "request_text.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

/// More than a reply's head, whose own limit speaks first.
constexpr std::size_t most_buffered_bytes = 256U << 10U;

reply plain(http::response<http::string_body>&& message) {
  reply made;
  made.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    const std::string name = lowered_ascii(std::string(field.name_string()));
    std::string& value = made.headers[name];
    if (!value.empty()) value += ", ";
    value += field.value();
  }
  made.body = std::move(message.body());
  return made;
}

/// Packed as asked for: unpacks. Packed in another way: nobody here could read it.
error_code unpack(reply& answer, std::size_t most) {
  const std::string packing = lowered_ascii(answer.header("content-encoding"));
  if (packing.empty() || packing == "identity" || answer.body.empty()) return {};
  if (packing != "gzip" && packing != "x-gzip") return http::error::bad_transfer_encoding;
  std::string unpacked;
  const std::optional<gzip_fault> failed = gunzip(answer.body, most, unpacked);
  if (failed == gzip_fault::too_large) return http::error::body_limit;
  if (failed) return http::error::bad_transfer_encoding;
  answer.body = std::move(unpacked);
  return {};
}

bool is_unreadable(const error_code& failed) {
  if (failed == http::error::partial_message || failed == http::error::end_of_stream) return false;
  return failed.category() == http::make_error_code(http::error::bad_version).category();
}

std::string unreadable_text(const error_code& failed, const https_options& limits) {
  if (failed == http::error::header_limit || failed == http::error::buffer_overflow) {
    return "the head of its reply is larger than " + std::to_string(limits.header_bytes) + " bytes";
  }
  if (failed == http::error::body_limit) {
    return "the body of its reply is larger than " + std::to_string(limits.body_bytes) + " bytes";
  }
  if (failed == http::error::bad_transfer_encoding) {
    return "the body of its reply is packed in a way that cannot be unpacked (only gzip can)";
  }
  return "its reply is not HTTP: " + failed.message();
}

std::string spelled(nanoseconds timeout) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(timeout).count()) + " ms";
}

}  // namespace

https_exchange::https_exchange(std::shared_ptr<https_terms> terms)
    : terms_(std::move(terms)), link_(terms_), received_(most_buffered_bytes) {}

asio::awaitable<https_exchange::outcome> https_exchange::send(request what, nanoseconds timeout) {
  write_request(wire_, what, terms_->where.authority());
  const instant begun = terms_->time.now();
  if (received_.size() > 0 || !link_.usable(begun)) {
    received_.clear();
    std::optional<no_reply> failed = co_await link_.connect(timeout);
    if (failed) co_return std::move(*failed);
  }
  const nanoseconds left = timeout - (terms_->time.now() - begun);
  if (left <= nanoseconds::zero()) {
    link_.abort();
    co_return broken(no_reply::cause::unsent, "no time was left to send the request");
  }
  link_.arm(left);
  reply_begun_ = false;
  if (https_link::tls_stream* const tls = link_.tls()) co_return co_await converse(*tls, timeout);
  co_return co_await converse(link_.plain(), timeout);
}

template <class Stream>
asio::awaitable<https_exchange::outcome> https_exchange::converse(Stream& stream,
                                                                  nanoseconds timeout) {
  const auto [unwritten, written] =
      co_await asio::async_write(stream, asio::buffer(wire_), as_values);
  // Without one whole TLS record the server has nothing that it could read, let alone apply.
  if (unwritten && written == 0) co_return not_sent(unwritten, timeout);
  if (unwritten) co_return not_heard(unwritten, timeout);
  heard got;
  const error_code failed = co_await hear(stream, got);
  if (failed) co_return not_heard(failed, timeout);
  got.answer.received = terms_->time.now();
  if (got.keep) {
    link_.rest(got.answer.received);
  } else {
    link_.end();
    received_.clear();
  }
  co_return std::move(got.answer);
}

/// Reads until a final reply; interim ones (1xx) are passed over, a few of them.
template <class Stream>
asio::awaitable<error_code> https_exchange::hear(Stream& stream, heard& into) {
  constexpr int most_interim_replies = 8;
  constexpr unsigned switching_protocols = 101;
  constexpr unsigned first_final_status = 200;
  for (int i = 0; i <= most_interim_replies; ++i) {
    http::response_parser<http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(terms_->options.header_bytes));
    parser.body_limit(terms_->options.body_bytes);
    const auto [failed, bytes] = co_await http::async_read(stream, received_, parser, as_values);
    reply_begun_ = reply_begun_ || bytes > 0 || received_.size() > 0;
    if (failed) co_return failed;
    const unsigned status = parser.get().result_int();
    if (status == switching_protocols) co_return http::error::bad_status;
    if (status < first_final_status) continue;
    into.keep = parser.get().keep_alive() && !parser.get().need_eof();
    into.answer = plain(parser.release());
    co_return unpack(into.answer, terms_->options.body_bytes);
  }
  co_return http::error::bad_status;
}

no_reply https_exchange::broken(no_reply::cause why, const std::string& what) {
  return {why, terms_->where.shown() + ": " + what, terms_->time.now()};
}

no_reply https_exchange::not_sent(const error_code& failed, nanoseconds timeout) {
  const bool late = link_.abort();
  received_.clear();
  return broken(no_reply::cause::unsent,
                "the request could not be sent" +
                    (late ? " within " + spelled(timeout) : ": " + failed.message()) +
                    "; nothing of it left");
}

no_reply https_exchange::not_heard(const error_code& failed, nanoseconds timeout) {
  const bool late = link_.abort();
  received_.clear();
  if (late) {
    return broken(no_reply::cause::timed_out, "no complete reply within " + spelled(timeout) +
                                                  "; the request may have been applied");
  }
  if (is_unreadable(failed)) {
    return broken(no_reply::cause::unreadable,
                  unreadable_text(failed, terms_->options) + "; the request may have been applied");
  }
  return broken(no_reply::cause::reset,
                std::string("the connection broke ") +
                    (reply_begun_ ? "in the middle of the reply (" : "before the reply (") +
                    failed.message() + "); the request may have been applied");
}

}  // namespace patchbay
