// The token endpoint: client credentials as JSON, as a form, or as HTTP Basic.
#include <array>
#include <optional>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/rules.hpp"
#include "patchbay/twin/visit.hpp"

namespace patchbay::twin {

namespace {

struct credentials {
  std::string grant;
  std::string client_id;
  std::string client_secret;
  std::string scope;
};

std::string base64_decoded(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string plain;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) break;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    plain += static_cast<char>((bits >> held) & 0xffU);
  }
  return plain;
}

void set(credentials& into, std::string_view name, const std::string& text) {
  if (name == "grant_type") into.grant = text;
  if (name == "client_id") into.client_id = text;
  if (name == "client_secret") into.client_secret = text;
  if (name == "scope") into.scope = text;
}

credentials read_credentials(const request& what) {
  credentials read;
  if (what.body.starts_with('{')) {
    const auto members = parse_values(what.body);
    if (members) {
      for (const auto& [name, given] : *members) set(read, name, plain_text(given));
    }
  } else {
    for (const auto& [name, text] : read_target('?' + what.body).query) set(read, name, text);
  }
  constexpr std::string_view scheme = "Basic ";
  if (what.authorization.starts_with(scheme)) {
    const std::string pair =
        base64_decoded(std::string_view(what.authorization).substr(scheme.size()));
    const std::size_t colon = std::min(pair.find(':'), pair.size());
    read.client_id = pair.substr(0, colon);
    read.client_secret = pair.substr(std::min(colon + 1, pair.size()));
  }
  return read;
}

std::string token_error(int status, std::string_view title, std::string_view code,
                        std::string_view detail) {
  const std::string entry = json_object()
                                .add_text("title", title)
                                .add_text("code", code)
                                .add_number("status", status)
                                .add_text("detail", detail)
                                .text();
  return json_object().add("errors", json_array({entry})).text();
}

}  // namespace

void rules::serve_token(visit& v) {
  if (v.what.method != "POST") return v.answer_with(404, plain_json, "");
  const credentials given = read_credentials(v.what);
  if (given.client_id != options_.client_id || given.client_secret != options_.client_secret) {
    v.entry.code = "UNAUTHORIZED";
    return v.answer_with(
        401, plain_json,
        token_error(401, "invalid_client", "UNAUTHORIZED",
                    "Client authentication failed due to unknown client, no client "
                    "authentication included, or unsupported authentication "
                    "method."));
  }
  if (given.grant != "client_credentials") {
    v.entry.code = "BAD_REQUEST";
    return v.answer_with(400, plain_json,
                         token_error(400, "unsupported_grant_type", "BAD_REQUEST",
                                     "The authorization grant type is not supported."));
  }
  const issued_token& token = desk_.issue(v.arrival, v.wall, dice_.roll());
  using std::chrono::floor;
  using std::chrono::seconds;
  const std::string scope = given.scope.empty() ? "market:all" : given.scope;
  v.answer_with(
      200, plain_json,
      json_object()
          .add_text("access_token", token.text)
          .add_text("token_type", "bearer")
          .add_number("expires_in", floor<seconds>(token.ends - v.arrival).count())
          .add_text("scope", scope)
          .add_number("created_at", floor<seconds>(token.created_at).time_since_epoch().count())
          .text());
}

}  // namespace patchbay::twin
