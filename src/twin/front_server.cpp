#include <cstdlib>
#include <optional>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/ssl.h>
#include <unistd.h>

#include "patchbay/twin/front_certificate.hpp"
#include "patchbay/twin/front_clock.hpp"
#include "patchbay/twin/front_session.hpp"
#include "patchbay/twin/server.hpp"

namespace patchbay::twin {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Writes `text` to `file`, or to a new file in the temporary folder when `file` is empty.
result<std::filesystem::path> written(std::filesystem::path file, const std::string& text) {
  if (file.empty()) {
    std::string name = (std::filesystem::temp_directory_path() / "patchbay-twin-XXXXXX").string();
    const int made = mkstemp(name.data());
    if (made >= 0) close(made);
    file = name;
  }
  std::ofstream into(file, std::ios::trunc);
  into << text;
  into.close();
  if (!into) return fault{"TWIN_FILE_FAILED", file.string() + ": cannot be written"};
  return file;
}

class tls_server final : public server {
 public:
  tls_server(server_options options, rules_options settings, roster customers)
      : options_(std::move(options)), core_(std::move(settings), std::move(customers)) {}
  ~tls_server() override { stop(); }
  tls_server(const tls_server&) = delete;
  tls_server& operator=(const tls_server&) = delete;

  [[nodiscard]] unsigned short port() const override { return port_; }
  [[nodiscard]] std::string origin() const override { return core_.machine.options().origin; }
  [[nodiscard]] std::string base_url() const override {
    return origin() + core_.machine.options().base_path;
  }
  [[nodiscard]] std::string token_url() const override {
    return origin() + core_.machine.options().token_path;
  }
  [[nodiscard]] std::filesystem::path ca_file() const override { return ca_file_; }

  void with_rules(const std::function<void(rules&)>& look) override {
    const std::lock_guard guard(core_.lock);
    core_.machine.advance(boot_now(), wall_now());
    look(core_.machine);
  }

  void stop() override {
    if (!thread_.joinable()) return;
    loop_->stop();
    thread_.join();
    acceptor_.reset();
    loop_.reset();  // ends every connection where it stands
    if (made_ca_file_) {
      std::error_code ignored;
      std::filesystem::remove(ca_file_, ignored);
    }
  }

  std::optional<fault> show_certificate() {
    const result<certificates> made = make_certificates(options_.certificate);
    if (!made) return made.error();
    made_ca_file_ = options_.ca_file.empty();
    const auto file = written(options_.ca_file, made->authority_pem);
    if (!file) return file.error();
    ca_file_ = *file;
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    error_code failure;
    context_.use_certificate_chain(asio::buffer(made->leaf_pem), failure);
    if (!failure) {
      context_.use_private_key(asio::buffer(made->key_pem), asio::ssl::context::pem, failure);
    }
    if (failure) return fault{"TWIN_CERTIFICATE_FAILED", failure.message()};
    return std::nullopt;
  }

  std::optional<fault> open_log() {
    if (options_.log_file.empty()) return std::nullopt;
    core_.log.open(options_.log_file, std::ios::app);
    if (core_.log) return std::nullopt;
    return fault{"TWIN_FILE_FAILED", options_.log_file.string() + ": cannot be written"};
  }

  void run(tcp::acceptor acceptor, std::unique_ptr<asio::io_context> loop) {
    core_.latency_min = options_.latency_min;
    core_.latency_max = options_.latency_max;
    core_.chance = dice(core_.machine.options().seed ^ 0x6c617465U);
    port_ = acceptor.local_endpoint().port();
    loop_ = std::move(loop);
    acceptor_.emplace(std::move(acceptor));
    asio::co_spawn(*loop_, accept(), asio::detached);
    thread_ = std::thread([this] { loop_->run(); });
  }

 private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto [failure, socket] = co_await acceptor_->async_accept(as_values);
      if (failure == asio::error::operation_aborted) co_return;
      if (failure) {  // no descriptors left: some will come back
        asio::steady_timer timer(*loop_, milliseconds(50));
        co_await timer.async_wait(as_values);
        continue;
      }
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      if (options_.plain_http) {
        asio::co_spawn(*loop_, plain_session(std::move(socket), core_), asio::detached);
      } else {
        asio::co_spawn(*loop_, tls_session(std::move(socket), context_, core_), asio::detached);
      }
    }
  }

  server_options options_;
  front_core core_;
  asio::ssl::context context_{asio::ssl::context::tls_server};
  unsigned short port_ = 0;
  std::filesystem::path ca_file_;
  bool made_ca_file_ = false;
  std::unique_ptr<asio::io_context> loop_;  // destroyed before what the connections refer to
  std::optional<tcp::acceptor> acceptor_;
  std::thread thread_;
};

result<tcp::acceptor> listening(asio::io_context& loop, const server_options& options) {
  error_code failure;
  const auto address = asio::ip::make_address(options.address, failure);
  const std::string where = options.address + ':' + std::to_string(options.port);
  if (failure || !address.is_loopback()) {
    return fault{"TWIN_LISTEN_FAILED",
                 "cannot listen on " + where +
                     ": the simulator has an open side door, so it listens on "
                     "loopback addresses only, such as 127.0.0.1:0"};
  }
  tcp::acceptor acceptor(loop);
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(asio::socket_base::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) {
    return fault{"TWIN_LISTEN_FAILED", "cannot listen on " + where + ": " + failure.message()};
  }
  return acceptor;
}

}  // namespace

result<std::unique_ptr<server>> server::start(server_options options, rules_options settings,
                                              roster customers) {
  auto loop = std::make_unique<asio::io_context>(1);
  result<tcp::acceptor> acceptor = listening(*loop, options);
  if (!acceptor) return acceptor.error();
  const bool six = options.address.find(':') != std::string::npos;
  const std::string host = six ? "[" + options.address + "]" : "localhost";
  settings.origin = (options.plain_http ? "http://" : "https://") + host + ':' +
                    std::to_string(acceptor->local_endpoint().port());
  auto made =
      std::make_unique<tls_server>(std::move(options), std::move(settings), std::move(customers));
  if (auto failed = made->show_certificate()) return *failed;
  if (auto failed = made->open_log()) return *failed;
  made->run(std::move(*acceptor), std::move(loop));
  return std::unique_ptr<server>(std::move(made));
}

std::vector<logged_request> server::log() {
  std::vector<logged_request> copied;
  with_rules([&](rules& of) { copied.assign(of.log().begin(), of.log().end()); });
  return copied;
}

std::optional<customer> server::find(std::string_view id_or_reference) {
  std::optional<customer> copied;
  with_rules([&](rules& of) {
    const auto named = of.customers().by_reference(id_or_reference);
    const customer* found = of.customers().by_id(id_or_reference);
    if (found == nullptr && named.size() == 1) found = named.front();
    if (found != nullptr) copied = *found;
  });
  return copied;
}

void server::add_fault(fault_rule one) {
  with_rules([&](rules& of) { of.faults().add(std::move(one)); });
}

}  // namespace patchbay::twin
