#include "request_rules.hpp"

#include <algorithm>

namespace patchbay {
namespace {

web_reply refused(int status, const std::string& why) {
  web_reply made;
  made.status = status;
  made.body = why + "\n";
  return made;
}

std::string lowered(std::string_view text) {
  std::string small(text);
  std::transform(small.begin(), small.end(), small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return small;
}

/// Without ":port"; nullopt where something else than digits follows the name.
std::optional<std::string_view> name_of(std::string_view host) {
  const std::size_t end = host.starts_with('[') ? host.find(']') : host.find(':');
  if (end == std::string_view::npos) {
    if (host.starts_with('[')) return std::nullopt;
    return host;
  }
  const std::size_t name_end = host.starts_with('[') ? end + 1 : end;
  std::string_view rest = host.substr(name_end);
  if (rest.empty()) return host;
  if (rest.front() != ':') return std::nullopt;
  rest.remove_prefix(1);
  const bool digits =
      std::all_of(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || rest.size() > 5) return std::nullopt;
  return host.substr(0, name_end);
}

}  // namespace

bool names_us(std::string_view host, std::string_view door) {
  const std::optional<std::string_view> found = name_of(host);
  if (!found) return false;
  const std::string name = lowered(*found);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" || name == lowered(door);
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::optional<web_reply> refusal_of(const web_request& asked, std::string_view door) {
  if (asked.hosts.size() > 1) return refused(400, "more than one Host header");
  if (!door.empty()) {
    if (asked.hosts.empty()) return refused(400, "the Host header is missing");
    if (!names_us(asked.hosts.front(), door)) {
      return refused(421, "this page is served to this machine alone: ask for localhost");
    }
  }
  if (asked.method != "GET" && asked.method != "HEAD") {
    return refused(405, "everything here is read-only: GET and HEAD");
  }
  if (!asked.target.starts_with('/')) return refused(400, "the target is no path");
  if (asked.has_body) return refused(400, "a request to read has no body");
  return std::nullopt;
}

}  // namespace patchbay
