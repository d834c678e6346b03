#include "live_observer.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr std::chrono::seconds tell_every{2};
constexpr const char* token_kind = "token";

std::string_view field(const log_fields& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const auto& one) { return one.first == name; });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

/// Stops after which only a person helps.
bool is_refusal(std::string_view code) {
  static const std::set<std::string_view> codes{"TOKEN_REFUSED", "TOKEN_NOT_ACCEPTED",
                                                "API_FORBIDDEN"};
  return codes.contains(code);
}

}  // namespace

void live_observer::note(severity how, std::string_view event, std::string_view text,
                         const log_fields& fields) {
  next_.note(how, event, text, fields);
  if (event == "run_begun") begin_run(fields);
  if (event == "run_ended") end_run(fields);
  if (event == "drop_begun") begin_drop(fields);
  note_outage(event, text, fields);
  note_folder(event, fields);
  if (event == "pass_stopped" && is_refusal(field(fields, "code"))) refusal_ = text;
}

/// What is told again with each probe began with the first answer that failed to come.
void live_observer::note_outage(std::string_view event, std::string_view text,
                                const log_fields& fields) {
  const bool token = event == "token_delayed";
  const std::string kind(token ? std::string_view(token_kind) : field(fields, "method"));
  if (event == "breaker_closed") outages_.erase(kind);
  if (event != "breaker_open" && !token) return;
  const auto known = outages_.find(kind);
  const std::string_view since = field(fields, "since");
  const std::string_view next_try = field(fields, "next_try");
  silence now{time_.wall(), std::string(text), {}};
  if (known != outages_.end()) {
    now.since = known->second.since;
  } else if (!since.empty()) {
    now.since = parse_utc(since);
  }
  // The text is true at the moment at which it is told; what is shown for a while tells moments.
  if (!next_try.empty()) {
    now.why = "the API does not answer " + kind;
    now.next_try = parse_utc(next_try);
  }
  outages_[kind] = std::move(now);
}

/// Several jobs may have one.
void live_observer::note_folder(std::string_view event, const log_fields& fields) {
  if (event == "configuration_read") away_.clear();  // other folders, perhaps; each is looked at
  for (const auto& [name, job] : fields) {
    if (name != "job") continue;
    if (event == "folder_gone") away_.try_emplace(job, time_.wall());
    if (event == "folder_back") away_.erase(job);
  }
}

std::optional<silence> live_observer::silent() const {
  std::optional<silence> first;
  for (const auto& [kind, one] : outages_) {
    if (!first || one.since < first->since) first = one;
  }
  return first;
}

void live_observer::begin_run(const log_fields& fields) {
  heard_.insert_or_assign(
      std::string(field(fields, "job")),
      heard{std::string(field(fields, "run")), time_.wall(), run_stages(time_.now())});
}

void live_observer::begin_drop(const log_fields& fields) {
  const auto found = heard_.find(std::string(field(fields, "job")));
  if (found != heard_.end()) found->second.drop = field(fields, "drop");
}

void live_observer::end_run(const log_fields& fields) {
  const std::string job(field(fields, "job"));
  const auto found = heard_.find(job);
  if (found == heard_.end()) return;
  if (found->second.reported) {
    for (const auto& [stage, took] : found->second.stages.end(time_.now())) {
      numbers_.stage_took(job, stage, took);
    }
  }
  heard_.erase(found);
  outages_.erase(token_kind);
  if (running_.erase(job) > 0) tell();
}

void live_observer::advance(const progress& now) {
  next_.advance(now);
  const auto found = heard_.find(now.job);
  if (found == heard_.end()) return;
  found->second.stages.enter(now.stage, time_.now());
  outages_.erase(token_kind);
  running_run fresh;
  fresh.run = found->second.run;
  fresh.stage = now.stage;
  fresh.done = now.done;
  fresh.of = now.of;
  fresh.since = found->second.since;
  fresh.rejected = now.rejected;
  fresh.per_second = now.per_second;
  fresh.drop = found->second.drop;
  fresh.waiting_for = now.waiting_for;
  running_run& known = running_[now.job];
  const bool another = known.stage != fresh.stage || known.waiting_for != fresh.waiting_for;
  known = std::move(fresh);
  if (another || time_.now() >= told_at_ + tell_every) tell();
}

void live_observer::reported(const run_report& report) {
  const auto found = heard_.find(report.job);
  if (found != heard_.end()) found->second.reported = true;
}

void live_observer::tell_to(std::function<void(const std::map<std::string, running_run>&)> told) {
  tell_ = std::move(told);
}

void live_observer::tell() {
  told_at_ = time_.now();
  if (tell_) tell_(running_);
}

}  // namespace patchbay
