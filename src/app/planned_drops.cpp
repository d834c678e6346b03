#include "planned_drops.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "patchbay/engine/values_drop.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// Where a drop of the store lies that the next run goes on with; nullopt: it does not.
std::optional<fs::path> path_of(const service_job& job, const drop_record& drop) {
  for (const auto& [prefix, where, state] :
       {std::tuple{std::string_view("working/"), folder::working, drop_state::working},
        std::tuple{std::string_view("held/"), folder::held, drop_state::approved}}) {
    const bool lies_there = drop.stored_as.starts_with(prefix);
    if (!lies_there || !(drop.state == state || waits_for_gap(drop))) continue;
    return job.parts.spool.path_of(drop.stored_as.substr(prefix.size()), where);
  }
  return std::nullopt;
}

drop_record as_claimed(const service_job& job, const std::string& file, std::int64_t number) {
  drop_record made;
  made.number = number;
  made.job = job.spec->name;
  made.file = file;
  made.mode = job.spec->source.mode;
  return made;
}

void look_at(const service_job& job, queued_drop& drop) {
  drop.marker = job.parts.spool.marker_of(drop.path);
  if (drop.marker && *drop.marker) {
    drop.record.sequence = (*drop.marker)->sequence;
    drop.record.as_of = (*drop.marker)->as_of;
  }
  drop.record.origin = origin_of(job.parts, drop.path);
  if (stands_apart(drop.record)) drop.record.mode = drop_mode::delta;
}

}  // namespace

drop_queue::drop_queue(std::vector<queued_drop> drops, std::vector<drop_record> known,
                       drop_mode mode)
    : drops_(std::move(drops)), known_(std::move(known)), snapshots_(mode == drop_mode::snapshot) {
  for (const queued_drop& drop : drops_) {
    std::erase_if(known_,
                  [&drop](const drop_record& one) { return one.number == drop.record.number; });
    known_.push_back(drop.record);
  }
  const auto counts_first = [this](const queued_drop& one, const queued_drop& other) {
    const bool apart = stands_apart(one.record);
    const bool other_apart = stands_apart(other.record);
    if (apart != other_apart) return other_apart;
    const bool snapshots = snapshots_ && !apart;
    return snapshots ? comes_before(other.record, one.record)
                     : comes_before(one.record, other.record);
  };
  std::stable_sort(drops_.begin(), drops_.end(), counts_first);
}

const queued_drop* drop_queue::next() {
  while (at_ < drops_.size()) {
    const queued_drop& drop = drops_[at_++];
    const bool overtaken = snapshots_ && counted_ && !stands_apart(drop.record);
    const bool still_waits =
        waits_for_gap(drop.record) && order_of(drop).standing != drop_standing::in_order;
    if (!overtaken && !still_waits) return &drop;
  }
  return nullptr;
}

order_verdict drop_queue::order_of(const queued_drop& drop) const {
  return judge_order(drop.record, known_);
}

void drop_queue::ended(const queued_drop& drop, drop_state how) {
  if (how != drop_state::failed && !stands_apart(drop.record)) counted_ = true;
  for (drop_record& one : known_) {
    if (one.number == drop.record.number) one.state = how;
  }
}

result<drop_queue> queue_drops(composition& built, const service_job& job,
                               const std::optional<fs::path>& named) {
  std::vector<queued_drop> drops;
  std::vector<drop_record> known = built.store().drops(job.spec->name);
  std::int64_t number = -1;  // of drops that the store does not know yet
  if (named) {
    drops.push_back({as_claimed(job, named->filename().string(), number), *named});
  } else {
    const result<std::vector<waiting_drop>> waiting = job.parts.spool.waiting();
    if (!waiting) return waiting.error();
    for (const drop_record& drop : known) {
      if (const auto path = path_of(job, drop)) drops.push_back({drop, *path});
    }
    for (const waiting_drop& drop : *waiting) {
      drops.push_back({as_claimed(job, drop.file, number--), drop.path});
    }
  }
  for (queued_drop& drop : drops) look_at(job, drop);
  return drop_queue(std::move(drops), std::move(known), job.spec->source.mode);
}

}  // namespace patchbay
