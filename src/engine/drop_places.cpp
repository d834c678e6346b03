#include "drop_places.hpp"

#include "patchbay/engine/pickup.hpp"

namespace patchbay {

folder folder_of(drop_state state) {
  switch (state) {
    case drop_state::working:
      return folder::working;
    case drop_state::held:
    case drop_state::approved:
      return folder::held;
    case drop_state::failed:
      return folder::failed;
    case drop_state::admitted:
    case drop_state::discarded:
    case drop_state::superseded:
      return folder::archive;
  }
  return folder::working;
}

namespace {

std::string_view folder_name(folder where) {
  switch (where) {
    case folder::working:
      return "working/";
    case folder::archive:
      return "archive/";
    case folder::held:
      return "held/";
    case folder::failed:
      return "failed/";
  }
  return "";
}

}  // namespace

std::string place(folder where, std::string_view name) {
  return std::string(folder_name(where)) + std::string(name);
}

std::optional<std::string> name_in(const drop_record& drop, folder where) {
  const std::string_view prefix = folder_name(where);
  if (!drop.stored_as.starts_with(prefix)) return std::nullopt;
  return drop.stored_as.substr(prefix.size());
}

boost::asio::awaitable<void> restore_files(pickup_parts parts, const job_spec& job) {
  auto ask = [&parts, &job] { return parts.intake.store.drops(job.name); };
  std::vector<drop_record> known = co_await parts.intake.store_lane.run(ask);
  for (drop_record& drop : known) {
    const folder belongs = folder_of(drop.state);
    if (name_in(drop, belongs)) continue;
    folder lies = folder::working;
    for (const folder one : {folder::held, folder::failed}) {
      if (name_in(drop, one)) lies = one;
    }
    const std::string name = name_in(drop, lies).value_or(drop.file);
    auto move = [&parts, &drop, &name, lies, belongs] {
      return parts.spool.move(name, lies, belongs, drop.claimed_at);
    };
    const result<std::string> moved = co_await parts.intake.rows.run(move);
    if (!moved && moved.error().code != "DROP_MISSING") {
      parts.intake.watcher.note(severity::warning, "drop_not_moved", moved.error().message,
                                {{"job", job.name}, {"drop", drop.file}});
      continue;
    }
    // Missing: the move had been done before the kill, only its record was not.
    drop.stored_as = place(belongs, moved ? *moved : name);
    auto save = [&parts, &drop] { parts.intake.store.update_drop(drop); };
    co_await parts.intake.store_lane.run(save);
  }
}

}  // namespace patchbay
