// The server with limits short enough to be waited for: what the daemon's own would take too long.
#include "patchbay/adapter/web/web_server.hpp"

#include <future>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <doctest/doctest.h>

using namespace patchbay;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// A server on a loop of its own.
class served {
 public:
  explicit served(web_site site, web_limits limits = {})
      : door_(*web_listener::open("127.0.0.1:0")), server_(loop_, door_, std::move(site), limits) {
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~served() {
    on_loop([this] { server_.close(); });
    thread_.join();
  }
  /// Returns when `call` is done.
  template <class Call>
  void on_loop(Call call) {
    std::promise<void> done;
    asio::post(loop_, [&] {
      call();
      done.set_value();
    });
    done.get_future().wait();
  }
  [[nodiscard]] unsigned short port() const {
    const std::string url = door_.url();
    return static_cast<unsigned short>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  [[nodiscard]] web_server& server() { return server_; }

 private:
  asio::io_context loop_{1};
  web_listener door_;
  web_server server_;
  std::thread thread_;
};

class guest {
 public:
  explicit guest(const served& at) : line_(own_) {
    line_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), at.port()));
  }
  void ask(const std::string& path) {
    asio::write(line_, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }
  /// What came up to the word and with it; what came after it stays.
  std::string until(const std::string& word) {
    const std::size_t size = asio::read_until(line_, asio::dynamic_buffer(text_), word);
    std::string told = text_.substr(0, size);
    text_.erase(0, size);
    return told;
  }
  [[nodiscard]] bool ended() {
    boost::system::error_code failed;
    asio::read(line_, asio::dynamic_buffer(text_), failed);
    return failed == asio::error::eof || failed == asio::error::connection_reset;
  }
  tcp::socket& line() { return line_; }
  std::string& text() { return text_; }

 private:
  asio::io_context own_;
  tcp::socket line_;
  std::string text_;
};

web_site site_with(const std::string& path, web_page page) {
  web_site site;
  site.pages[path] = std::move(page);
  site.events = "/events";
  return site;
}

void pages_of_nothing(const web_answer& answer) {
  answer({});
}

}  // namespace

TEST_CASE("web: a head that never ends is cut off, and so is a connection that says nothing") {
  web_limits limits;
  limits.request = 50ms;
  const served at(site_with("/page", pages_of_nothing), limits);
  guest slow(at);
  asio::write(slow.line(), asio::buffer(std::string("GET /pa")));
  CHECK(slow.ended());
  guest silent(at);
  silent.ask("/page");
  CHECK(silent.ended());
  CHECK(silent.text().starts_with("HTTP/1.1 200"));
}

TEST_CASE(
    "web: a page may answer later, also after its asker has gone, and the next one is served") {
  std::vector<web_answer> asked;
  served at(
      site_with("/page", [&asked](web_answer answer) { asked.push_back(std::move(answer)); }));
  const auto wait_for = [&at, &asked](std::size_t count) {
    for (std::size_t seen = 0; seen < count;) at.on_loop([&] { seen = asked.size(); });
  };
  {
    guest gone(at);
    gone.ask("/page");
    wait_for(1);
  }
  guest patient(at);
  patient.ask("/page");
  wait_for(2);
  at.on_loop([&asked] {
    for (const web_answer& answer : asked) answer({200, "text/plain", "late", ""});
  });
  patient.until("late");
  CHECK(patient.text().empty());
}

TEST_CASE("web: a stream that has nothing to say gives a sign of life") {
  web_limits limits;
  limits.heartbeat = 20ms;
  const served at(site_with("/page", pages_of_nothing), limits);
  guest listening(at);
  listening.ask("/events");
  listening.until("retry: 2000\n\n");
  listening.until(":\n\n:\n\n");
}

TEST_CASE(
    "web: who listens slowly misses what was in between, never the last, and never half of it") {
  served at(site_with("/page", pages_of_nothing));
  guest slow(at);
  slow.line().set_option(asio::socket_base::receive_buffer_size(65536));
  slow.ask("/events");
  slow.until("\n\n");
  const std::string much(400'000, 'x');
  for (int number = 1; number <= 50; ++number) {
    const std::string html = "<p>" + much + std::to_string(number) + "</p>";
    at.on_loop([&] { at.server().publish({{"part", html}}); });
  }
  const std::string told = slow.until("x50</p>\n\n");
  // All fifty would be twenty megabytes: what the socket took meanwhile, and the last one, came.
  CHECK(told.size() < 50 * much.size() / 2);
}

TEST_CASE("web: a stream that takes nothing is given up") {
  web_limits limits;
  limits.reply = 50ms;
  served at(site_with("/page", pages_of_nothing), limits);
  guest stuck(at);
  stuck.ask("/events");
  stuck.until("\n\n");
  const auto streams = [&at] {
    std::size_t open = 0;
    at.on_loop([&] { open = at.server().streams(); });
    return open;
  };
  CHECK(streams() == 1);
  const std::string much(50'000'000, 'x');
  at.on_loop([&] { at.server().publish({{"part", much}}); });
  while (streams() > 0) {
  }
  CHECK(streams() == 0);
}

TEST_CASE("web: a full house takes one more in place of who has been silent for longest") {
  web_limits limits;
  limits.connections = 2;
  std::vector<web_answer> asked;
  served at(site_with("/page", [&asked](web_answer answer) { asked.push_back(std::move(answer)); }),
            limits);
  const auto wait_for = [&at, &asked](std::size_t count) {
    for (std::size_t seen = 0; seen < count;) at.on_loop([&] { seen = asked.size(); });
  };
  guest silent(at);
  guest busy(at);
  busy.ask("/page");
  wait_for(1);
  guest next(at);
  next.ask("/page");
  CHECK(silent.ended());
  CHECK(silent.text().empty());
  wait_for(2);
  // Both are being answered now: nobody's place is free.
  guest refused(at);
  CHECK(refused.ended());
  CHECK(refused.text().starts_with("HTTP/1.1 503"));
  at.on_loop([&asked] {
    for (const web_answer& answer : asked) answer({200, "text/plain", "late", ""});
  });
  busy.until("late");
  next.until("late");
}
