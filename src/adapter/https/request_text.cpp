#include "request_text.hpp"

#include <stdexcept>

namespace patchbay {
namespace {

bool is_control(char sign) {
  return static_cast<unsigned char>(sign) < ' ' || sign == '\x7f';
}

/// Says which value is wrong, never what it holds: it may be the token.
void check(std::string_view value, std::string_view name, bool blanks_allowed) {
  for (const char sign : value) {
    if (is_control(sign) || (sign == ' ' && !blanks_allowed)) {
      throw std::logic_error("the request's " + std::string(name) +
                             " holds a character that HTTP forbids there");
    }
  }
}

void add(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  check(value, name, true);
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void write_request(std::string& out, const request& what, std::string_view authority) {
  check(what.method, "method", false);
  check(what.target, "target", false);
  if (what.method.empty() || !what.target.starts_with('/')) {
    throw std::logic_error("a request needs a method and a target that begins with a slash");
  }
  constexpr std::size_t usual_head_bytes = 512;
  out.clear();
  out.reserve(usual_head_bytes + what.target.size() + what.authorization.size() + what.body.size());
  out.append(what.method).append(" ").append(what.target).append(" HTTP/1.1\r\n");
  add(out, "Host", authority);
  add(out, "User-Agent", "patchbay/" PATCHBAY_VERSION);
  add(out, "Accept", what.accept);
  out.append("Accept-Encoding: gzip\r\n");
  add(out, "Authorization", what.authorization);
  const bool has_body = !what.content_type.empty();
  if (has_body) {
    add(out, "Content-Type", what.content_type);
    add(out, "Content-Length", std::to_string(what.body.size()));
  }
  out.append("\r\n");
  if (has_body) out.append(what.body);
}

}  // namespace patchbay
