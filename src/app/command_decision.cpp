// `patchbay approve` and `discard`: leave the decision on a held drop for the owner of the state.
#include <algorithm>

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
void take_back_decisions(sqlite_store& store, const std::string& drop) {
  for (const owner_request& one : store.requests()) {
    const bool decides = one.kind == request_kind::approve || one.kind == request_kind::discard;
    if (decides && one.subject == drop) store.erase_request(one.number);
  }
}

}  // namespace

exit_code run_decision(command_context context) {
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  sqlite_store& store = (*built)->store();
  const bool approve = context.ask.what == command::approve;
  const std::vector<drop_record> drops = store.drops("");
  for (const std::string& name : context.ask.subjects) {
    const auto decidable = [&name, approve](const drop_record& drop) {
      return may_be_decided(drop.state, approve) && lying_name(drop) == name;
    };
    if (std::none_of(drops.begin(), drops.end(), decidable)) {
      return fail(
          context, exit_code::missing,
          fault{"DROP_NOT_HELD", "no held drop is named " + name + " (" + held_names(drops) + ")"});
    }
  }
  for (const std::string& name : context.ask.subjects) {
    take_back_decisions(store, name);
    store.leave_request({.number = 0,
                         .kind = approve ? request_kind::approve : request_kind::discard,
                         .subject = name,
                         .who = who_asks(),
                         .at = (*built)->time().wall()});
    print(context, name + (approve ? " is approved: " : " is put away: ") +
                       who_carries_out(context.config()) + "\n");
  }
  return exit_code::ok;
}

}  // namespace patchbay
