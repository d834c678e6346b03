// One exchange with a loop of its own, driven as a worker would, one request at a time.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "certificates.hpp"
#include "patchbay/adapter/https/https_factory.hpp"
#include "patchbay/adapter/system/real_clock.hpp"
#include "temp_folder.hpp"

namespace patchbay::testing {

using sent = boost::system::result<reply, no_reply>;

class https_client {
 public:
  explicit https_client(https_options options) {
    result<std::unique_ptr<https_factory>> made =
        https_factory::make(loop_, time_, std::move(options));
    if (!made) throw std::runtime_error(made.error().message);
    factory_ = std::move(*made);
    session_ = factory_->open();
  }

  sent send(request what, milliseconds timeout = std::chrono::seconds(20)) {
    std::optional<sent> got;
    std::exception_ptr thrown;
    boost::asio::co_spawn(loop_, session_->send(std::move(what), timeout),
                          [&got, &thrown](std::exception_ptr bug, sent outcome) {
                            thrown = bug;
                            got = std::move(outcome);
                          });
    loop_.restart();
    loop_.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*got);
  }

  [[nodiscard]] clock& time() { return time_; }

 private:
  boost::asio::io_context loop_{1};
  real_clock time_{loop_};
  std::unique_ptr<https_factory> factory_;
  std::unique_ptr<exchange> session_;
};

/// Signs what the scripted servers show.
inline const certificate& authority() {
  static const certificate made =
      self_signed({.subject = "patchbay test authority", .names = {}, .authority = true});
  return made;
}

inline https_options trusting(const temp_folder& folder, const std::string& port) {
  https_options options;
  options.url = "https://localhost:" + port + "/api";
  options.ca_file = folder.write("ca.pem", authority().chain_pem);
  return options;
}

inline request patch_of(std::string body) {
  request what;
  what.kind = request_class::patch;
  what.method = "PATCH";
  what.target = "/api/customers/xYZkjABcde";
  what.accept = "application/vnd.api+json";
  what.content_type = "application/vnd.api+json";
  what.body = std::move(body);
  what.authorization = "Bearer very-secret-token";
  return what;
}

inline https_options plain_to(const std::string& port) {
  https_options options;
  options.url = "http://127.0.0.1:" + port + "/api";
  return options;
}

}  // namespace patchbay::testing
