// The token endpoint's reply; the JWT is read, not verified: TLS has proven who sent it.
#include <array>
#include <charconv>
#include <cstdint>

#include "json_tree.hpp"
#include "patchbay/protocol/replies.hpp"

namespace patchbay {
namespace {

/// Base64url without padding; stops at the first foreign character.
std::string decode_base64url(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) break;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xFFU));
  }
  return out;
}

result<json_node> payload_of(std::string_view token) {
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return fault{"TOKEN_UNREADABLE", "the token is no JWT"};
  const std::size_t second = token.find('.', first + 1);
  return parse_json(decode_base64url(token.substr(first + 1, second - first - 1)));
}

}  // namespace

result<access_token> read_token(const reply& answer) {
  if (answer.status == 401 || answer.status == 400 || answer.status == 403) {
    return fault{"TOKEN_REFUSED", "the token endpoint refused client_id or client_secret (status " +
                                      std::to_string(answer.status) +
                                      "): check both in the configuration"};
  }
  const result<json_node> tree = parse_json(answer.body);
  if (answer.status != 200 || !tree || tree->at("access_token").text.empty()) {
    return fault{"TOKEN_UNREADABLE",
                 "the token endpoint gave no token (status " + std::to_string(answer.status) + ")"};
  }
  access_token token;
  token.token = tree->at("access_token").text;
  const std::string& life = tree->at("expires_in").text;
  std::from_chars(life.data(), life.data() + life.size(), token.expires_in_s);
  // A token that does not say is taken for a test one: its limits are the smaller ones.
  const result<json_node> payload = payload_of(token.token);
  token.test_mode = !payload || payload->at("test").text != "false";
  if (payload) token.organization = payload->at("organization").at("slug").text;
  return token;
}

}  // namespace patchbay
