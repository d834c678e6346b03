#include "web_session.hpp"

#include <optional>
#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "event_session.hpp"
#include "request_rules.hpp"

namespace patchbay {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using parser = http::request_parser<http::empty_body>;
using response = http::response<http::string_body>;

web_reply plain(int status, std::string text) {
  web_reply made;
  made.status = status;
  made.body = std::move(text);
  return made;
}

web_request judged(const parser& head) {
  const auto& message = head.get();
  web_request made;
  made.method = std::string(message.method_string());
  made.target = std::string(message.target());
  const auto [first, last] = message.equal_range(http::field::host);
  for (auto at = first; at != last; ++at) made.hosts.emplace_back(at->value());
  made.has_body = head.chunked() || head.content_length().value_or(0) > 0;
  return made;
}

/// What the API's page allows itself, and others. The page's own style, script and events come
/// from the same origin; everything else is refused by the browser.
void secure(response& message) {
  message.set(http::field::cache_control, "no-store");
  message.set("Content-Security-Policy",
              "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
              "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  message.set("Cross-Origin-Resource-Policy", "same-origin");
  message.set("Referrer-Policy", "no-referrer");
  message.set("X-Content-Type-Options", "nosniff");
}

response as_message(web_reply from, bool keep_alive) {
  response made(static_cast<http::status>(from.status), 11);
  made.set(http::field::server, "patchbay");
  made.set(http::field::content_type, from.type);
  if (!from.location.empty()) made.set(http::field::location, from.location);
  if (from.status == 405) made.set(http::field::allow, "GET, HEAD");
  secure(made);
  made.keep_alive(keep_alive);
  made.body() = std::move(from.body);
  made.prepare_payload();
  return made;
}

/// Who has said nothing for longest makes room: whoever holds many connections open cannot keep a
/// probe of /livez away. False: all are being answered.
bool make_room(web_terms& terms) {
  if (terms.open.size() < terms.limits.connections) return true;
  web_connection* quietest = nullptr;
  for (const auto& one : terms.open) {
    if (one->quiet_since() == 0) continue;
    if (!quietest || one->quiet_since() < quietest->quiet_since()) quietest = one.get();
  }
  if (!quietest) return false;
  quietest->close();
  return true;
}

class web_session final : public web_connection, public std::enable_shared_from_this<web_session> {
 public:
  web_session(web_stream stream, std::shared_ptr<web_terms> terms)
      : stream_(std::move(stream)), terms_(std::move(terms)) {}

  void begin() {
    const bool room = make_room(*terms_);
    terms_->open.insert(shared_from_this());
    if (room) {
      read_head();
    } else {
      keep_alive_ = false;
      reply(plain(503, "too many connections\n"));
    }
  }

  void close() override {
    quiet_since_ = 0;
    stream_.close();
  }
  void changed() override {}
  [[nodiscard]] std::uint64_t quiet_since() const override { return quiet_since_; }

 private:
  void end() {
    error_code ignored;
    stream_.socket().shutdown(boost::asio::socket_base::shutdown_both, ignored);
    stream_.close();
    terms_->open.erase(shared_from_this());
  }

  void read_head() {
    quiet_since_ = ++terms_->turns;
    head_.emplace();
    head_->header_limit(terms_->limits.header_bytes);
    stream_.expires_after(terms_->limits.request);
    http::async_read_header(stream_, buffer_, *head_,
                            [own = shared_from_this()](const error_code& failed, std::size_t) {
                              own->on_head(failed);
                            });
  }

  void on_head(const error_code& failed) {
    quiet_since_ = 0;
    if (terms_->closed) return end();
    if (failed == http::error::header_limit || failed == http::error::buffer_overflow) {
      return refuse(plain(431, "the head of the request is too large\n"));
    }
    if (failed && failed.category() == http::make_error_code(http::error::bad_version).category() &&
        failed != http::error::end_of_stream && failed != http::error::partial_message) {
      return refuse(plain(400, "this is no HTTP/1.1\n"));
    }
    if (failed) return end();
    const web_request asked = judged(*head_);
    only_head_ = asked.method == "HEAD";
    keep_alive_ = head_->get().keep_alive();
    if (auto refused = refusal_of(asked, terms_->door)) return refuse(std::move(*refused));
    answer(path_of(asked.target));
  }

  void refuse(web_reply with) {
    // What follows on the connection may be a body: it is not read.
    keep_alive_ = false;
    reply(std::move(with));
  }

  void answer(std::string_view path) {
    if (!terms_->site.events.empty() && path == terms_->site.events) return answer_events();
    const auto found = terms_->site.pages.find(path);
    if (found == terms_->site.pages.end()) return reply(plain(404, "there is no such page\n"));
    stream_.expires_never();
    // A page may keep its answer longer than the loop lives; the session is kept by terms_->open.
    found->second([session = weak_from_this()](web_reply made) {
      if (const auto own = session.lock()) own->reply(std::move(made));
    });
  }

  void answer_events() {
    if (terms_->streams >= terms_->limits.streams) {
      return refuse(plain(503, "too many streams are open\n"));
    }
    web_reply made;
    made.type = "text/event-stream";
    response head = as_message(std::move(made), false);
    head.erase(http::field::content_length);
    if (only_head_) return write(std::move(head));
    std::string text = "HTTP/1.1 200 OK\r\n";
    for (const auto& field : head) {
      text.append(field.name_string()).append(": ").append(field.value()).append("\r\n");
    }
    begin_events(std::move(stream_), terms_, text + "\r\n");
    terms_->open.erase(shared_from_this());
  }

  void reply(web_reply with) {
    if (terms_->closed) return end();
    write(as_message(std::move(with), keep_alive_));
  }

  void write(response with) {
    message_.emplace(std::move(with));
    serializer_.emplace(*message_);
    stream_.expires_after(terms_->limits.reply);
    const auto written = [own = shared_from_this()](const error_code& failed, std::size_t) {
      own->on_written(failed);
    };
    if (only_head_) {
      http::async_write_header(stream_, *serializer_, written);
    } else {
      http::async_write(stream_, *serializer_, written);
    }
  }

  void on_written(const error_code& failed) {
    const bool ends = failed || !message_->keep_alive() || terms_->closed;
    if (ends) return end();
    read_head();
  }

  web_stream stream_;
  std::shared_ptr<web_terms> terms_;
  boost::beast::flat_buffer buffer_{16384};
  std::optional<parser> head_;
  std::optional<response> message_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::uint64_t quiet_since_ = 0;
  bool only_head_ = false;
  bool keep_alive_ = false;
};

}  // namespace

void begin_session(web_stream stream, const std::shared_ptr<web_terms>& terms) {
  std::make_shared<web_session>(std::move(stream), terms)->begin();
}

}  // namespace patchbay
