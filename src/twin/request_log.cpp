#include "patchbay/twin/request_log.hpp"

#include "patchbay/twin/json_object.hpp"

namespace patchbay::twin {

namespace {

std::string_view name_of(request_class kind) {
  switch (kind) {
    case request_class::patch:
      return "patch";
    case request_class::get:
      return "get";
    case request_class::token:
      return "token";
  }
  return "";
}

}  // namespace

std::string log_line(const logged_request& entry) {
  json_object line;
  line.add_number("number", static_cast<long long>(entry.number))
      .add_text("at", iso_time(entry.at))
      .add_number("arrival_ns", entry.arrival.count())
      .add_text("kind", name_of(entry.kind))
      .add_text("method", entry.method)
      .add_text("target", entry.target)
      .add_text("customer_id", entry.customer_id)
      .add_number("status", entry.status)
      .add_bool("applied", entry.applied)
      .add_bool("counted", entry.counted);
  if (!entry.code.empty()) line.add_text("code", entry.code);
  if (!entry.fault.empty()) line.add_text("fault", entry.fault);
  if (!entry.request_id.empty()) line.add_text("request_id", entry.request_id);
  if (entry.applied) line.add_number("applied_ns", entry.applied_at.count());
  // A string, not an object: what came need not be JSON.
  if (!entry.body.empty()) line.add_text("body", entry.body);
  return line.text();
}

}  // namespace patchbay::twin
