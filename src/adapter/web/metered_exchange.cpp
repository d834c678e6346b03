#include "patchbay/adapter/web/metered_exchange.hpp"

#include <string>
#include <utility>

namespace patchbay {
namespace {

const char* name_of(no_reply::cause why) {
  switch (why) {
    case no_reply::cause::unsent:
      return "unsent";
    case no_reply::cause::refused_tls:
      return "refused_tls";
    case no_reply::cause::timed_out:
      return "timed_out";
    case no_reply::cause::reset:
      return "reset";
    case no_reply::cause::unreadable:
      return "unreadable";
  }
  return "";
}

class metered_exchange final : public exchange {
 public:
  metered_exchange(std::unique_ptr<exchange> inner, metrics& numbers, const clock& time)
      : inner_(std::move(inner)), numbers_(numbers), time_(time) {}

  boost::asio::awaitable<boost::system::result<reply, no_reply>> send(
      request what, nanoseconds timeout) override {
    const request_class kind = what.kind;
    const instant begun = time_.now();
    numbers_.request_begun();
    auto answer = co_await inner_->send(std::move(what), timeout);
    const std::string code = answer ? std::to_string(answer->status) : name_of(answer.error().why);
    numbers_.request_ended(kind, code, time_.now() - begun);
    co_return answer;
  }

 private:
  std::unique_ptr<exchange> inner_;
  metrics& numbers_;
  const clock& time_;
};

}  // namespace

std::unique_ptr<exchange> metered_factory::open() {
  return std::make_unique<metered_exchange>(inner_.open(), numbers_, time_);
}

}  // namespace patchbay
