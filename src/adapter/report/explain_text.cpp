#include "patchbay/adapter/report/explain_text.hpp"

#include "json_writer.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

/// customers_1.csv:42, run, request, when; only what is known.
std::string origin_of(const field_story& field) {
  const field_event& by = field.written;
  std::string text = by.drop.empty() ? "" : printable(by.drop);
  if (!by.drop.empty() && by.line > 0) text += ":" + std::to_string(by.line);
  const auto add = [&text](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  };
  add(by.waived_by.empty() ? "" : "waived by " + printable(by.waived_by));
  add(by.run.empty() ? "" : "run " + by.run);
  add(by.request_id.empty() ? "" : "request " + printable(by.request_id));
  add(by.at == wall_time{} ? "" : day_text(by.at));
  if (!text.empty()) return text;
  return field.unreadable ? "taken from the first drop that named it: the API does not show it"
                          : "read from the API, never written by us";
}

std::string level(const char* what, const std::optional<value>& held, const char* more = "") {
  return wrapped(what + shown(held, "(unknown)") + more, 4, report_columns);
}

/// Where an operator has waived the ERP's value, what is wanted is not the ERP's.
std::string levels_of(const field_story& field) {
  constexpr const char* until = " (waived until the ERP says something else)";
  std::string out;
  if (field.waived) out += level("the ERP wants    ", field.waived, until);
  if (!field.differs && !field.waived) return level("", field.acknowledged);
  if (field.differs) {
    const bool masked = field.wanted == field.acknowledged;
    out += level(field.waived ? "to be sent       " : "the ERP wants    ", field.wanted,
                 masked ? " (hidden; another value than the API's)" : "");
  }
  return out + level("the API confirms ", field.acknowledged);
}

void write_field(json_writer& out, const field_story& field) {
  const auto value_or_null = [&out](const char* name, const std::optional<value>& one) {
    if (one) {
      out.raw(name, *one);
    } else {
      out.null(name);
    }
  };
  out.open();
  out.text("name", field.name);
  value_or_null("wanted", field.wanted);
  value_or_null("acknowledged", field.acknowledged);
  value_or_null("waived", field.waived);
  out.truth("in_doubt", field.in_doubt);
  out.text_or_null("drop", field.written.drop);
  out.number_or_null("line", field.written.line);
  out.text_or_null("run", field.written.run);
  out.text_or_null("request_id", field.written.request_id);
  if (field.written.at == wall_time{}) {
    out.null("at");
  } else {
    out.time("at", field.written.at);
  }
  out.close();
}

}  // namespace

std::string explain_json(const explanation& told) {
  json_writer out;
  out.open();
  out.number("schema_version", 1);
  out.text("key", told.key);
  out.text_or_null("id", told.id);
  out.text("job", told.job);
  out.text("state", told.state);
  out.open_list("fields");
  for (const field_story& field : told.fields) write_field(out, field);
  out.close_list();
  out.close();
  return out.line();
}

std::string explain_text(const explanation& told) {
  std::string out = clipped(printable(told.key) + " · " + printable(told.job) + ": " + told.state,
                            report_columns) +
                    "\n";
  out += told.id.empty() ? "not known to the API at the moment: looked up with its next row\n"
                         : "the API's id " + printable(told.id) + "\n";
  for (const std::string& why : told.refusals) out += wrapped(printable(why), 2, report_columns);
  for (const field_story& field : told.fields) {
    out += "\n" + clipped(printable(field.name), report_columns) + "\n";
    out += levels_of(field);
    if (field.in_doubt) {
      out += wrapped("in doubt: a request was not answered, it is read back", 4, report_columns);
    }
    out += wrapped(origin_of(field), 4, report_columns);
  }
  return out;
}

}  // namespace patchbay
