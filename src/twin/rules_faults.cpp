// What the twin does wrong on purpose, at its place on the way of a request.
#include <utility>

#include "patchbay/twin/change.hpp"
#include "patchbay/twin/rules.hpp"
#include "patchbay/twin/visit.hpp"

namespace patchbay::twin {

namespace {

constexpr std::string_view broken_page =
    "<!DOCTYPE html>\n<html><head><title>We're sorry, but something went wrong (500)</title></head>"
    "<body><h1>Something went wrong</h1></body></html>\n";

/// Writes the answer of an error fault; false for the kinds that are none.
bool write_error(fault_kind kind, visit& v) {
  switch (kind) {
    case fault_kind::html_500:
      v.answer_with(500, "text/html; charset=utf-8", std::string(broken_page));
      return true;
    case fault_kind::empty_502:
      v.answer_with(502, "", "");
      return true;
    case fault_kind::empty_503:
      v.answer_with(503, "", "");
      return true;
    case fault_kind::timeout_408:
      v.answer_with(408, "", "");
      return true;
    case fault_kind::conflict_409:
      v.refuse(409, "Conflict", "CONFLICT");
      return true;
    case fault_kind::locked_423:
      v.refuse(423, "Locked", "LOCKED");
      return true;
    case fault_kind::forbidden_403:
      v.refuse(403, "Forbidden", "FORBIDDEN");
      return true;
    case fault_kind::throttled_429:
      v.throttle();
      v.average_left = 0;
      return true;
    case fault_kind::denied_401:
      v.refuse(
          {{.status = 401,
            .title = "Access denied",
            .detail = "You are not authorized to perform this action on the requested resource.",
            .code = "UNAUTHORIZED"}});
      return true;
    case fault_kind::redirect_302:
      v.answer_with(302, "", "");
      v.out.answer.headers["location"] = "https://elsewhere.invalid" + v.what.target;
      return true;
    case fault_kind::reset_before:
    case fault_kind::reset_after:
    case fault_kind::reset_mid_body:
    case fault_kind::never_answer:
    case fault_kind::never_arrive:
    case fault_kind::apply_late:
    case fault_kind::slow:
    case fault_kind::revoke_token:
    case fault_kind::no_rate_headers:
    case fault_kind::not_applied:
    case fault_kind::lower_case_email:
    case fault_kind::refuse_value:
      return false;
  }
  return false;
}

}  // namespace

void rules::meet_faults(visit& v) {
  const customer* about = roster_.by_id(v.entry.customer_id);
  const bool named = about != nullptr && is_string(about->reference);
  const std::string reference = named ? plain_text(about->reference) : std::string();
  v.met = faults_.draw({v.entry.kind, v.entry.customer_id, reference});
  for (const fault_rule& rule : v.met) {
    if (!v.entry.fault.empty()) v.entry.fault += ' ';
    v.entry.fault += name_of(rule.kind);
    if (rule.kind == fault_kind::revoke_token) desk_.revoke_all();
  }
}

/// The faults that come before the API looks at the request. True: there is nothing more to do.
bool rules::stopped_by_fault(visit& v) {
  for (const fault_rule& rule : v.met) {
    const bool patch = v.what.method == "PATCH" && authorized(v);
    if (rule.kind == fault_kind::reset_before) {
      v.out.act = served::action::reset;
      return true;
    }
    if (rule.kind == fault_kind::never_arrive) {
      v.out.act = served::action::silence;
      return true;
    }
    if (rule.kind == fault_kind::apply_late && patch) {
      late_.push_back(
          {v.arrival + rule.delay, v.entry.customer_id, v.what.body, v.met, v.entry.number});
      v.out.act = served::action::silence;
      return true;
    }
    if (!write_error(rule.kind, v)) continue;
    if (rule.applied && patch) {
      const reply answer = std::exchange(v.out.answer, reply{});
      const std::string code = v.entry.code;
      serve_resource(v);
      v.out.answer = answer;
      v.entry.code = code;
    }
    return true;
  }
  return false;
}

/// The faults that come after the API has done its work.
void rules::spoil(visit& v) {
  for (const fault_rule& rule : v.met) {
    if (rule.kind == fault_kind::reset_after) v.out.act = served::action::reset;
    if (rule.kind == fault_kind::reset_mid_body) v.out.act = served::action::reset_mid_body;
    if (rule.kind == fault_kind::never_answer) v.out.act = served::action::silence;
    if (rule.kind == fault_kind::slow) v.out.delay = rule.delay;
  }
}

void rules::advance(instant now, wall_time wall) {
  for (std::size_t i = 0; i < late_.size();) {
    if (late_[i].due > now) {
      ++i;
      continue;
    }
    const late_patch due = late_[i];
    late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(i));
    const auto ago = std::chrono::floor<milliseconds>(now - due.due);
    const bool applied =
        change_customer(roster_, due.customer_id, due.body, wall - ago, due.met).empty();
    logged_request* entry = logged(due.number);
    if (!applied || entry == nullptr) continue;
    entry->applied = true;
    entry->applied_at = due.due;
  }
}

}  // namespace patchbay::twin
