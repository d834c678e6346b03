#include "event_session.hpp"

#include <array>
#include <map>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace patchbay {
namespace {

using boost::system::error_code;

/// How long a browser waits before it asks again.
constexpr const char* come_again = "retry: 2000\n\n";
constexpr const char* still_here = ":\n\n";

class event_session final : public web_connection,
                            public std::enable_shared_from_this<event_session> {
 public:
  event_session(web_stream stream, std::shared_ptr<web_terms> terms)
      : stream_(std::move(stream)), terms_(std::move(terms)), timer_(stream_.get_executor()) {}

  void begin(std::string head) {
    terms_->open.insert(shared_from_this());
    ++terms_->streams;
    stream_.expires_never();
    listen_for_end();
    write(std::move(head) + come_again + differences());
  }

  void close() override { end(); }
  void changed() override {
    if (!writing_) go_on();
  }

 private:
  void end() {
    if (std::exchange(ended_, true)) return;
    const auto own = shared_from_this();
    timer_.cancel();
    stream_.close();
    --terms_->streams;
    terms_->open.erase(own);
  }

  /// Nothing more is said by who listens: whatever comes is passed over, the end is the end.
  void listen_for_end() {
    stream_.async_read_some(boost::asio::buffer(unheard_),
                            [own = shared_from_this()](const error_code& failed, std::size_t) {
                              if (failed) return own->end();
                              own->listen_for_end();
                            });
  }

  void go_on() {
    std::string event = differences();
    if (!event.empty()) return write(std::move(event));
    timer_.expires_after(terms_->limits.heartbeat);
    timer_.async_wait([own = shared_from_this()](const error_code& failed) {
      if (!failed && !own->ended_ && !own->writing_) own->write(still_here);
    });
  }

  /// One event with every part that is not as it was given; empty: all are.
  std::string differences() {
    std::string event;
    for (const auto& [id, html] : terms_->parts) {
      std::string& given = given_[id];
      if (given == html) continue;
      given = html;
      std::size_t at = 0;
      while (at < html.size()) {
        const std::size_t end = std::min(html.find('\n', at), html.size());
        event += "data: " + html.substr(at, end - at) + "\n";
        at = end + 1;
      }
    }
    return event.empty() ? event : event + "\n";
  }

  void write(std::string text) {
    timer_.cancel();
    writing_ = true;
    text_ = std::move(text);
    stream_.expires_after(terms_->limits.reply);
    boost::asio::async_write(stream_, boost::asio::buffer(text_),
                             [own = shared_from_this()](const error_code& failed, std::size_t) {
                               own->writing_ = false;
                               if (own->ended_) return;
                               if (failed) return own->end();
                               own->go_on();
                             });
  }

  web_stream stream_;
  std::shared_ptr<web_terms> terms_;
  boost::asio::steady_timer timer_;
  std::array<char, 512> unheard_{};
  std::map<std::string, std::string> given_;  ///< by part
  std::string text_;
  bool writing_ = false;
  bool ended_ = false;
};

}  // namespace

void begin_events(web_stream stream, const std::shared_ptr<web_terms>& terms, std::string head) {
  std::make_shared<event_session>(std::move(stream), terms)->begin(std::move(head));
}

}  // namespace patchbay
