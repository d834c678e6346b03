// `patchbay approve` and `discard`: leave the decision on a held drop for the owner of the state.
#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "asking.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {
namespace {

std::string held_names(const std::vector<drop_record>& drops) {
  std::string names;
  for (const drop_record& drop : drops) {
    if (drop.state == drop_state::held) names += (names.empty() ? "" : ", ") + lying_name(drop);
  }
  return names.empty() ? "nothing is held" : "held now: " + names;
}

/// The last word counts, where none has been carried out yet.
void take_back_decisions(sqlite_store& store, const drop_record& on) {
  for (const owner_request& one : store.requests()) {
    const bool decides = one.kind == request_kind::approve || one.kind == request_kind::discard;
    const bool same = one.subject == lying_name(on) && (one.job.empty() || one.job == on.job);
    if (decides && same) store.erase_request(one.number);
  }
}

/// The one drop that is meant. DROP_NOT_HELD, JOB_AMBIGUOUS.
result<drop_record> drop_named(const std::vector<drop_record>& drops, const std::string& name,
                               bool approve) {
  std::vector<drop_record> found;
  for (const drop_record& drop : drops) {
    if (may_be_decided(drop.state, approve) && lying_name(drop) == name) found.push_back(drop);
  }
  if (found.empty()) {
    return fault{"DROP_NOT_HELD", "no held drop is named " + name + " (" + held_names(drops) + ")"};
  }
  // What waits for a decision goes before what could only be put away.
  const auto is_held = [](const drop_record& one) { return one.state == drop_state::held; };
  if (std::ranges::any_of(found, is_held)) std::erase_if(found, std::not_fn(is_held));
  std::set<std::string> jobs;
  for (const drop_record& one : found) jobs.insert(one.job);
  if (jobs.size() > 1) {
    std::string names;
    for (const std::string& job : jobs) names += (names.empty() ? "" : ", ") + job;
    return fault{"JOB_AMBIGUOUS", "several jobs have a drop named " + name + " to decide on (" +
                                      names + "): say which with --job"};
  }
  return found.front();
}

/// Nobody would carry it out.
std::optional<fault> of_no_job(const drop_record& drop, const settings& config) {
  if (std::ranges::find(config.jobs, drop.job, &job_spec::name) != config.jobs.end())
    return std::nullopt;
  return fault{"JOB_UNKNOWN", "the drop belongs to the job " + drop.job +
                                  ", which the configuration no longer has: give it that name "
                                  "again, and decide then"};
}

}  // namespace

exit_code run_decision(command_context context) {
  if (context.ask.job) {
    const auto jobs = jobs_asked_for(context.ask, context.config());
    if (!jobs) return fail(context, exit_code::usage, jobs.error());
  }
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  sqlite_store& store = (*built)->store();
  const bool approve = context.ask.what == command::approve;
  const std::vector<drop_record> drops = store.drops(context.ask.job.value_or(""));
  std::vector<drop_record> decided;
  for (const std::string& name : context.ask.subjects) {
    result<drop_record> one = drop_named(drops, name, approve);
    if (!one) return fail(context, code_of(one.error()), one.error());
    if (const auto lost = of_no_job(*one, context.config())) {
      return fail(context, exit_code::usage, *lost);
    }
    decided.push_back(std::move(*one));
  }
  for (const drop_record& one : decided) {
    take_back_decisions(store, one);
    store.leave_request({.number = 0,
                         .kind = approve ? request_kind::approve : request_kind::discard,
                         .job = one.job,
                         .subject = lying_name(one),
                         .who = who_asks(),
                         .at = (*built)->time().wall()});
    print(context, one.job + ": " + lying_name(one) +
                       (approve ? " is approved: " : " is put away: ") +
                       who_carries_out(context.config()) + "\n");
  }
  return exit_code::ok;
}

}  // namespace patchbay
