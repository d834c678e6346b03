// The API's documents: resources in their JSON:API envelope, lists, errors, as text. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/twin/roster.hpp"

namespace patchbay::twin {

/// What of a resource a request wants to see: `fields[customers]=…` and `include=…`.
struct view {
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> fields;
  bool with_group = false;
  bool with_tags = false;

  [[nodiscard]] bool shows(std::string_view type, std::string_view name) const;
};

/// True for a name that `fields[<type>]` may hold.
[[nodiscard]] bool known_field(std::string_view type, std::string_view name);

/// What every resource of one answer has in common.
struct envelope {
  std::string api_root;  ///< origin and base path: the beginning of every link
  std::string organization;
  std::string trace_id;  ///< fresh at each answer
  bool test_mode = false;
};

/// Everything an answer is written with.
struct frame {
  const roster& from;
  const view& shown;
  const envelope& around;
};

[[nodiscard]] std::string customer_resource(const customer& one, const frame& in);
[[nodiscard]] std::string group_resource(const group& one, const frame& in);
[[nodiscard]] std::string tag_resource(const tag& one, const frame& in);

/// `{"data":…,"included":[…]}`; `about` are the customers whose group and tags are included.
[[nodiscard]] std::string single_document(const std::string& resource,
                                          const std::vector<const customer*>& about,
                                          const frame& in);
struct list_shape {
  std::size_t records = 0;
  std::size_t pages = 0;
  std::string links;  ///< a JSON object
};
[[nodiscard]] std::string list_document(const std::vector<std::string>& resources,
                                        const std::vector<const customer*>& about, const frame& in,
                                        const list_shape& shape);

/// One entry of an error answer.
struct api_error {
  int status = 400;
  std::string title = {};
  std::string detail = {};
  std::string code = {};
  std::string pointer = {};  ///< source.pointer; empty: none
  std::string error = {};    ///< meta.error; empty: none
  std::string value = {};    ///< meta.value as JSON text; empty: none
};
[[nodiscard]] std::string error_document(const std::vector<api_error>& errors);
[[nodiscard]] api_error not_found();
[[nodiscard]] api_error bad_request(std::string code, std::string detail);
/// "email - has already been taken", pointer /data/attributes/email.
[[nodiscard]] api_error invalid_value(const std::string& field, const std::string& error,
                                      const std::string& value_json);

}  // namespace patchbay::twin
