// Reads the query part of a target. The search itself is in search.cpp.
#include "patchbay/twin/query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "patchbay/twin/json_object.hpp"

namespace patchbay::twin {

namespace {

constexpr std::size_t most_per_page = 25;

// Longer names first where one ends like another.
constexpr std::array<std::pair<std::string_view, matcher>, 16> matchers{{
    {"_not_eq", matcher::differs},
    {"_eq", matcher::eq},
    {"_not_in", matcher::not_in},
    {"_in", matcher::in},
    {"_gteq", matcher::gteq},
    {"_gt", matcher::gt},
    {"_lteq", matcher::lteq},
    {"_lt", matcher::lt},
    {"_not_null", matcher::not_null},
    {"_null", matcher::null},
    {"_present", matcher::present},
    {"_blank", matcher::blank},
    {"_start", matcher::start},
    {"_end", matcher::end},
    {"_jcont", matcher::jcont},
    {"_cont", matcher::cont},
}};

constexpr std::array<std::string_view, 15> customer_filters{"id",
                                                            "email",
                                                            "reference",
                                                            "reference_origin",
                                                            "status",
                                                            "created_at",
                                                            "updated_at",
                                                            "metadata",
                                                            "customer_group_id",
                                                            "customer_group_code",
                                                            "profile_id",
                                                            "shopper_reference",
                                                            "customer_group_name",
                                                            "tags_name",
                                                            "tax_exemption_code"};
constexpr std::array<std::string_view, 4> group_filters{"id", "name", "code", "reference"};
constexpr std::array<std::string_view, 2> tag_filters{"id", "name"};

bool filterable(std::string_view type, std::string_view attribute) {
  const auto holds = [attribute](const auto& names) {
    return std::find(names.begin(), names.end(), attribute) != names.end();
  };
  if (type == "customers") return holds(customer_filters);
  return type == "customer_groups" ? holds(group_filters) : holds(tag_filters);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const int high = text[at] == '%' && at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      at += 2;
    } else {
      plain += text[at] == '+' ? ' ' : text[at];
    }
  }
  return plain;
}

/// "fields[customers]" with outer "fields" gives "customers".
std::optional<std::string_view> bracketed(std::string_view name, std::string_view outer) {
  if (name.size() < outer.size() + 2 || !name.starts_with(outer) || name[outer.size()] != '[' ||
      name.back() != ']') {
    return std::nullopt;
  }
  return name.substr(outer.size() + 1, name.size() - outer.size() - 2);
}

fault not_allowed(const std::string& name) {
  return {"PARAM_NOT_ALLOWED", name + " is not allowed."};
}

result<condition> read_condition(std::string_view type, std::string_view name,
                                 const std::string& text) {
  for (const auto& [ending, by] : matchers) {
    if (!name.ends_with(ending)) continue;
    const std::string_view attribute = name.substr(0, name.size() - ending.size());
    if (!filterable(type, attribute)) break;
    condition read{.attribute = std::string(attribute), .by = by, .values = {}};
    read.values = by == matcher::in || by == matcher::not_in ? pieces_of(text, ',')
                                                             : std::vector<std::string>{text};
    return read;
  }
  return not_allowed("filter[q][" + std::string(name) + "]");
}

/// Why the text is no page number or size; nullopt: it was one.
std::optional<fault> read_count(const std::string& text, std::size_t most, std::size_t& into) {
  std::size_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || end != text.data() + text.size() || count < 1 || count > most) {
    return fault{"INVALID_PAGE_VALUE", text + " is not a valid page value."};
  }
  into = count;
  return std::nullopt;
}

std::optional<fault> read_fields(std::string_view type, const std::string& text, view& into) {
  auto& names = into.fields[std::string(type)];
  for (std::string& name : pieces_of(text, ',')) {
    if (!known_field(type, name)) {
      return fault{"INVALID_FIELD", name + " is not a valid field for " + std::string(type) + "."};
    }
    names.insert(std::move(name));
  }
  return std::nullopt;
}

std::optional<fault> read_include(std::string_view type, const std::string& text, view& into) {
  for (const std::string& name : pieces_of(text, ',')) {
    if (type != "customers" || (name != "customer_group" && name != "tags")) {
      return fault{"INVALID_INCLUDE", name + " is not a valid includable relationship of " +
                                          std::string(type) + " (in this simulator)."};
    }
    into.with_group = into.with_group || name == "customer_group";
    into.with_tags = into.with_tags || name == "tags";
  }
  return std::nullopt;
}

std::optional<fault> read_sort(std::string_view type, const std::string& text, list_query& into) {
  for (std::string& name : pieces_of(text, ',')) {
    const std::string_view plain = std::string_view(name).substr(name.starts_with('-') ? 1 : 0);
    if (!filterable(type, plain)) {
      return fault{"INVALID_SORT_CRITERIA", name + " is not a valid sort criteria."};
    }
    into.sort.push_back(std::move(name));
  }
  return std::nullopt;
}

}  // namespace

target read_target(std::string_view text) {
  target read;
  const std::size_t mark = std::min(text.find('?'), text.size());
  read.path = percent_decoded(text.substr(0, mark));
  for (const std::string& pair : pieces_of(text.substr(std::min(mark + 1, text.size())), '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view whole = pair;
    read.query.emplace_back(percent_decoded(whole.substr(0, equals)),
                            percent_decoded(whole.substr(std::min(equals + 1, pair.size()))));
  }
  return read;
}

result<list_query> read_query(const target& from, std::string_view type) {
  list_query query;
  for (const auto& [name, text] : from.query) {
    std::optional<fault> wrong;
    if (name == "page[size]") {
      wrong = read_count(text, most_per_page, query.size);
    } else if (name == "page[number]") {
      wrong = read_count(text, 1'000'000'000, query.page);
    } else if (name == "sort") {
      wrong = read_sort(type, text, query);
    } else if (name == "include") {
      wrong = read_include(type, text, query.shown);
    } else if (const auto of = bracketed(name, "fields")) {
      wrong = read_fields(*of, text, query.shown);
    } else if (const auto by = bracketed(name, "filter[q]")) {
      result<condition> read = read_condition(type, *by, text);
      if (!read) return read.error();
      query.conditions.push_back(std::move(*read));
    } else {
      wrong = not_allowed(name);
    }
    if (wrong) return *wrong;
  }
  return query;
}

std::string page_links(const std::string& root, const target& from, const list_query& query,
                       std::size_t pages) {
  std::string rest;
  for (const auto& [name, text] : from.query) {
    if (name == "page[number]" || name == "page[size]") continue;
    rest += '&' + name + '=' + text;
  }
  const auto link = [&](std::size_t page) {
    return root + "?page[number]=" + std::to_string(page) +
           "&page[size]=" + std::to_string(query.size) + rest;
  };
  json_object links;
  links.add_text("first", link(1));
  if (query.page > 1) links.add_text("prev", link(query.page - 1));
  if (query.page < pages) links.add_text("next", link(query.page + 1));
  return links.add_text("last", link(std::max<std::size_t>(pages, 1))).text();
}

}  // namespace patchbay::twin
