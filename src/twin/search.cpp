// Finds what a query asks for. One condition on id, e-mail or reference (eq, in) makes the
// candidates from an index; id_gt cuts the ordered range; the rest is tested one by one.
#include <algorithm>
#include <set>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/query.hpp"

namespace patchbay::twin {

namespace {

/// The plain text of an attribute; nullopt where it is null.
std::optional<std::string> text_of(const customer& one, const roster& in, std::string_view name) {
  if (name == "id") return one.id;
  if (name == "status") return one.status;
  if (name == "created_at") return iso_time(one.created_at);
  if (name == "updated_at") return iso_time(one.updated_at);
  if (name.starts_with("customer_group_")) {
    const group* joined = in.group_by_id(one.group_id);
    if (joined == nullptr) return std::nullopt;
    if (name == "customer_group_id") return joined->id;
    return name == "customer_group_code" ? joined->code : joined->name;
  }
  if (name == "tags_name") {
    const tag* worn = one.tag_ids.empty() ? nullptr : in.tag_by_id(one.tag_ids.front());
    return worn == nullptr ? std::nullopt : std::optional(worn->name);
  }
  const value* kept = attribute(one, name);
  if (kept == nullptr || is_null(*kept)) return std::nullopt;
  return plain_text(*kept);
}

std::optional<std::string> text_of(const group& one, const roster&, std::string_view name) {
  if (name == "id") return one.id;
  if (name == "reference") return std::nullopt;
  return name == "code" ? one.code : one.name;
}

std::optional<std::string> text_of(const tag& one, const roster&, std::string_view name) {
  return name == "id" ? one.id : one.name;
}

/// Every member of the JSON object `part` is in `whole` with the same value.
bool contains_json(const std::string& whole, const std::string& part) {
  const auto wanted = parse_values(part);
  const auto there = parse_values(whole);
  if (!wanted || !there) return false;
  return std::all_of(wanted->begin(), wanted->end(), [&](const auto& member) {
    const auto found = there->find(member.first);
    return found != there->end() && same(found->second, member.second);
  });
}

bool yes(const std::string& text) {
  return text != "false" && text != "0";
}

bool meets(const std::optional<std::string>& text, const condition& asked) {
  const std::string first = asked.values.empty() ? std::string() : asked.values.front();
  const auto listed = [&] {
    return std::find(asked.values.begin(), asked.values.end(), *text) != asked.values.end();
  };
  switch (asked.by) {
    case matcher::null:
      return text.has_value() != yes(first);
    case matcher::not_null:
      return text.has_value() == yes(first);
    case matcher::present:
      return (text && !text->empty()) == yes(first);
    case matcher::blank:
      return (!text || text->empty()) == yes(first);
    case matcher::differs:
      return !text || *text != first;
    case matcher::not_in:
      return !text || !listed();
    case matcher::eq:
      return text && *text == first;
    case matcher::in:
      return text && listed();
    case matcher::gt:
      return text && *text > first;
    case matcher::gteq:
      return text && *text >= first;
    case matcher::lt:
      return text && *text < first;
    case matcher::lteq:
      return text && *text <= first;
    case matcher::start:
      return text && text->starts_with(first);
    case matcher::end:
      return text && text->ends_with(first);
    case matcher::cont:
      return text && text->find(first) != std::string::npos;
    case matcher::jcont:
      return text && contains_json(*text, first);
  }
  return false;
}

template <class Resource>
bool meets_all(const Resource& one, const roster& in, const std::vector<condition>& asked) {
  return std::all_of(asked.begin(), asked.end(), [&](const condition& each) {
    return meets(text_of(one, in, each.attribute), each);
  });
}

template <class Resource>
void sort_by(std::vector<const Resource*>& found, const roster& in, const list_query& query) {
  std::stable_sort(found.begin(), found.end(), [&](const Resource* a, const Resource* b) {
    for (const std::string& name : query.sort) {
      const bool turned = name.starts_with('-');
      const std::string_view plain = std::string_view(name).substr(turned ? 1 : 0);
      const auto left = text_of(*a, in, plain);
      const auto right = text_of(*b, in, plain);
      if (left != right) return turned ? right < left : left < right;
    }
    return a->id < b->id;
  });
}

template <class Resource>
found_page<Resource> paged(std::vector<const Resource*> found, const list_query& query) {
  found_page<Resource> page{.shown = {}, .records = found.size()};
  const std::size_t begin = std::min((query.page - 1) * query.size, found.size());
  const std::size_t end = std::min(begin + query.size, found.size());
  page.shown.assign(found.begin() + static_cast<std::ptrdiff_t>(begin),
                    found.begin() + static_cast<std::ptrdiff_t>(end));
  return page;
}

bool indexed(const condition& asked) {
  return (asked.by == matcher::eq || asked.by == matcher::in) &&
         (asked.attribute == "id" || asked.attribute == "email" || asked.attribute == "reference");
}

std::vector<const customer*> from_index(const roster& in, const condition& asked) {
  std::set<const customer*> found;
  for (const std::string& text : asked.values) {
    if (asked.attribute == "reference") {
      for (const customer* one : in.by_reference(text)) found.insert(one);
      continue;
    }
    const customer* one = asked.attribute == "id" ? in.by_id(text) : in.by_email(text);
    if (one != nullptr) found.insert(one);
  }
  return {found.begin(), found.end()};
}

/// The part of the ordered range that an `id_gt` leaves, which makes paging by key cheap.
std::span<const customer* const> range_of(const roster& in, const list_query& query) {
  std::span<const customer* const> range = in.all();
  for (const condition& each : query.conditions) {
    if (each.attribute != "id" || each.by != matcher::gt || each.values.empty()) continue;
    const auto begin =
        std::upper_bound(range.begin(), range.end(), each.values.front(),
                         [](const std::string& id, const customer* one) { return id < one->id; });
    range = range.subspan(static_cast<std::size_t>(begin - range.begin()));
  }
  return range;
}

bool in_id_order(const list_query& query) {
  return query.sort.empty() || (query.sort.size() == 1 && query.sort.front() == "id");
}

template <class Resource>
found_page<Resource> search_few(const std::vector<Resource>& all, const roster& in,
                                const list_query& query) {
  std::vector<const Resource*> found;
  for (const Resource& one : all) {
    if (meets_all(one, in, query.conditions)) found.push_back(&one);
  }
  sort_by(found, in, query);
  return paged(std::move(found), query);
}

}  // namespace

found_page<customer> search_customers(const roster& in, const list_query& query) {
  std::vector<const customer*> found;
  const auto index = std::find_if(query.conditions.begin(), query.conditions.end(), indexed);
  if (index != query.conditions.end()) {
    for (const customer* one : from_index(in, *index)) {
      if (meets_all(*one, in, query.conditions)) found.push_back(one);
    }
    sort_by(found, in, query);
    return paged(std::move(found), query);
  }
  const std::span<const customer* const> range = range_of(in, query);
  const bool untested = std::all_of(
      query.conditions.begin(), query.conditions.end(),
      [](const condition& each) { return each.attribute == "id" && each.by == matcher::gt; });
  if (untested && in_id_order(query)) {
    const std::size_t begin = std::min((query.page - 1) * query.size, range.size());
    const auto cut = range.subspan(begin, std::min(query.size, range.size() - begin));
    return {.shown = {cut.begin(), cut.end()}, .records = range.size()};
  }
  for (const customer* one : range) {
    if (meets_all(*one, in, query.conditions)) found.push_back(one);
  }
  if (!in_id_order(query)) sort_by(found, in, query);
  return paged(std::move(found), query);
}

found_page<group> search_groups(const roster& in, const list_query& query) {
  return search_few(in.groups(), in, query);
}

found_page<tag> search_tags(const roster& in, const list_query& query) {
  return search_few(in.tags(), in, query);
}

}  // namespace patchbay::twin
