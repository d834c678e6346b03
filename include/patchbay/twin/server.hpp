// The twin's front: TLS 1.2/1.3 on loopback, keep-alive, any number of connections, on a thread
// of its own. Tests use it in process; the program patchbay-twin is a thin shell around it. Its
// certificate authority is made at start and written to a file. The destructor stops it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/twin/rules.hpp"

namespace patchbay::twin {

/// What the server shows of itself in TLS. The CA file is always a good one, so that everything
/// but `good` must be refused by a client that trusts it.
enum class certificate_kind { good, wrong_host, self_signed, expired };

struct server_options {
  std::string address = "127.0.0.1";
  unsigned short port = 0;              ///< 0: a free one
  std::filesystem::path ca_file = {};   ///< empty: a new file in the temporary folder
  std::filesystem::path log_file = {};  ///< JSON lines, a line as each request is answered
  certificate_kind certificate = certificate_kind::good;
  bool plain_http = false;     ///< no TLS at all (clients must accept it on loopback)
  nanoseconds latency_min{0};  ///< of the network: part of it before the arrival that
  nanoseconds latency_max{0};  ///< the windows see, the rest before the answer leaves
};

class server {
 public:
  /// `settings.origin` is filled in by the server. TWIN_LISTEN_FAILED, TWIN_FILE_FAILED.
  [[nodiscard]] static result<std::unique_ptr<server>> start(server_options options,
                                                             rules_options settings,
                                                             roster customers);
  virtual ~server() = default;
  server() = default;
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  [[nodiscard]] virtual unsigned short port() const = 0;
  [[nodiscard]] virtual std::string origin() const = 0;  ///< https://localhost:PORT
  [[nodiscard]] virtual std::string base_url() const = 0;
  [[nodiscard]] virtual std::string token_url() const = 0;
  [[nodiscard]] virtual std::filesystem::path ca_file() const = 0;

  /// Runs `look` while nothing else touches the rules: for edits, faults, anything.
  virtual void with_rules(const std::function<void(rules&)>& look) = 0;
  [[nodiscard]] std::vector<logged_request> log();
  /// By id, or by reference when that names exactly one.
  [[nodiscard]] std::optional<customer> find(std::string_view id_or_reference);
  void add_fault(fault_rule one);
  /// Closes everything and joins the thread; also done by the destructor.
  virtual void stop() = 0;
};

}  // namespace patchbay::twin
