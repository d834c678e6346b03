// What a storm is judged by: the state at each start and at the end, and the evidence.
#include <algorithm>
#include <filesystem>

#include "erp.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/echo.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "storm.hpp"
#include "trace.hpp"

namespace patchbay::sim {
namespace {

/// How long a read of metadata is good for (design: a read older than that is repeated).
constexpr std::chrono::seconds good_for{2};

std::vector<std::string> keys_in(const std::map<std::string, std::string>& by_id) {
  std::vector<std::string> keys;
  for (const auto& [id, key] : by_id) keys.push_back(key);
  return keys;
}

const erp_drop* find(const std::vector<erp_drop>& drops, const std::string& file) {
  const auto found = std::find_if(drops.begin(), drops.end(),
                                  [&file](const erp_drop& drop) { return drop.file == file; });
  return found == drops.end() ? nullptr : &*found;
}

/// A value as the ERP's cell says it; an empty one clears.
value wanted_of(const std::string& column, const std::string& cell) {
  if (cell.empty()) return null_value();
  return column == "limit" || column == "points" ? value{cell} : string_value(cell);
}

/// Of deltas one waits for as long as an earlier one is held and nobody decides.
bool waits_rightly(const drop_record& drop, const std::vector<drop_record>& known) {
  return drop.mode == drop_mode::delta && drop.state == drop_state::working &&
         std::any_of(known.begin(), known.end(), [&drop](const drop_record& one) {
           return one.state == drop_state::held && one.file < drop.file;
         });
}

}  // namespace

void storm::check_state() {
  for (const drop_record& drop : life_->store().drops("erp")) {
    const erp_drop* const written = find(told_.drops, drop.file);
    if (written == nullptr) {
      object({"drops: " + drop.file + " was never written"});
      continue;
    }
    object(check_totals(drop, static_cast<std::int64_t>(written->rows.size())));
  }
  const std::vector<std::string> keys = keys_in(keys_);
  object(check_acknowledged(api_.customers(), life_->store().lookup("erp", keys)));
}

std::vector<const erp_drop*> storm::admitted() {
  std::vector<drop_record> known = life_->store().drops("erp");
  std::erase_if(known, [](const drop_record& one) { return one.state != drop_state::admitted; });
  std::stable_sort(known.begin(), known.end(), [](const drop_record& a, const drop_record& b) {
    return a.admission < b.admission;
  });
  std::vector<const erp_drop*> found;
  for (const drop_record& drop : known) found.push_back(find(told_.drops, drop.file));
  return found;
}

bool storm::all_settled() {
  const std::vector<std::string> keys = keys_in(keys_);
  const std::vector<customer_levels> levels = life_->store().lookup("erp", keys);
  return std::all_of(levels.begin(), levels.end(), [this](const customer_levels& one) {
    return one.settled() || (!one.dead.empty() && may_stay_rejected(one.key));
  });
}

/// The API refuses what the ERP wants of it.
bool storm::may_stay_rejected(const std::string& key) {
  if (told_.refused_text.empty()) return false;
  return last_words(admitted())[key].cells["tax"] == told_.refused_text;
}

/// An approval is for the plan that was reviewed; here nobody reviews a drop twice, so that no
/// drop is admitted once a later one was. No delta passes one that is held,
/// but for one that came too late.
void storm::check_order() {
  std::int64_t last = 0;
  bool held = false;
  for (const drop_record& drop : life_->store().drops("erp")) {
    held = held || (drop.state == drop_state::held && drop.mode == drop_mode::delta &&
                    !drop.reason.starts_with("DROP_OLDER"));
    if (drop.state != drop_state::admitted) continue;
    if (held) object({"order: " + drop.file + " passed a delta that is held"});
    const bool approved = !drop.decision.empty();
    const erp_drop* const written = find(told_.drops, drop.file);
    if (written != nullptr && !written->marker.empty() && !approved) {
      object({"held: " + drop.file + " is over its budget and was not held"});
    }
    if (approved && drop.admission < last)
      object({"stale approval: " + drop.file + " was let through"});
    last = std::max(last, drop.admission);
  }
}

void storm::check_outcome() {
  check_order();
  for (const erp_drop& drop : told_.drops) {
    const std::vector<drop_record> known = life_->store().drops("erp");
    const auto fine = [&drop, &known](const drop_record& one) {
      const bool decided = one.state != drop_state::working && one.state != drop_state::failed;
      return one.file == drop.file && one.totals.pending == 0 &&
             (decided || waits_rightly(one, known));
    };
    const bool taken = std::any_of(known.begin(), known.end(), fine);
    if (taken) continue;
    object({"drops: " + drop.file + " is lost, failed or still pending"});
    for (const drop_record& one : known) {
      if (one.file != drop.file) continue;
      trace(time_.now(), "state " + std::to_string(static_cast<int>(one.state)) + ", read " +
                             std::to_string(one.totals.read) + ", unchanged " +
                             std::to_string(one.totals.unchanged) + ", applied " +
                             std::to_string(one.totals.applied) + ", rejected " +
                             std::to_string(one.totals.rejected) + ", superseded " +
                             std::to_string(one.totals.superseded) + ", held " +
                             std::to_string(one.totals.held) + ", pending " +
                             std::to_string(one.totals.pending));
    }
  }
  for (const twin::customer* const one : api_.customers().all()) {
    const std::string& key = keys_.at(one->id);
    if (!may_stay_rejected(key)) check_values(key, *one);
    if (foreign_of(one->metadata.json) == foreign_lost) {
      object({"foreign metadata: that of " + key + " is lost"});
    }
  }
}

void storm::check_values(const std::string& key, const twin::customer& there) {
  const last_word word = last_words(admitted())[key];
  const twin::group* const group = api_.customers().group_by_id(there.group_id);
  for (const auto& [column, cell] : word.cells) {
    const auto in_metadata = [&there](const std::vector<std::string>& path) {
      return metadata_at(there.metadata.json, path).value_or(null_value());
    };
    value held = null_value();
    if (column == "email") held = there.email;
    if (column == "tax") held = there.tax_exemption_code;
    if (column == "segment") held = in_metadata({"segment"});
    if (column == "limit") held = in_metadata({"credit_limit"});
    if (column == "points") held = in_metadata({"loyalty", "points"});
    if (column == "group" && group != nullptr) held = string_value(group->code);
    if (column == "password") {
      const bool mapped =
          told_.config.jobs.front().mapping.fields.back().kind == field_kind::password;
      const bool baseline = there.password.empty() && cell == word.first_password;
      if (!mapped || baseline || there.password == cell) continue;
      held = string_value(there.password);
    }
    if (column == "code" || same(wanted_of(column, cell), held)) continue;
    if (compare_echo(wanted_of(column, cell), held) != echo_match::different) continue;
    object({"values: " + key + ": " + column + " is " + held.json + ", the ERP said " + cell});
  }
}

void storm::check_evidence() {
  const request_log& log = api_.log();
  const api_spec& ours = told_.config.api;
  for (const request_class kind : {request_class::patch, request_class::get}) {
    window_limits limits = api_limits(kind, told_.api.test_mode);
    if (ours.burst) limits = {*ours.average, *ours.burst};
    object(check_windows(log, kind, limits));
  }
  object(check_windows(log, request_class::token, api_limits(request_class::token, false)));
  object(check_one_in_flight(journal_));
  object(check_nothing_repeated(journal_));
  object(check_settled_rests(journal_));
  if (!told_.others_spend) object(check_no_429(log));
  object(check_foreign_metadata(journal_, good_for));
  std::set<std::string> never;
  const std::vector<const erp_drop*> sent = admitted();
  for (const erp_drop& drop : told_.drops) {
    const bool let_through =
        drop.decision == "approve" && std::find(sent.begin(), sent.end(), &drop) != sent.end();
    if (!drop.marker.empty() && !let_through) never.insert(drop.marker);
  }
  object(check_never_sent(log, never));
  const std::size_t rows = static_cast<std::size_t>(told_.customers) * told_.drops.size();
  object(check_no_hot_loop(log, 500 + 20 * rows));
}

}  // namespace patchbay::sim
