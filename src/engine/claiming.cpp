#include "claiming.hpp"

#include <algorithm>
#include <utility>

#include "drop_places.hpp"
#include "patchbay/engine/values_drop.hpp"
#include "patchbay/policy/drop_order.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

class claiming {
 public:
  claiming(pickup_parts parts, const job_spec& job, pickup_options options)
      : parts_(parts), job_(job), options_(std::move(options)) {}

  asio::awaitable<claimed_drops> go() {
    // What an operator undoes is between the store and the API: no other drop's rows come between.
    const bool ours = co_await names_our_own();
    if (!ours) co_await gather_left_over();
    if (options_.named) {
      co_await claim_named(*options_.named);
    } else if (options_.claim_waiting) {
      co_await claim_waiting();
    }
    for (claimed_drop& drop : found_.drops) co_await look_at(drop);
    std::stable_sort(found_.drops.begin(), found_.drops.end(),
                     [](const claimed_drop& one, const claimed_drop& other) {
                       return comes_before(one.record, other.record);
                     });
    co_return std::move(found_);
  }

 private:
  template <class Call>
  asio::awaitable<std::invoke_result_t<Call>> on_store(Call call) {
    return parts_.intake.store_lane.run(std::move(call));
  }
  template <class Call>
  asio::awaitable<std::invoke_result_t<Call>> on_rows(Call call) {
    return parts_.intake.rows.run(std::move(call));
  }

  asio::awaitable<bool> names_our_own() {
    if (!options_.named) co_return false;
    auto look = [this] { return is_values_drop(origin_of(parts_, *options_.named)); };
    co_return co_await on_rows(look);
  }

  asio::awaitable<void> gather_left_over() {
    auto ask = [this] { return parts_.intake.store.drops(job_.name); };
    const std::vector<drop_record> known = co_await on_store(ask);
    auto list = [this] { return parts_.spool.lying_in(folder::working); };
    const result<std::vector<std::string>> lying = co_await on_rows(list);
    for (const drop_record& drop : known) {
      const bool held = drop.state == drop_state::approved || waits_for_gap(drop);
      if (drop.state == drop_state::working) found_.drops.push_back({drop, folder::working});
      if (held) found_.drops.push_back({drop, folder::held});
    }
    if (!lying) co_return;
    for (const std::string& name : *lying) {
      const auto named = [&name](const drop_record& drop) {
        return name_in(drop, folder::working) == name;
      };
      const bool registered = std::any_of(known.begin(), known.end(), named);
      if (!registered) co_await remember(name, name);
    }
  }

  asio::awaitable<void> remember(std::string file, std::string stored_as) {
    drop_record drop;
    drop.job = job_.name;
    drop.file = std::move(file);
    drop.stored_as = place(folder::working, stored_as);
    drop.mode = job_.source.mode;
    drop.claimed_at = parts_.intake.time.wall();
    auto save = [this, &drop] { return parts_.intake.store.register_drop(drop); };
    drop.number = co_await on_store(save);
    parts_.intake.watcher.note(severity::info, "drop_claimed", "claimed " + drop.file,
                               {{"job", job_.name}, {"drop", drop.file}});
    found_.drops.push_back({std::move(drop), folder::working});
  }

  asio::awaitable<void> claim_waiting() {
    auto list = [this] { return parts_.spool.waiting(); };
    const result<std::vector<waiting_drop>> waiting = co_await on_rows(list);
    if (!waiting) {
      found_.refused.push_back({{}, waiting.error()});
      co_return;
    }
    for (const waiting_drop& drop : *waiting) co_await claim_one(drop);
  }

  asio::awaitable<void> claim_one(waiting_drop drop) {
    auto claim = [this, &drop] { return parts_.spool.claim(drop); };
    const result<std::string> name = co_await on_rows(claim);
    if (name) {
      co_await remember(drop.file, *name);
    } else {
      refuse(drop.file, name.error());
    }
  }

  /// A file inside the job's directory is claimed, one from elsewhere is copied.
  asio::awaitable<void> claim_named(std::filesystem::path path) {
    std::error_code ignored;
    if (std::filesystem::equivalent(path.parent_path().empty() ? "." : path.parent_path(),
                                    job_.source.directory, ignored)) {
      waiting_drop drop;
      drop.file = path.filename().string();
      drop.path = path;
      co_await claim_one(std::move(drop));
      co_return;
    }
    auto copy = [this, &path] { return parts_.spool.copy_in(path); };
    const result<std::string> name = co_await on_rows(copy);
    if (name) {
      co_await remember(path.filename().string(), *name);
    } else {
      refuse(path.filename().string(), name.error());
    }
  }

  void refuse(const std::string& file, const fault& why) {
    parts_.intake.watcher.note(severity::error, "drop_refused", why.message,
                               {{"job", job_.name}, {"drop", file}});
    found_.refused.push_back({file, why});
  }

  /// What its marker says, and who speaks in it.
  asio::awaitable<void> look_at(claimed_drop& drop) {
    const std::filesystem::path path = parts_.spool.path_of(
        name_in(drop.record, drop.lies_in).value_or(drop.record.file), drop.lies_in);
    auto look = [this, &path, &drop] {
      drop.marker = parts_.spool.marker_of(path);
      return origin_of(parts_, path);
    };
    drop.record.origin = co_await on_rows(look);
    const bool apart = stands_apart(drop.record);
    if (apart) drop.record.mode = drop_mode::delta;
    const bool marked = drop.marker && drop.marker->has_value();
    if (marked) {
      drop.record.sequence = (*drop.marker)->sequence;
      drop.record.as_of = (*drop.marker)->as_of;
    }
    if (!marked && !apart) co_return;
    auto save = [this, &drop] { parts_.intake.store.update_drop(drop.record); };
    co_await on_store(save);
  }

  pickup_parts parts_;
  const job_spec& job_;
  pickup_options options_;
  claimed_drops found_;
};

}  // namespace

asio::awaitable<claimed_drops> claim_drops(pickup_parts parts, const job_spec& job,
                                           pickup_options options) {
  claiming one(parts, job, std::move(options));
  co_return co_await one.go();
}

}  // namespace patchbay
