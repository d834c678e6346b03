#include "patchbay/adapter/https/https_factory.hpp"

#include <array>
#include <utility>

#include <openssl/ssl.h>

#include "https_exchange.hpp"
#include "https_link.hpp"
#include "https_terms.hpp"
#include "tls_certificates.hpp"

namespace patchbay {
namespace {

namespace ssl = boost::asio::ssl;

fault unusable(const std::string& what, const boost::system::error_code& why) {
  return {"TLS_UNUSABLE", "TLS cannot be set up: " + what + ": " + why.message()};
}

result<void> trust_system_roots(ssl::context& tls) {
  boost::system::error_code failed;
  tls.set_default_verify_paths(failed);
  if (failed) return unusable("the system's trust roots", failed);
  return {};
}

result<void> trust_file(ssl::context& tls, const std::filesystem::path& file) {
  boost::system::error_code failed;
  tls.load_verify_file(file.string(), failed);
  if (!failed) return {};
  std::error_code unseen;
  const bool there = std::filesystem::exists(file, unseen);
  return fault{"CA_FILE_UNUSABLE",
               "the extra trust root " + file.string() +
                   (there ? " cannot be used (" + failed.message() +
                                "): it must be a readable PEM file with at least one certificate"
                          : " does not exist: correct api.ca_file, or leave it out")};
}

result<void> set_up(ssl::context& tls, const https_options& options) {
  if (SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION) != 1) {
    return unusable("TLS 1.2 or newer", {});
  }
  // Servers that speak HTTP/2 too are told that we do not.
  constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL_CTX_set_alpn_protos(tls.native_handle(), http_1_1.data(), http_1_1.size());
  tls.set_verify_mode(ssl::verify_peer);
  const result<void> system = trust_system_roots(tls);
  if (!system || !options.ca_file) return system;
  return trust_file(tls, *options.ca_file);
}

}  // namespace

https_factory::https_factory(std::shared_ptr<https_terms> made) : terms_(std::move(made)) {}
https_factory::~https_factory() = default;

result<std::unique_ptr<https_factory>> https_factory::make(boost::asio::io_context& loop,
                                                           clock& time, https_options options) {
  result<origin> where = origin_of(options.url);
  if (!where) return where.error();
  auto made = std::make_shared<https_terms>(loop, time, std::move(options), std::move(*where));
  if (made->options.environment) {
    result<std::optional<proxy>> through = proxy_for(made->where, made->options.environment);
    if (!through) return through.error();
    made->through = std::move(*through);
  }
  const result<void> ready = set_up(made->tls, made->options);
  if (!ready) return ready.error();
  made->sessions.collect_from(made->tls.native_handle());
  return std::unique_ptr<https_factory>(new https_factory(std::move(made)));
}

std::unique_ptr<exchange> https_factory::open() {
  return std::make_unique<https_exchange>(terms_);
}

boost::asio::awaitable<boost::system::result<std::optional<tls_facts>, no_reply>>
https_factory::look(nanoseconds limit) {
  https_link link(terms_);
  const std::optional<no_reply> failed = co_await link.connect(limit);
  if (failed) co_return *failed;
  std::optional<tls_facts> seen;
  if (link.tls() != nullptr) seen = facts_of(link.tls()->native_handle());
  link.end();
  co_return seen;
}

const origin& https_factory::where() const {
  return terms_->where;
}

}  // namespace patchbay
