#include "patchbay/adapter/https/proxy.hpp"

#include <utility>

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/url/parse.hpp>
#include <openssl/evp.h>

namespace patchbay {
namespace {

std::string base64(const std::string& text) {
  constexpr std::size_t group_in = 3;
  constexpr std::size_t group_out = 4;
  std::string out((text.size() + group_in - 1) / group_in * group_out + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// The URL itself is not repeated: it may hold a password.
fault invalid(std::string_view why) {
  return {"PROXY_INVALID",
          "the proxy that the environment names (https_proxy) cannot be used: " + std::string(why) +
              "; expected http://[user:password@]host[:port], or unset it"};
}

/// The variable in small letters, or else in capitals: both are in use.
std::string either(const environment_lookup& variable, const std::string& name) {
  std::string found = variable(name.c_str());
  return found.empty() ? variable(boost::algorithm::to_upper_copy(name).c_str()) : found;
}

/// One entry of no_proxy: it names the host itself, or a domain above it.
bool names(std::string entry, const origin& where) {
  if (entry == "*") return true;
  const std::size_t colon = entry.rfind(':');
  const bool has_port = colon != std::string::npos && entry.find(':') == colon;
  if (has_port) {
    if (entry.substr(colon + 1) != where.port) return false;
    entry.resize(colon);
  }
  if (entry.starts_with("*.")) entry.erase(0, 1);
  if (entry.starts_with('.')) return where.host.ends_with(entry);
  return !entry.empty() && (where.host == entry || where.host.ends_with("." + entry));
}

bool is_excepted(std::string_view list, const origin& where) {
  while (!list.empty()) {
    const std::size_t end = list.find_first_of(", ");
    if (names(lowered_ascii(std::string(list.substr(0, end))), where)) return true;
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return false;
}

}  // namespace

std::string proxy::shown() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

result<proxy> proxy_of(std::string_view url) {
  const std::string whole =
      (url.find("://") == std::string_view::npos ? "http://" : "") + std::string(url);
  const auto parsed = boost::urls::parse_uri(whole);
  if (!parsed) return invalid("it is not a URL");
  if (lowered_ascii(std::string(parsed->scheme())) != "http") {
    return invalid("its scheme is not http");
  }
  proxy made;
  made.host = lowered_ascii(std::string(parsed->host_address()));
  made.port = parsed->port().empty() ? "80" : std::string(parsed->port());
  if (made.host.empty()) return invalid("it names no host");
  if (parsed->port_number() == 0 && parsed->has_port() && !parsed->port().empty()) {
    return invalid("its port is not one of 1 to 65535");
  }
  if (parsed->has_userinfo()) {
    made.authorization =
        "Basic " + base64(std::string(parsed->user()) + ":" + std::string(parsed->password()));
  }
  return made;
}

result<std::optional<proxy>> proxy_for(const origin& where, const environment_lookup& variable) {
  const std::string url = either(variable, "https_proxy");
  if (url.empty() || !where.tls || is_loopback(where.host)) return std::optional<proxy>();
  if (is_excepted(either(variable, "no_proxy"), where)) {
    return std::optional<proxy>();
  }
  result<proxy> made = proxy_of(url);
  if (!made) return made.error();
  return std::optional<proxy>(std::move(*made));
}

}  // namespace patchbay
