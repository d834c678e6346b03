// The requests that patchbay makes, as bytes. The API's rules are those of its documentation and
// of recorded traffic (docs/commerce-layer.md). Pure. Authorization is added by the caller.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/field.hpp"
#include "patchbay/model/levels.hpp"
#include "patchbay/model/message.hpp"

namespace patchbay {

constexpr std::size_t page_size = 25;  ///< the API's maximum, and ours for batched reads

/// What a PATCH says, in plain (opened) values. `metadata` is the whole object to write
/// (already merged or replaced), nullopt when no metadata field is sent.
struct patch_content {
  std::string id;
  field_values fields;  ///< without metadata fields
  std::optional<std::string> metadata;
  std::optional<std::string> group_id;  ///< for customer_group; empty string: out of its group
  std::vector<std::string> add_tags;
  std::vector<std::string> remove_tags;
};

/// `base_path`: the path of base_url, e.g. "/api". Asks for customer_group and tags in the answer
/// when `specs` maps them (`include=`), so that the echo can be compared.
[[nodiscard]] request patch_customer(std::string_view base_path, const patch_content& content,
                                     std::span<const field_spec> specs);
/// Customers whose id, reference or email is one of `values` (at most page_size; `_in`, or `_eq`
/// for a single value with a comma). Only the fields of `specs`, plus id, reference, email.
[[nodiscard]] request customers_by(std::string_view base_path, match_by by,
                                   std::span<const std::string> values, int page,
                                   std::span<const field_spec> specs);
/// True when the value must be asked for alone (it holds a comma).
[[nodiscard]] bool asks_alone(std::string_view value);
[[nodiscard]] request groups_by_code(std::string_view base_path, std::span<const std::string> codes,
                                     int page);
[[nodiscard]] request token_request(std::string_view token_path, std::string_view client_id,
                                    std::string_view client_secret);
[[nodiscard]] std::string percent_encode(std::string_view text);
/// The path of https://host/path, `/` when it has none.
[[nodiscard]] std::string path_of_url(std::string_view url);

}  // namespace patchbay
