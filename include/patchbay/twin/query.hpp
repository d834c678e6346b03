// What a GET asks for: the target taken apart, `filter[q][…]`, sort, page, fields, include, and
// the search that answers it. Indexes are used where a filter names ids, e-mails or references.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/twin/resource.hpp"
#include "patchbay/twin/roster.hpp"

namespace patchbay::twin {

/// Path and query, percent-decoded.
struct target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
[[nodiscard]] target read_target(std::string_view text);

enum class matcher {
  eq,
  differs,
  in,
  not_in,
  gt,
  gteq,
  lt,
  lteq,
  null,
  not_null,
  present,
  blank,
  start,
  end,
  cont,
  jcont
};

struct condition {
  std::string attribute;
  matcher by = matcher::eq;
  std::vector<std::string> values;  ///< one, but for in and not_in
};

struct list_query {
  std::vector<condition> conditions;
  std::vector<std::string> sort;  ///< attribute names, "-" before one turns it round; default: id
  std::size_t page = 1;
  std::size_t size = 10;
  view shown;
};

/// The query of a list or single resource of `type` ("customers", "customer_groups", "tags").
/// The fault's code is the API's error code of the 400.
[[nodiscard]] result<list_query> read_query(const target& from, std::string_view type);

template <class Resource>
struct found_page {
  std::vector<const Resource*> shown;
  std::size_t records = 0;
};
[[nodiscard]] found_page<customer> search_customers(const roster& in, const list_query& query);
[[nodiscard]] found_page<group> search_groups(const roster& in, const list_query& query);
[[nodiscard]] found_page<tag> search_tags(const roster& in, const list_query& query);

/// first, prev, next and last as a JSON object; `root` is the URL of the list.
[[nodiscard]] std::string page_links(const std::string& root, const target& from,
                                     const list_query& query, std::size_t pages);

}  // namespace patchbay::twin
