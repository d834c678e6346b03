// The API's replies as values: verdicts, customers, groups, tokens. Liberal in what it accepts:
// unknown members are ignored, `errors` may be an object, `status` a number or a string, bodies
// of 5xx may be empty or HTML. Pure. Never copies a value of a customer into a message.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/field.hpp"
#include "patchbay/model/message.hpp"
#include "patchbay/model/verdict.hpp"

namespace patchbay {

/// What a reply means. A 2xx whose body holds no resource is `unanswered`.
[[nodiscard]] verdict read_verdict(const reply& answer, std::span<const field_spec> specs);

/// The same of the reply to a PATCH, and the updated resource of a confirmed one, where it shows
/// one.
struct patch_answer {
  verdict said;
  std::optional<remote_customer> echo;
};
[[nodiscard]] patch_answer read_patch_answer(const reply& answer,
                                             std::span<const field_spec> specs);

struct customer_page {
  std::vector<remote_customer> customers;
  int pages = 1;  ///< meta.page_count
};
/// REPLY_UNREADABLE.
[[nodiscard]] result<customer_page> read_customers(std::string_view body,
                                                   std::span<const field_spec> specs);

struct group_page {
  std::vector<std::pair<std::string, std::string>> groups;  ///< code, id
  int pages = 1;
};
[[nodiscard]] result<group_page> read_groups(std::string_view body);

struct access_token {
  std::string token;
  std::int64_t expires_in_s = 0;  ///< remaining life, as the endpoint says
  bool test_mode = false;         ///< the JWT's `test`: chooses the limits
  std::string organization = {};  ///< the JWT's organization.slug; empty: it does not say
};
/// TOKEN_REFUSED (401: wrong client), TOKEN_UNREADABLE; the message never holds the token.
[[nodiscard]] result<access_token> read_token(const reply& answer);

}  // namespace patchbay
