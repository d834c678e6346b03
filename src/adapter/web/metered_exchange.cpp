#include "patchbay/adapter/web/metered_exchange.hpp"

#include <exception>
#include <utility>

namespace patchbay {
namespace {

/// One lost request is everyday; these many in a row are an outage.
constexpr int several = 3;

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
  metered_exchange(std::unique_ptr<exchange> inner, traffic_meter& meter)
      : inner_(std::move(inner)), meter_(meter) {}

  boost::asio::awaitable<boost::system::result<reply, no_reply>> send(
      request what, nanoseconds timeout) override {
    const request_class kind = what.kind;
    const instant begun = meter_.begin();
    auto answer = co_await inner_->send(std::move(what), timeout);
    meter_.end(kind, begun, answer);
    co_return answer;
  }

 private:
  std::unique_ptr<exchange> inner_;
  traffic_meter& meter_;
};

}  // namespace

instant traffic_meter::begin() {
  told_.request_begun();
  return time_.now();
}

void traffic_meter::end(request_class kind, instant begun,
                        const boost::system::result<reply, no_reply>& how) {
  told_.request_ended(kind, how ? std::to_string(how->status) : name_of(how.error().why),
                      time_.now() - begun);
  constexpr int server_error = 500;
  if (how && how->status < server_error) {
    failed_in_a_row_ = 0;
    return;
  }
  if (++failed_in_a_row_ == 1) last_.since = time_.wall();
  last_.why = how ? "status " + std::to_string(how->status) : how.error().message;
}

std::optional<silence> traffic_meter::silent() const {
  if (failed_in_a_row_ < several) return std::nullopt;
  return last_;
}

std::unique_ptr<exchange> metered_factory::open() {
  return std::make_unique<metered_exchange>(inner_.open(), meter_);
}

}  // namespace patchbay
