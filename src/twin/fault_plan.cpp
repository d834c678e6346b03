#include "patchbay/twin/fault_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "patchbay/twin/json_object.hpp"

namespace patchbay::twin {

namespace {

constexpr std::array<std::pair<fault_kind, std::string_view>, 21> names{{
    {fault_kind::reset_before, "reset-before"},
    {fault_kind::reset_after, "reset-after"},
    {fault_kind::reset_mid_body, "reset-mid-body"},
    {fault_kind::never_answer, "never-answer"},
    {fault_kind::never_arrive, "never-arrive"},
    {fault_kind::apply_late, "apply-late"},
    {fault_kind::slow, "slow"},
    {fault_kind::html_500, "html-500"},
    {fault_kind::empty_502, "empty-502"},
    {fault_kind::empty_503, "empty-503"},
    {fault_kind::timeout_408, "timeout-408"},
    {fault_kind::conflict_409, "conflict-409"},
    {fault_kind::locked_423, "locked-423"},
    {fault_kind::throttled_429, "throttled-429"},
    {fault_kind::denied_401, "denied-401"},
    {fault_kind::forbidden_403, "forbidden-403"},
    {fault_kind::redirect_302, "redirect-302"},
    {fault_kind::revoke_token, "revoke-token"},
    {fault_kind::no_rate_headers, "no-rate-headers"},
    {fault_kind::not_applied, "not-applied"},
    {fault_kind::lower_case_email, "lower-case-email"},
}};
constexpr std::string_view refuse_name = "refuse-value";

bool adds_up(fault_kind kind) {
  return kind == fault_kind::no_rate_headers || kind == fault_kind::not_applied ||
         kind == fault_kind::lower_case_email || kind == fault_kind::refuse_value;
}

bool fits(const fault_rule& rule, const fault_question& about) {
  const bool class_fits = rule.only ? *rule.only == about.kind : about.kind != request_class::token;
  return class_fits && (rule.customer.empty() || rule.customer == about.customer_id ||
                        rule.customer == about.customer_reference);
}

fault invalid(std::string_view text, const std::string& why) {
  return {"TWIN_FAULT_INVALID", "fault '" + std::string(text) + "': " + why};
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return failure == std::errc() && end == text.data() + text.size();
}

/// False: the value does not fit the name. `known` is false when there is no such name.
bool set_condition(fault_rule& rule, std::string_view name, std::string_view text, bool& known) {
  if (name == "probability") {
    return read_number(text, rule.probability) && rule.probability >= 0 && rule.probability <= 1;
  }
  if (name == "times") return read_number(text, rule.times);
  if (name == "after") return read_number(text, rule.after);
  if (name == "customer") return rule.customer = text, true;
  if (name == "field") return rule.field = text, true;
  if (name == "value") return rule.text = text, true;
  if (name == "error") return rule.error = text, true;
  if (name == "applied") return rule.applied = text == "yes", text == "yes" || text == "no";
  if (name == "method") {
    if (text == "GET") rule.only = request_class::get;
    if (text == "PATCH") rule.only = request_class::patch;
    if (text == "TOKEN") rule.only = request_class::token;
    return rule.only.has_value();
  }
  if (name == "delay") {
    const result<nanoseconds> read = read_duration(text);
    if (read) rule.delay = *read;
    return read.has_value();
  }
  known = false;
  return false;
}

}  // namespace

std::string_view name_of(fault_kind kind) {
  for (const auto& [one, name] : names) {
    if (one == kind) return name;
  }
  return refuse_name;
}

result<nanoseconds> read_duration(std::string_view text) {
  const fault invalid_duration{"TWIN_DURATION_INVALID",
                               "'" + std::string(text) + "' is no duration such as 250ms, 15s, 2m"};
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || !(number >= 0 && number < 1e6)) return invalid_duration;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  double unit_ns = 0;
  if (unit == "us") unit_ns = 1e3;
  if (unit == "ms") unit_ns = 1e6;
  if (unit == "s") unit_ns = 1e9;
  if (unit == "m") unit_ns = 60e9;
  if (unit == "h") unit_ns = 3600e9;
  if (unit_ns == 0) return invalid_duration;
  return nanoseconds(static_cast<nanoseconds::rep>(number * unit_ns));
}

result<fault_rule> read_fault_rule(std::string_view text) {
  const std::vector<std::string> pieces = pieces_of(text, ',');
  if (pieces.empty()) return invalid(text, "begin with its kind, such as reset-after");
  fault_rule rule;
  const auto named = std::find_if(names.begin(), names.end(),
                                  [&](const auto& one) { return one.second == pieces[0]; });
  if (named != names.end()) {
    rule.kind = named->first;
  } else if (pieces[0] == refuse_name) {
    rule.kind = fault_kind::refuse_value;
  } else {
    std::string all;
    for (const auto& one : names) all += std::string(one.second) + ", ";
    return invalid(text,
                   "no kind '" + pieces[0] + "'; there are " + all + std::string(refuse_name));
  }
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const std::size_t equals = std::min(pieces[i].find('='), pieces[i].size());
    const std::string name = pieces[i].substr(0, equals);
    const std::string given = pieces[i].substr(std::min(equals + 1, pieces[i].size()));
    bool known = true;
    if (set_condition(rule, name, given, known)) continue;
    if (known) return invalid(text, name + " cannot be '" + given + "'");
    return invalid(text, "no condition '" + name +
                             "'; there are probability, method (GET, PATCH, TOKEN), times, after, "
                             "customer, field, value, error, delay, applied");
  }
  return rule;
}

std::uint64_t dice::roll() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

std::vector<fault_rule> fault_plan::draw(const fault_question& about) {
  std::vector<fault_rule> met;
  bool exclusive = false;
  for (counted_rule& one : rules_) {
    const fault_rule& rule = one.rule;
    if (!fits(rule, about) || (rule.times >= 0 && one.used >= rule.times)) continue;
    if (exclusive && !adds_up(rule.kind)) continue;
    if (one.seen++ < rule.after) continue;
    if (rule.probability < 1 && dice_.share() >= rule.probability) continue;
    ++one.used;
    exclusive = exclusive || !adds_up(rule.kind);
    met.push_back(rule);
  }
  return met;
}

}  // namespace patchbay::twin
