// The sending alone: dispatch hands out PATCHes, sessions send them, each answer is read and
// reported, and nothing is stored. bench_send BASE_URL AUTHORITY.pem COUNT SESSIONS
#include <chrono>
#include <cstddef>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "patchbay/adapter/https/https_factory.hpp"
#include "patchbay/adapter/system/real_clock.hpp"
#include "patchbay/policy/dispatch.hpp"
#include "patchbay/protocol/replies.hpp"
#include "patchbay/protocol/requests.hpp"

using namespace patchbay;
namespace asio = boost::asio;

namespace {

constexpr std::size_t page = 512;
constexpr const char* token = "Bearer eyJhbGciOiJub25lIn0.eyJ0ZXN0IjpmYWxzZX0.x";

class sender {
 public:
  sender(patchbay::clock& time, exchange_factory& lines, std::size_t count)
      : time_(time), lines_(lines), left_(count), dispatch_(dispatch_options()) {
    field_spec email;
    email.name = "email";
    specs_.push_back(email);
    dispatch_.open("bench", std::nullopt);
  }

  asio::awaitable<void> work() {
    const std::unique_ptr<exchange> line = lines_.open();
    for (;;) {
      const step next = dispatch_.next(time_.now());
      if (std::holds_alternative<all_done>(next)) co_return;
      if (std::holds_alternative<wait_for>(next)) co_return;  // others have the rest in hand
      if (std::holds_alternative<load_more>(next)) {
        load();
        continue;
      }
      const ticket which = std::get<send_patch>(next).which;
      const auto answer = co_await line->send(patch(which), std::chrono::seconds(10));
      if (!answer || read_verdict(*answer, specs_).kind != verdict_kind::confirmed) {
        ++failed;
      } else {
        ++applied;
      }
      dispatch_.on_answer(which);
      dispatch_.finish(which);
    }
  }

  std::size_t applied = 0;
  std::size_t failed = 0;

 private:
  void load() {
    for (std::size_t i = 0; i < page && left_ > 0; ++i, --left_) {
      dispatch_.add(left_, "bench", "i" + std::to_string(left_), need::patch, instant(0));
    }
    dispatch_.loaded("bench", left_ > 0);
  }

  [[nodiscard]] request patch(ticket which) const {
    const std::string number = std::to_string(which);
    patch_content content;
    content.id = "i" + number;
    content.fields.emplace("email", string_value("c" + number + "@shop.example"));
    request made = patch_customer("/api", content, specs_);
    made.authorization = token;
    return made;
  }

  patchbay::clock& time_;
  exchange_factory& lines_;
  std::size_t left_;
  class dispatch dispatch_;
  std::vector<field_spec> specs_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return 64;
  asio::io_context loop(1);
  real_clock time(loop);
  https_options options;
  options.url = arguments[1];
  options.ca_file = arguments[2];
  auto lines = https_factory::make(loop, time, options);
  if (!lines) {
    std::cerr << lines.error().code << ": " << lines.error().message << "\n";
    return 78;
  }
  sender all(time, **lines, std::stoul(arguments[3]));
  const auto rethrow = [](std::exception_ptr failed) {
    if (failed) std::rethrow_exception(failed);
  };
  for (int i = 0; i < std::stoi(arguments[4]); ++i) asio::co_spawn(loop, all.work(), rethrow);
  const auto began = std::chrono::steady_clock::now();
  loop.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << "{\"requests\":" << all.applied << ",\"failed\":" << all.failed
            << ",\"seconds\":" << took.count() << "}\n";
  return all.failed == 0 ? 0 : 70;
}
