#include "patchbay/adapter/report/explain_text.hpp"

#include <algorithm>

#include "json_writer.hpp"
#include "patchbay/adapter/report/letters_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

/// customers_1.csv:42, run, request, when; only what is known.
std::string origin_of(const field_event& by, bool unreadable = false) {
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
  return unreadable ? "taken from the first drop that named it: the API does not show it"
                    : "read from the API, never written by us";
}

std::string level(const char* what, const std::optional<value>& held, const char* more = "") {
  return wrapped(what + shown(held, "(unknown)") + more, 4, report_columns);
}

void write_event(json_writer& out, const field_event& by) {
  out.text_or_null("drop", by.drop);
  out.number_or_null("line", by.line);
  out.text_or_null("run", by.run);
  out.text_or_null("request_id", by.request_id);
  if (by.at == wall_time{}) {
    out.null("at");
  } else {
    out.time("at", by.at);
  }
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
  value_or_null("kept_as", field.kept_as);
  out.truth("in_doubt", field.doubted.has_value());
  write_event(out, field.written);
  if (field.owed_since == wall_time{}) {
    out.null("pending_since");
  } else {
    out.time("pending_since", field.owed_since);
  }
  if (field.confirmed) {
    out.open("acknowledged_by");
    write_event(out, *field.confirmed);
    out.close();
  } else {
    out.null("acknowledged_by");
  }
  out.close();
}

void write_refusal(json_writer& out, const dead_letter& one) {
  out.open();
  out.text_or_null("field", one.field);
  out.text("code", one.code);
  out.text("message", one.message);
  out.text_or_null("drop", one.file);
  out.number_or_null("line", one.line);
  out.text_or_null("column", one.column);
  out.text_or_null("request_id", one.request_id);
  out.number("attempts", one.attempts);
  out.time("since", one.since);
  out.time("next_retry", one.next_retry);
  out.close();
}

void write_refused_row(json_writer& out, const reject_entry& one) {
  out.open();
  out.text("drop", one.file);
  out.number("line", one.line);
  out.text_or_null("column", one.column);
  out.text_or_null("field", one.field);
  out.text("code", one.code);
  out.text("message", one.message);
  out.close();
}

/// What becomes of a value that the API has not confirmed.
std::string next_of(const field_story& field, bool rejected) {
  if (!field.doubted) return rejected ? "" : "waits to be sent";
  switch (*field.doubted) {
    case doubt::phase::in_flight:
      return "in doubt: a request is on its way";
    case doubt::phase::unanswered:
      return rejected ? "in doubt: a request had no definite answer and may have been applied; "
                        "with the next try it is sent again, or the API is read"
                      : "in doubt: a request had no definite answer and may have been applied; it "
                        "is sent again";
    case doubt::phase::proving:
      return "in doubt: an earlier request had no definite answer; the API is read to see which "
             "value it holds";
  }
  return {};
}

/// Where an operator has waived the ERP's value, what is wanted is not the ERP's.
std::string field_text(const field_story& field, bool rejected) {
  constexpr const char* until = " (waived until the ERP says something else)";
  const auto origin = [&field](const field_event& by, std::size_t indent) {
    return wrapped(origin_of(by, field.unreadable), indent, report_columns);
  };
  std::string out = "\n" + clipped(printable(field.name), report_columns) + "\n";
  if (field.waived) out += level("the ERP wants    ", field.waived, until);
  if (!field.differs && !field.waived) {
    out += level("", field.acknowledged) + origin(field.written, 4);
  } else if (!field.differs) {
    out += level("the API confirms ", field.acknowledged) + origin(field.written, 8);
  } else {
    const bool masked = field.wanted == field.acknowledged;
    out += level(field.waived ? "to be sent       " : "the ERP wants    ", field.wanted,
                 masked ? " (hidden; another value than the API's)" : "");
    std::string owed = origin_of(field.written, field.unreadable);
    if (field.owed_since != wall_time{}) owed += ", owed since " + day_text(field.owed_since);
    out += wrapped(owed, 8, report_columns);
    out += level("the API confirms ", field.acknowledged);
    if (field.confirmed && field.acknowledged) out += origin(*field.confirmed, 8);
  }
  if (field.kept_as) out += level("the API keeps it as ", field.kept_as);
  const std::string next = field.differs || field.doubted ? next_of(field, rejected) : "";
  if (!next.empty()) out += wrapped(next, 4, report_columns);
  return out;
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
  out.open_list("refusals");
  for (const dead_letter& one : told.refusals) write_refusal(out, one);
  out.close_list();
  out.open_list("refused_rows");
  for (const reject_entry& one : told.refused_rows) write_refused_row(out, one);
  out.close_list();
  out.close();
  return out.line();
}

std::string explain_text(const explanation& told, wall_time now) {
  std::string out = clipped(printable(told.key) + " · " + printable(told.job) + ": " + told.state,
                            report_columns) +
                    "\n";
  out +=
      told.id.empty()
          ? "the API had it no longer: it is looked up again by its key, with its next row or try\n"
          : "the API's id " + printable(told.id) + "\n";
  const auto letters_of = [&told, now](std::string_view field) {
    std::string text;
    for (const dead_letter& one : told.refusals) {
      if (one.field != field) continue;
      text += refusal_text(one, now, 4);
      if (!one.request_id.empty()) {
        text += wrapped("request " + printable(one.request_id), 4, report_columns);
      }
    }
    return text;
  };
  // Those that name no field, or one that is not shown, concern the customer as a whole.
  for (const dead_letter& one : told.refusals) {
    const bool below = std::any_of(told.fields.begin(), told.fields.end(),
                                   [&one](const field_story& f) { return f.name == one.field; });
    if (below) continue;
    out += refusal_text(one, now, 2);
    if (!one.request_id.empty()) {
      out += wrapped("request " + printable(one.request_id), 2, report_columns);
    }
  }
  for (const reject_entry& one : told.refused_rows) {
    out += wrapped("its row in " + printable(one.file) + ":" + std::to_string(one.line) +
                       " was refused: " + printable(one.message) + " [" + one.code + "]",
                   2, report_columns);
  }
  // What is not settled comes first: it is what somebody looks for.
  for (const bool settled : {false, true}) {
    for (const field_story& field : told.fields) {
      const bool same = !field.differs && !field.doubted && !field.waived;
      if (same != settled) continue;
      out += field_text(field, told.state == "rejected");
      out += letters_of(field.name);
    }
  }
  return out;
}

}  // namespace patchbay
