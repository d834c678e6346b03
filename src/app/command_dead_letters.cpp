// `patchbay dead-letters list|show|export|retry|drop`: what was refused and why; retry and drop are
// left for the owner of the state.
#include <algorithm>

#include "asking.hpp"
#include "patchbay/adapter/report/letters_text.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {
namespace {

std::vector<dead_letter> of_keys(const std::vector<dead_letter>& all,
                                 const std::vector<std::string>& keys) {
  std::vector<dead_letter> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&keys](const dead_letter& one) {
    return std::find(keys.begin(), keys.end(), one.key) != keys.end();
  });
  return found;
}

/// The keys that have no dead letter.
std::string unknown_of(const std::vector<dead_letter>& all, const std::vector<std::string>& keys) {
  std::string names;
  for (const std::string& key : keys) {
    const bool known = std::any_of(all.begin(), all.end(),
                                   [&key](const dead_letter& one) { return one.key == key; });
    if (!known) names += (names.empty() ? "" : ", ") + key;
  }
  return names;
}

std::string asked_words(const command_context& context) {
  const bool retry = context.ask.what == command::letters_retry;
  return std::string(retry ? "will be tried again: " : "will be dropped: ") +
         who_carries_out(context.config()) + "\n";
}

void ask_owner(const command_context& context, composition& all) {
  const invocation& ask = context.ask;
  std::vector<owner_request> requests;
  const auto request = [&all](request_kind kind, std::string subject) {
    return owner_request{.number = 0,
                         .kind = kind,
                         .subject = std::move(subject),
                         .who = who_asks(),
                         .at = all.time().wall()};
  };
  const bool retry = ask.what == command::letters_retry;
  if (retry && ask.list_all) requests.push_back(request(request_kind::retry_all_dead, ""));
  for (const std::string& key : ask.subjects) {
    requests.push_back(request(retry ? request_kind::retry_dead : request_kind::drop_dead, key));
  }
  for (const owner_request& one : requests) all.store().leave_request(one);
}

}  // namespace

exit_code run_dead_letters(command_context context) {
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  const invocation& ask = context.ask;
  if (ask.job) {
    const auto jobs = jobs_asked_for(ask, context.config());
    if (!jobs) return fail(context, exit_code::usage, jobs.error());
  }
  const std::vector<dead_letter> all = (*built)->store().dead_letters(ask.job.value_or(""));
  const wall_time now = (*built)->time().wall();
  if (ask.what == command::letters_list) {
    print(context, ask.json ? dead_letters_json(all) : dead_letters_text(all, now));
    return exit_code::ok;
  }
  if (ask.what == command::letters_export) {
    return hand_out(context, ask.json ? dead_letters_json(all) : dead_letters_csv(all));
  }
  if (const std::string unknown = unknown_of(all, ask.subjects); !unknown.empty()) {
    return fail(context, exit_code::missing,
                fault{"DEAD_LETTER_UNKNOWN",
                      "no dead letter of " + unknown + "; patchbay dead-letters list shows them"});
  }
  if (all.empty() && ask.subjects.empty()) {
    print(context, ask.json ? dead_letters_json({}) : dead_letters_text({}, now));
    return exit_code::ok;
  }
  if (ask.what != command::letters_show) {
    ask_owner(context, **built);
    print(context, ask.json ? dead_letters_json(ask.list_all ? all : of_keys(all, ask.subjects))
                            : asked_words(context));
    return exit_code::ok;
  }
  const std::vector<dead_letter> shown = of_keys(all, ask.subjects);
  if (ask.json) {
    print(context, dead_letters_json(shown));
  } else {
    for (const dead_letter& one : shown) print(context, dead_letter_text(one, now));
  }
  return exit_code::ok;
}

}  // namespace patchbay
