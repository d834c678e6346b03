#include "patchbay/twin/token_desk.hpp"

#include <algorithm>

#include "patchbay/twin/json_object.hpp"

namespace patchbay::twin {

namespace {

constexpr std::chrono::minutes renewal_margin{15};

std::string base64url(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    held += 8;
    for (; held >= 6; held -= 6) text += digits[(bits >> static_cast<unsigned>(held - 6)) & 63U];
  }
  if (held > 0) text += digits[(bits << static_cast<unsigned>(6 - held)) & 63U];
  return text;
}

}  // namespace

const issued_token& token_desk::issue(instant now, wall_time wall, std::uint64_t chance) {
  std::erase_if(tokens_, [now](const issued_token& one) { return one.ends <= now; });
  // A life shorter than the margin (for tests) is renewed in its last eighth, as 15 of 120 minutes.
  const nanoseconds margin = std::min<nanoseconds>(renewal_margin, nanoseconds(life_) / 8);
  for (const issued_token& one : tokens_) {
    if (!one.revoked && one.ends - now > margin) return one;
  }
  const auto expires = std::chrono::floor<std::chrono::seconds>(wall + life_);
  const std::string head = R"({"alg":"RS512","typ":"JWT"})";
  const std::string payload =
      json_object()
          .add("organization", json_object().add_text("slug", organization_).text())
          .add("application", R"({"kind":"integration","public":false})")
          .add_bool("test", test_mode_)
          .add_number("exp", expires.time_since_epoch().count())
          .add("rand", std::to_string(chance))
          .text();
  issued_token made{
      .text = base64url(head) + '.' + base64url(payload) + '.' +
              base64url(std::to_string(chance) + std::to_string(chance ^ 0x5bd1e995U)),
      .issued = now,
      .ends = now + life_,
      .created_at = wall};
  return tokens_.emplace_back(std::move(made));
}

bool token_desk::accepts(std::string_view authorization, instant now) const {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme)) return false;
  const std::string_view given = authorization.substr(scheme.size());
  return std::any_of(tokens_.begin(), tokens_.end(), [&](const issued_token& one) {
    return !one.revoked && one.ends > now && one.text == given;
  });
}

void token_desk::revoke_all() {
  for (issued_token& one : tokens_) one.revoked = true;
}

}  // namespace patchbay::twin
