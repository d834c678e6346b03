// The way of a request through the API: windows, faults, token, headers, resource. What the
// resources are is in rules_resources.cpp, the token endpoint in rules_token.cpp.
#include "patchbay/twin/rules.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "patchbay/twin/change.hpp"
#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/visit.hpp"

namespace patchbay::twin {

namespace {

using std::chrono::seconds;

window_limits limits_of(const rules_options& options) {
  if (options.limits) {
    window_limits given = *options.limits;
    std::sort(given.begin(), given.end(),
              [](const window_limit& a, const window_limit& b) { return a.per > b.per; });
    return given;
  }
  if (options.test_mode) return {{100, seconds(60)}, {25, seconds(10)}};
  return {{200, seconds(60)}, {50, seconds(10)}};
}

std::string hex(std::uint64_t high, std::uint64_t low) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return text.data();
}

/// 8-4-4-4-12, as x-request-id has it.
std::string dashed(std::string digits) {
  for (const std::size_t at : {8U, 13U, 18U, 23U}) digits.insert(at, 1, '-');
  return digits;
}

std::string weak_tag(std::string_view body) {
  std::uint64_t sum = 0xcbf29ce484222325U;
  for (const char c : body) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return "W/\"" + hex(sum, dice(sum).roll()) + '"';
}

request_class class_of(const request& what, bool for_token) {
  if (for_token) return request_class::token;
  return what.method == "GET" || what.method == "HEAD" ? request_class::get : request_class::patch;
}

bool names_json_api(std::string_view header) {
  return header.find(json_api) != std::string_view::npos;
}

}  // namespace

bool visit::meets(fault_kind kind) const {
  return std::any_of(met.begin(), met.end(),
                     [kind](const auto& rule) { return rule.kind == kind; });
}

void visit::answer_with(int status, std::string_view content_type, std::string body) {
  out.answer.status = status;
  out.answer.body = std::move(body);
  if (!content_type.empty()) out.answer.headers["content-type"] = content_type;
}

void visit::refuse(const std::vector<api_error>& errors) {
  entry.code = errors.front().code;
  answer_with(errors.front().status, json_api, error_document(errors));
}

void visit::refuse(int status, const std::string& title, const std::string& code) {
  refuse({{.status = status, .title = title, .detail = title + '.', .code = code}});
}

void visit::throttle() {
  entry.code = "THROTTLED";
  answer_with(429, plain_json,
              R"({"errors":{"title":"Too Many Requests","code":"THROTTLED","status":429}})");
  out.answer.headers["retry-after"] = "0";
}

rules::rules(rules_options options, roster customers)
    : options_(std::move(options)),
      roster_(std::move(customers)),
      faults_(options_.seed),
      dice_(options_.seed ^ 0x7477696eU),
      desk_(options_.token_life, options_.test_mode, options_.organization),
      limits_(limits_of(options_)) {}

const window_limits& rules::limits(request_class kind) const {
  return kind == request_class::token ? options_.token_limits : limits_;
}

served rules::answer(const request& what, instant arrival, wall_time wall) {
  advance(arrival, wall);
  const std::uint64_t chance = dice_.roll();
  visit v{.what = what,
          .arrival = arrival,
          .wall = wall,
          .where = read_target(what.target),
          .segments = {},
          .entry = {},
          .met = {},
          .trace_id = hex(chance, dice_.roll()),
          .average = {},
          .out = {}};
  v.for_token = v.where.path == options_.token_path;
  if (!v.for_token && v.where.path.starts_with(options_.base_path + '/')) {
    v.segments =
        pieces_of(std::string_view(v.where.path).substr(options_.base_path.size() + 1), '/');
  }
  v.entry.number = ++number_;
  v.entry.arrival = arrival;
  v.entry.at = wall;
  v.entry.kind = class_of(what, v.for_token);
  v.entry.method = what.method;
  v.entry.target = what.target;
  if (!v.for_token) v.entry.body = masked_body(what.body);
  if (v.segments.size() == 2 && v.segments[0] == "customers") v.entry.customer_id = v.segments[1];
  serve(v);
  spoil(v);
  seal(v);
  keep(v);
  return std::move(v.out);
}

void rules::serve(visit& v) {
  if (!admitted(v)) return v.throttle();
  meet_faults(v);
  if (stopped_by_fault(v)) return;
  if (v.for_token) return serve_token(v);
  if (!authorized(v)) {
    return v.refuse({{.status = 401,
                      .title = "Invalid token",
                      .detail = "The access token you provided is invalid.",
                      .code = "INVALID_TOKEN"}});
  }
  const std::string& accept = v.what.accept;
  if (!accept.empty() && !names_json_api(accept) && accept.find("*/*") == std::string::npos) {
    return v.refuse(406, "Not acceptable", "NOT_ACCEPTABLE");
  }
  if (v.entry.kind == request_class::patch && !names_json_api(v.what.content_type)) {
    return v.refuse(415, "Unsupported media type", "UNSUPPORTED_MEDIA_TYPE");
  }
  serve_resource(v);
}

// Each method has its own windows. The average counts all its endpoints together; the bursts
// count each resource for itself.
bool rules::admitted(visit& v) {
  const window_limits& all = limits(v.entry.kind);
  if (all.empty()) return true;
  const std::string method = v.for_token ? "token" : v.what.method;
  const std::string resource = v.segments.empty() ? "" : v.segments.front();
  std::vector<sliding_window>& average = windows_[method];
  std::vector<sliding_window>& bursts = windows_[method + ' ' + resource];
  if (average.empty()) average.emplace_back(all.front());
  if (bursts.empty()) {
    for (std::size_t i = 1; i < all.size(); ++i) bursts.emplace_back(all[i]);
  }
  bool full = average.front().full(v.arrival);
  for (sliding_window& one : bursts) full = one.full(v.arrival) || full;
  v.entry.counted = !full || options_.refused_count;
  if (v.entry.counted) {
    average.front().count(v.arrival);
    for (sliding_window& one : bursts) one.count(v.arrival);
  }
  v.average = all.front();
  v.average_left = full ? 0 : all.front().requests - average.front().used(v.arrival);
  return !full;
}

bool rules::authorized(const visit& v) const {
  return desk_.accepts(v.what.authorization, v.arrival);
}

void rules::seal(visit& v) {
  reply& answer = v.out.answer;
  const bool from_gateway = answer.status == 502 || answer.status == 503;
  if (answer.status != 429 && !from_gateway) {
    v.entry.request_id = dashed(hex(dice_.roll(), v.entry.number));
    answer.headers["x-request-id"] = v.entry.request_id;
  }
  if (answer.status == 200) answer.headers["etag"] = weak_tag(answer.body);
  if (v.average && !from_gateway && !v.meets(fault_kind::no_rate_headers)) {
    const auto interval = std::chrono::ceil<seconds>(v.average->per).count();
    answer.headers["x-ratelimit-limit"] = std::to_string(v.average->requests);
    answer.headers["x-ratelimit-interval"] = std::to_string(interval);
    answer.headers["x-ratelimit-remaining"] = std::to_string(std::max(v.average_left, 0));
  }
}

void rules::keep(visit& v) {
  const bool answered = v.out.act == served::action::answer;
  v.entry.status = answered ? v.out.answer.status : 0;
  if (!options_.keep_log) return;
  log_.push_back(std::move(v.entry));
  if (log_.size() > options_.log_limit) log_.pop_front();
}

logged_request* rules::logged(std::uint64_t number) {
  if (log_.empty() || number < log_.front().number) return nullptr;
  return &log_[number - log_.front().number];
}

}  // namespace patchbay::twin
