#include "patchbay/adapter/https/origin.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>

namespace patchbay {
namespace {

namespace urls = boost::urls;

fault invalid(std::string_view url, std::string_view why) {
  return {"URL_INVALID", "the URL \"" + std::string(url) + "\" cannot be used: " +
                             std::string(why) + "; expected https://host[:port]/path"};
}

bool is_host_name(std::string_view host) {
  constexpr std::size_t longest_name = 253;
  if (host.empty() || host.size() > longest_name) return false;
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-._";
  return host.find_first_not_of(letters) == std::string_view::npos;
}

bool is_port(std::string_view port) {
  constexpr std::size_t longest_port = 5;
  if (port.empty() || port.size() > longest_port) return false;
  int number = 0;
  for (const char digit : port) number = number * 10 + (digit - '0');
  constexpr int highest_port = 65535;
  return number >= 1 && number <= highest_port;
}

}  // namespace

std::string lowered_ascii(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

std::string origin::authority() const {
  const bool own_port = port == (tls ? "443" : "80");
  if (!own_port) return shown();
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string origin::shown() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

result<origin> origin_of(std::string_view url) {
  const auto parsed = urls::parse_uri(url);
  if (!parsed) return invalid("…", "it is not a URL");
  // Asked first: the URL must not be repeated in a message when it holds a password.
  if (parsed->has_userinfo()) return invalid("…", "it holds a user name or password");
  // Boost 1.81 reads "127.0.0.1.evil/x" as the address 127.0.0.1 and the path ".evil/x".
  const std::string_view path = parsed->encoded_path();
  if (!path.empty() && path.front() != '/') return invalid(url, "it names no host");
  origin made;
  const std::string scheme = lowered_ascii(std::string(parsed->scheme()));
  if (scheme != "https" && scheme != "http") {
    return invalid(url, "its scheme is not https");
  }
  made.tls = scheme == "https";
  made.host = lowered_ascii(std::string(parsed->host_address()));
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(made.host, not_an_address);
  made.is_address = !not_an_address;
  if (!made.is_address && !is_host_name(made.host)) return invalid(url, "it names no host");
  made.port = made.tls ? "443" : "80";
  if (parsed->has_port() && !parsed->port().empty()) made.port = std::string(parsed->port());
  if (!is_port(made.port)) return invalid(url, "its port is not one of 1 to 65535");
  if (!made.tls && !is_loopback(made.host)) {
    return fault{"HTTP_NOT_LOOPBACK",
                 "plain http to " + made.shown() +
                     " is refused, because the token would be readable on the way: use https "
                     "(http is for localhost, 127.0.0.0/8 and ::1 only)"};
  }
  return made;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(std::string(host), not_an_address);
  return !not_an_address && address.is_loopback();
}

}  // namespace patchbay
