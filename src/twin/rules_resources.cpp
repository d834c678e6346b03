// The resources of the API: customers (read, change), customer groups and tags (read).
#include "patchbay/twin/change.hpp"
#include "patchbay/twin/rules.hpp"
#include "patchbay/twin/visit.hpp"

namespace patchbay::twin {

namespace {

bool known_type(std::string_view type) {
  return type == "customers" || type == "customer_groups" || type == "tags";
}

template <class Resource, class Write>
std::vector<std::string> written(const found_page<Resource>& found, const frame& in, Write write) {
  std::vector<std::string> resources;
  for (const Resource* one : found.shown) resources.push_back(write(*one, in));
  return resources;
}

}  // namespace

void rules::serve_resource(visit& v) {
  if (v.segments.empty() || v.segments.size() > 2 || !known_type(v.segments[0])) {
    return v.refuse({not_found()});
  }
  if (v.what.method == "GET") return serve_read(v);
  const bool one_customer = v.segments.size() == 2 && v.segments[0] == "customers";
  if (v.what.method == "PATCH" && one_customer) return serve_patch(v);
  // The sandbox's client may read everything and change customers, nothing else.
  v.refuse({{.status = 401,
             .title = "Access denied",
             .detail = "You are not authorized to perform this action on the requested resource.",
             .code = "UNAUTHORIZED"}});
}

void rules::serve_read(visit& v) {
  const std::string& type = v.segments[0];
  if (v.segments.size() == 1) return serve_list(v, type);
  const result<list_query> query = read_query(v.where, type);
  if (!query) return v.refuse({bad_request(query.error().code, query.error().message)});
  const std::string& id = v.segments[1];
  const envelope around = around_of(v);
  const frame in{roster_, query->shown, around};
  if (type == "customers") {
    const customer* one = roster_.by_id(id);
    if (one == nullptr) return v.refuse({not_found()});
    return v.answer_with(200, json_api, single_document(customer_resource(*one, in), {one}, in));
  }
  const group* joined = type == "customer_groups" ? roster_.group_by_id(id) : nullptr;
  const tag* worn = type == "tags" ? roster_.tag_by_id(id) : nullptr;
  if (joined == nullptr && worn == nullptr) return v.refuse({not_found()});
  const std::string resource =
      joined != nullptr ? group_resource(*joined, in) : tag_resource(*worn, in);
  v.answer_with(200, json_api, single_document(resource, {}, in));
}

void rules::serve_list(visit& v, const std::string& type) {
  const result<list_query> query = read_query(v.where, type);
  if (!query) return v.refuse({bad_request(query.error().code, query.error().message)});
  const envelope around = around_of(v);
  const frame in{roster_, query->shown, around};
  std::vector<std::string> resources;
  std::vector<const customer*> about;
  list_shape shape;
  if (type == "customers") {
    const found_page<customer> found = search_customers(roster_, *query);
    resources = written(found, in, customer_resource);
    about = found.shown;
    shape.records = found.records;
  } else if (type == "customer_groups") {
    const found_page<group> found = search_groups(roster_, *query);
    resources = written(found, in, group_resource);
    shape.records = found.records;
  } else {
    const found_page<tag> found = search_tags(roster_, *query);
    resources = written(found, in, tag_resource);
    shape.records = found.records;
  }
  shape.pages = (shape.records + query->size - 1) / query->size;
  shape.links = page_links(around.api_root + '/' + type, v.where, *query, shape.pages);
  v.answer_with(200, json_api, list_document(resources, about, in, shape));
}

void rules::serve_patch(visit& v) {
  const result<list_query> query = read_query(v.where, "customers");
  if (!query) return v.refuse({bad_request(query.error().code, query.error().message)});
  const std::string& id = v.segments[1];
  const std::vector<api_error> wrong = change_customer(roster_, id, v.what.body, v.wall, v.met);
  if (!wrong.empty()) return v.refuse(wrong);
  v.entry.applied = true;
  v.entry.applied_at = v.arrival;
  const envelope around = around_of(v);
  const frame in{roster_, query->shown, around};
  const customer* one = roster_.by_id(id);
  v.answer_with(200, json_api, single_document(customer_resource(*one, in), {one}, in));
}

envelope rules::around_of(const visit& v) const {
  return {.api_root = options_.origin + options_.base_path,
          .organization = options_.organization,
          .trace_id = v.trace_id,
          .test_mode = options_.test_mode};
}

}  // namespace patchbay::twin
