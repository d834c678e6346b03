#include "patchbay/twin/resource.hpp"

#include <algorithm>
#include <array>

#include "patchbay/twin/json_object.hpp"

namespace patchbay::twin {

namespace {

constexpr std::array<std::string_view, 12> customer_attributes{"status",
                                                               "email",
                                                               "has_password",
                                                               "total_orders_count",
                                                               "shopper_reference",
                                                               "reference",
                                                               "metadata",
                                                               "reference_origin",
                                                               "created_at",
                                                               "updated_at",
                                                               "profile_id",
                                                               "tax_exemption_code"};
constexpr std::array<std::string_view, 11> customer_relationships{"customer_group",
                                                                  "customer_addresses",
                                                                  "customer_payment_sources",
                                                                  "customer_subscriptions",
                                                                  "orders",
                                                                  "order_subscriptions",
                                                                  "returns",
                                                                  "sku_lists",
                                                                  "attachments",
                                                                  "events",
                                                                  "tags"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string identifier(std::string_view type, std::string_view id) {
  return json_object().add_text("type", type).add_text("id", id).text();
}

std::string resource_meta(const envelope& around) {
  return json_object()
      .add_text("mode", around.test_mode ? "test" : "live")
      .add_text("organization_id", around.organization)
      .add_text("trace_id", around.trace_id)
      .text();
}

std::string attributes_of(const customer& one, const view& shown) {
  json_object object;
  const auto add = [&](std::string_view name, std::string_view json) {
    if (shown.shows("customers", name)) object.add(name, json);
  };
  add("status", string_value(one.status).json);
  add("email", one.email.json);
  add("has_password", one.password.empty() ? "false" : "true");
  add("total_orders_count", one.status == "prospect" ? "0" : "1");
  add("shopper_reference", one.shopper_reference.json);
  add("profile_id", one.profile_id.json);
  add("tax_exemption_code", one.tax_exemption_code.json);
  add("created_at", string_value(iso_time(one.created_at)).json);
  add("updated_at", string_value(iso_time(one.updated_at)).json);
  add("reference", one.reference.json);
  add("reference_origin", one.reference_origin.json);
  add("metadata", one.metadata.json);
  return object.text();
}

/// The linkage of a relationship, as far as the request included it; empty: links only.
std::string linkage_of(const customer& one, std::string_view name, const view& shown) {
  if (name == "customer_group" && shown.with_group) {
    return one.group_id.empty() ? "null" : identifier("customer_groups", one.group_id);
  }
  if (name == "tags" && shown.with_tags) {
    std::vector<std::string> linked;
    for (const std::string& id : one.tag_ids) linked.push_back(identifier("tags", id));
    return json_array(linked);
  }
  return {};
}

std::string relationships_of(const customer& one, const std::string& self, const view& shown) {
  json_object object;
  for (const std::string_view name : customer_relationships) {
    if (!shown.shows("customers", name)) continue;
    const std::string plain(name);
    json_object relationship;
    relationship.add("links", json_object()
                                  .add_text("self", self + "/relationships/" + plain)
                                  .add_text("related", self + '/' + plain)
                                  .text());
    const std::string linkage = linkage_of(one, name, shown);
    if (!linkage.empty()) relationship.add("data", linkage);
    object.add(name, relationship.text());
  }
  return object.text();
}

json_object resource(std::string_view type, const std::string& id, const envelope& around) {
  const std::string self = around.api_root + '/' + std::string(type) + '/' + id;
  json_object object;
  object.add_text("id", id).add_text("type", type);
  object.add("links", json_object().add_text("self", self).text());
  return object;
}

/// `"included":[…]`, each group and tag once; empty when nothing was asked for.
std::string included(const std::vector<const customer*>& about, const frame& in) {
  std::set<std::string> done;
  std::vector<std::string> resources;
  for (const customer* one : about) {
    const group* joined = in.shown.with_group ? in.from.group_by_id(one->group_id) : nullptr;
    if (joined != nullptr && done.insert(joined->id).second) {
      resources.push_back(group_resource(*joined, in));
    }
    if (!in.shown.with_tags) continue;
    for (const std::string& id : one->tag_ids) {
      const tag* worn = in.from.tag_by_id(id);
      if (worn != nullptr && done.insert(id).second) {
        resources.push_back(tag_resource(*worn, in));
      }
    }
  }
  return json_array(resources);
}

}  // namespace

bool view::shows(std::string_view type, std::string_view name) const {
  const auto found = fields.find(type);
  return found == fields.end() || found->second.contains(name);
}

bool known_field(std::string_view type, std::string_view name) {
  if (name == "id" || name == "type") return true;
  if (type == "customers") {
    return holds(customer_attributes, name) || holds(customer_relationships, name);
  }
  if (name == "created_at" || name == "updated_at" || name == "metadata") return true;
  if (type == "customer_groups") {
    return name == "name" || name == "code" || name == "reference" || name == "reference_origin" ||
           name == "customers";
  }
  return type == "tags" && name == "name";
}

std::string customer_resource(const customer& one, const frame& in) {
  const std::string self = in.around.api_root + "/customers/" + one.id;
  json_object object = resource("customers", one.id, in.around);
  object.add("attributes", attributes_of(one, in.shown));
  object.add("relationships", relationships_of(one, self, in.shown));
  return object.add("meta", resource_meta(in.around)).text();
}

std::string group_resource(const group& one, const frame& in) {
  json_object attributes;
  if (in.shown.shows("customer_groups", "name")) attributes.add_text("name", one.name);
  if (in.shown.shows("customer_groups", "code")) attributes.add_text("code", one.code);
  if (in.shown.shows("customer_groups", "reference")) attributes.add("reference", "null");
  json_object object = resource("customer_groups", one.id, in.around);
  return object.add("attributes", attributes.text()).add("meta", resource_meta(in.around)).text();
}

std::string tag_resource(const tag& one, const frame& in) {
  json_object attributes;
  if (in.shown.shows("tags", "name")) attributes.add_text("name", one.name);
  json_object object = resource("tags", one.id, in.around);
  return object.add("attributes", attributes.text()).add("meta", resource_meta(in.around)).text();
}

std::string single_document(const std::string& resource, const std::vector<const customer*>& about,
                            const frame& in) {
  json_object document;
  document.add("data", resource);
  if (in.shown.with_group || in.shown.with_tags) {
    document.add("included", included(about, in));
  }
  return document.text();
}

std::string list_document(const std::vector<std::string>& resources,
                          const std::vector<const customer*>& about, const frame& in,
                          const list_shape& shape) {
  json_object document;
  document.add("data", json_array(resources));
  if (in.shown.with_group || in.shown.with_tags) {
    document.add("included", included(about, in));
  }
  document.add("meta", json_object()
                           .add_number("record_count", static_cast<long long>(shape.records))
                           .add_number("page_count", static_cast<long long>(shape.pages))
                           .text());
  return document.add("links", shape.links).text();
}

std::string error_document(const std::vector<api_error>& errors) {
  std::vector<std::string> entries;
  for (const api_error& one : errors) {
    json_object entry;
    entry.add_text("title", one.title).add_text("detail", one.detail).add_text("code", one.code);
    if (!one.pointer.empty()) {
      entry.add("source", json_object().add_text("pointer", one.pointer).text());
    }
    entry.add_text("status", std::to_string(one.status));
    if (!one.error.empty()) {
      json_object meta;
      meta.add_text("error", one.error);
      if (!one.value.empty()) meta.add("value", one.value);
      entry.add("meta", meta.text());
    }
    entries.push_back(entry.text());
  }
  return json_object().add("errors", json_array(entries)).text();
}

api_error not_found() {
  return {.status = 404,
          .title = "Record not found",
          .detail = "The requested resource was not found. Please double-check the resource id.",
          .code = "RECORD_NOT_FOUND"};
}

api_error bad_request(std::string code, std::string detail) {
  return {
      .status = 400, .title = "Bad request", .detail = std::move(detail), .code = std::move(code)};
}

api_error invalid_value(const std::string& field, const std::string& error,
                        const std::string& value_json) {
  std::string title = "is invalid";
  if (error == "taken") title = "has already been taken";
  if (error == "blank") title = "can't be blank";
  if (error == "too_long") title = "is too long";
  const bool linked = field == "customer_group" || field == "tags";
  return {.status = 422,
          .title = title,
          .detail = field + " - " + title,
          .code = "VALIDATION_ERROR",
          .pointer = (linked ? "/data/relationships/" : "/data/attributes/") + field,
          .error = error,
          .value = value_json};
}

}  // namespace patchbay::twin
