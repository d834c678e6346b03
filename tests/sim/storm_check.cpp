// What a storm is judged by: the state at each start and at the end, and the evidence.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>

#include "erp.hpp"
#include "patchbay/model/text.hpp"
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

/// Of deltas one waits for as long as an earlier one is held and nobody decides.
bool waits_rightly(const drop_record& drop, const std::vector<drop_record>& known) {
  return drop.mode == drop_mode::delta && drop.state == drop_state::working &&
         std::any_of(known.begin(), known.end(), [&drop](const drop_record& one) {
           return one.state == drop_state::held && one.file < drop.file;
         });
}

}  // namespace

void storm::check_state() {
  const std::vector<std::string> keys = keys_in(keys_);
  for (const job_spec& job : told_.config.jobs) {
    for (const drop_record& drop : life_->store().drops(job.name)) {
      if (is_own(drop)) {
        object(check_totals(drop, own_.at(drop.file).rows));
        continue;
      }
      const erp_drop* const written = find(told_.drops, drop.file);
      if (written == nullptr) {
        object({"drops: " + drop.file + " was never written"});
        continue;
      }
      object(check_totals(drop, static_cast<std::int64_t>(written->rows.size())));
    }
    object(check_acknowledged(api_.customers(), life_->store().lookup(job.name, keys), drifted_));
  }
}

std::vector<const erp_drop*> storm::admitted(const std::string& job) {
  std::vector<drop_record> known = life_->store().drops(job);
  std::erase_if(known, [](const drop_record& one) { return one.state != drop_state::admitted; });
  std::stable_sort(known.begin(), known.end(), [](const drop_record& a, const drop_record& b) {
    return a.admission < b.admission;
  });
  std::vector<const erp_drop*> found;
  for (const drop_record& drop : known) {
    if (!is_own(drop)) found.push_back(find(told_.drops, drop.file));
  }
  return found;
}

bool storm::all_settled() {
  const words said = last_said("erp");
  const std::vector<std::string> keys = keys_in(keys_);
  const std::vector<customer_levels> second = life_->store().lookup(second_job, keys);
  const auto settled = [](const customer_levels& one) { return one.settled(); };
  if (!std::all_of(second.begin(), second.end(), settled)) return false;
  const std::vector<customer_levels> levels = life_->store().lookup("erp", keys);
  return std::all_of(levels.begin(), levels.end(), [this, &said](const customer_levels& one) {
    const bool rests = !one.dead.empty() && !one.in_doubt && may_stay_rejected(said, one.key);
    return one.settled() || rests;
  });
}

/// Decided on while another job had its turn: the next pass takes in what that let through.
bool storm::drops_wait() {
  return std::ranges::any_of(told_.config.jobs, [this](const job_spec& job) {
    const std::vector<drop_record> known = life_->store().drops(job.name);
    return std::ranges::any_of(known, [&known](const drop_record& one) {
      const bool open = one.state == drop_state::working || one.state == drop_state::approved;
      return open && !waits_rightly(one, known);
    });
  });
}

bool storm::let_through(const erp_drop& drop) const {
  return drop.decision == "approve" ||
         std::any_of(told_.commands.begin(), told_.commands.end(), [&drop](const command& one) {
           return one.kind == request_kind::approve && one.subject == drop.file;
         });
}

/// An approval is for the plan that was reviewed; here nobody reviews a drop twice, so that no
/// drop is admitted once a later one was. No delta passes one that is held,
/// but for one that came too late.
void storm::check_order() {
  std::int64_t last = 0;
  std::optional<std::string> held;  // it may have come before those that stand before it
  for (const drop_record& drop : life_->store().drops("erp")) {
    if (is_own(drop)) continue;
    const bool holds = drop.state == drop_state::held && drop.mode == drop_mode::delta &&
                       !drop.reason.starts_with("DROP_OLDER");
    if (holds) held = std::min(held.value_or(drop.file), drop.file);
    if (drop.state != drop_state::admitted) continue;
    if (held && *held < drop.file) {
      object({"order: " + drop.file + " passed a delta that is held"});
    }
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
    const std::vector<drop_record> known = life_->store().drops(drop.job);
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
  for (const auto& [name, own] : own_) {
    for (const drop_record& one : life_->store().drops(own.job)) {
      const bool open = one.state == drop_state::working || one.state == drop_state::failed;
      if (one.file != name || (!open && one.totals.pending == 0)) continue;
      object({"drops: " + name + " failed, or is still pending"});
    }
  }
  const words said = last_said("erp");
  for (const twin::customer* const one : api_.customers().all()) {
    const std::string& key = keys_.at(one->id);
    const auto word = said.find(key);
    if (word != said.end() && !may_stay_rejected(said, key)) check_values(word->second, *one);
    if (foreign_of(one->metadata.json) == foreign_lost) {
      object({"foreign metadata: that of " + key + " is lost"});
    }
  }
  check_circles(said);
  check_second_job();
}

/// Nothing refuses what it says: the API holds it.
void storm::check_second_job() {
  const words said = last_said(second_job);
  for (const twin::customer* const one : api_.customers().all()) {
    const std::string& key = keys_.at(one->id);
    if (!said.contains(key) || is_waived(key, "profile")) continue;
    const value wanted = wanted_of("profile", cell_of(said, key, "profile"));
    if (same(one->profile_id, wanted)) continue;
    object({"values: " + key + ": profile is " + one->profile_id.json + ", the second job said " +
            wanted.json});
  }
}

/// Who waits for one another is told so: one of them at least, as they may be tried again at
/// different times; and not while it is in doubt who holds what. Strictly: everybody, whatever is
/// in doubt.
void storm::check_circles(const words& said) {
  std::map<std::string, customer_levels> all;
  for (customer_levels& one : life_->store().lookup("erp", keys_in(keys_))) {
    all.emplace(one.key, std::move(one));
  }
  const auto is_told = [&all](const std::string& key) {
    const std::vector<dead_letter>& letters = all.at(key).dead;
    return std::any_of(letters.begin(), letters.end(),
                       [](const dead_letter& one) { return one.code == "EMAIL_CYCLE"; });
  };
  for (const auto& [key, one] : all) {
    const std::set<std::string> circle = circle_of(said, key);
    if (circle.empty() || one.settled() || one.dead.empty()) continue;
    const auto vague = [&all](const std::string& each) {
      const auto known = all.find(each);
      return known == all.end() || known->second.in_doubt || known->second.dead.empty();
    };
    if (!told_.strict && std::any_of(circle.begin(), circle.end(), vague)) continue;
    const bool told =
        told_.strict ? is_told(key) : std::any_of(circle.begin(), circle.end(), is_told);
    if (!told) object({"circle: the letter of " + key + " does not say that it waits in one"});
  }
}

/// In the calm nobody finds that the API holds anything but what was confirmed.
void storm::check_calm_verify() {
  if (told_.others.empty() && told_.drifts.empty()) return;
  const int process = ++processes_;
  bystander looks(parts_of(process), std::nullopt);
  while (!looks.ended() && (looks.step() || time_.advance())) {
  }
  if (!looks.found()) return object({"verify: it was stopped"});
  for (const drifted_field& one : looks.found()->drifted) {
    object(
        {"verify: " + one.key + ": " + one.field + " has drifted from " + one.acknowledged.json});
  }
  for (const std::string& key : looks.found()->missing) object({"verify: " + key + " is missing"});
}

void storm::check_values(const last_word& word, const twin::customer& there) {
  const std::string& key = keys_.at(there.id);
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
    if (is_waived(key, column)) continue;
    object({"values: " + key + ": " + column + " is " + held.json + ", the ERP said " + cell});
  }
}

void storm::check_evidence() {
  const request_log log = own_log();
  const api_spec& ours = told_.config.api;
  for (const request_class kind : {request_class::patch, request_class::get}) {
    window_limits limits = api_limits(kind, told_.api.test_mode);
    if (ours.burst) limits = {*ours.average, *ours.burst};
    object(check_windows(log, kind, limits));
    object(check_429_pace(heard_, kind, engines_));
  }
  object(check_windows(log, request_class::token, api_limits(request_class::token, false)));
  object(check_one_in_flight(journal_));
  object(check_nothing_repeated(journal_));
  object(check_settled_rests(journal_));
  if (!told_.others_spend && told_.net.doubled == 0) object(check_no_429(log));
  object(check_foreign_metadata(journal_, good_for));
  std::set<std::string> never;
  const std::vector<const erp_drop*> sent = admitted("erp");
  for (const erp_drop& drop : told_.drops) {
    const bool approved =
        let_through(drop) && std::find(sent.begin(), sent.end(), &drop) != sent.end();
    if (!drop.marker.empty() && !approved) never.insert(drop.marker);
  }
  object(check_never_sent(log, never));
  check_outages();
  const auto rows = static_cast<std::int64_t>(told_.customers) * std::ssize(told_.drops);
  object(check_no_hot_loop(std::ssize(tries_), 500 + 20 * rows, "requests"));
  object(check_no_hot_loop(commits_, 2'000 + 80 * rows, "operations on the store"));
}

/// What is ours alone.
request_log storm::own_log() const {
  request_log log = api_.log();
  std::erase_if(log, [this](const twin::logged_request& one) {
    return one.customer_id == of_neighbour || second_saying_.contains(one.number);
  });
  return log;
}

void storm::check_outages() {
  for (const outage& one : told_.outages) {
    for (const request_class kind :
         {request_class::token, request_class::get, request_class::patch}) {
      object(check_patience(tries_, kind, one, engines_, told_.config.api));
    }
  }
  const nanoseconds lingers = told_.config.api.request_timeout + std::chrono::seconds(1);
  for (const told_letter& letter : letters_) {
    const auto met = [&letter, lingers](const outage& one) {
      return one.only != request_class::token && letter.at >= one.from &&
             letter.at < one.until + lingers;
    };
    const bool down = std::any_of(told_.outages.begin(), told_.outages.end(), met);
    if (!down || letter.code != "RETRIES_EXHAUSTED") continue;
    object({"blame: " + letter.customer + " used up its attempts in an outage, at " +
            std::to_string(std::chrono::duration<double>(letter.at).count()) + " s"});
  }
}

}  // namespace patchbay::sim
