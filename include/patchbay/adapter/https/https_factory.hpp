// Makes the real exchanges of port/exchange: HTTP/1.1 over TLS 1.2 or newer to one origin. The
// chain and the host name are always verified against the system's roots (and an extra file);
// there is no switch. One per origin, owned by the composition, outlives its exchanges; loop
// thread. Beast and OpenSSL stay behind it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/result.hpp>

#include "patchbay/adapter/https/origin.hpp"
#include "patchbay/adapter/https/proxy.hpp"
#include "patchbay/adapter/https/tls_facts.hpp"
#include "patchbay/model/fault.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/exchange.hpp"

namespace patchbay {

struct https_options {
  std::string url;                               ///< only scheme, host and port count
  std::optional<std::filesystem::path> ca_file;  ///< PEM: trusted besides the system's roots
  milliseconds connect_timeout{5'000};           ///< name, TCP and TLS together; at least 1 ms
  milliseconds idle_limit{55'000};  ///< a connection idle for longer is not used again: what
                                    ///< lies between may have forgotten it without a word
  milliseconds age_limit{600'000};  ///< a connection older than this is made anew, so that a name
                                    ///< that moved and a balancer that drains are followed
  milliseconds head_start{250};     ///< of one address over the next (RFC 8305, 5)
  environment_lookup environment;   ///< names the proxy, see proxy.hpp; empty: straight there
  std::size_t header_bytes = 16U << 10U;  ///< of a reply; more is `unreadable`
  std::size_t body_bytes = 8U << 20U;     ///< of a reply, unpacked; more is `unreadable`
};

struct https_terms;  ///< what the exchanges of one factory share; seen by src/adapter/https alone

class https_factory final : public exchange_factory {
 public:
  /// URL_INVALID, HTTP_NOT_LOOPBACK, PROXY_INVALID, CA_FILE_UNUSABLE, TLS_UNUSABLE.
  [[nodiscard]] static result<std::unique_ptr<https_factory>> make(boost::asio::io_context& loop,
                                                                   clock& time,
                                                                   https_options options);
  ~https_factory() override;

  [[nodiscard]] std::unique_ptr<exchange> open() override;
  [[nodiscard]] const origin& where() const;
  /// Connects, verifies, and tells what the server showed; nullopt: plain http to loopback. No
  /// request is sent.
  [[nodiscard]] boost::asio::awaitable<boost::system::result<std::optional<tls_facts>, no_reply>>
  look(nanoseconds limit);

 private:
  explicit https_factory(std::shared_ptr<https_terms> made);
  std::shared_ptr<https_terms> terms_;
};

}  // namespace patchbay
