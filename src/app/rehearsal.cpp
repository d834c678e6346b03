#include "rehearsal.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "patchbay/adapter/rehearsal/network.hpp"
#include "patchbay/adapter/rehearsal/virtual_loop.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/engine/closing.hpp"
#include "patchbay/protocol/requests.hpp"
#include "rehearsal_cast.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

constexpr const char* play_secret = "sandbox-secret";
constexpr std::uint64_t seed = 1;  // the same plan gives the same night

/// What happens in a rehearsal has not happened.
class deaf_observer final : public observer {
 public:
  void note(severity, std::string_view, std::string_view, const log_fields&) override {}
  void advance(const progress&) override {}
};

settings stage_settings(settings config) {
  config.api.client_id = "sandbox-client";
  return config;
}

/// The API allows what it is known to allow, or taken to.
twin::rules_options stage_rules(const api_spec& api, const limits_entry& limits) {
  twin::rules_options options;
  options.base_path = path_of_url(api.base_url);
  options.token_path = path_of_url(api.token_url);
  options.keep_log = false;
  options.test_mode = limits.test_mode.value_or(false);
  options.limits = limits.windows;
  return options;
}

sqlite_options stage_store() {
  sqlite_options options;
  options.boot_id = options.process = "rehearsal";
  return options;
}

class stage {
 public:
  stage(composition& real, const job_spec& job, wall_time begins)
      : real_(real),
        job_(job),
        config_(stage_settings(real.config())),
        limits_(real.known_limits(request_class::patch)),
        time_(instant(0), begins),
        lane_(loop_.executor()),
        store_(stage_store(), instant(0)),
        lines_({.path = {},
                .store_id = store_.identity().id,
                .generation = [this] { return store_.generation(job_.name); }}),
        theirs_(real.of(job)),
        intake_{store_,
                lane_,
                lane_,
                theirs_.parts.intake.opener,
                lines_,
                nullptr,
                theirs_.parts.intake.sealing,
                time_,
                watcher_,
                path_of_url(config_.api.base_url),
                theirs_.parts.intake.make_spool} {}

  /// A night that broke off leaves some waiting, who work with everything here.
  ~stage() { loop_.abandon(); }
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  run_report play(plan& made) {
    furnish(made);
    loop_.play(night(made));
    return std::move(told_);
  }

 private:
  pickup_parts parts() { return {intake_, theirs_.parts.spool, store_, {}}; }

  /// What the state knows of those whom the night concerns.
  void furnish(const plan& made) {
    take_backlog();
    const std::vector<std::string> keys = changed_keys(made);
    for (std::size_t at = 0; at < keys.size(); at += page_customers) {
      const auto page = std::span(keys).subspan(at, std::min(page_customers, keys.size() - at));
      const std::vector<customer_levels> known = real_.store().lookup(job_.name, page);
      learn(known);
    }
  }

  void learn(const std::vector<customer_levels>& customers) {
    std::vector<learned_customer> learned;
    for (const customer_levels& one : customers) {
      learned.push_back({one.key, one.id, one.acknowledged});
    }
    store_.learn(job_.name, learned);
  }

  /// What is pending from before is sent in the same night, and first.
  void take_backlog() {
    std::vector<customer_levels> backlog;
    pending_cursor after;
    for (;;) {
      std::vector<customer_levels> page =
          real_.store().pending(job_.name, after, page_customers, time_.wall());
      if (page.empty()) break;
      after = {page.back().wanted ? page.back().wanted->drop : after.drop,
               page.back().wanted ? page.back().wanted->line : after.line, page.back().key};
      std::move(page.begin(), page.end(), std::back_inserter(backlog));
    }
    std::erase_if(backlog,
                  [](const customer_levels& one) { return !one.wanted || one.id.empty(); });
    if (backlog.empty()) return;
    learn(backlog);
    const drop_number number = register_drop("pending from before");
    std::vector<staged_row> rows;
    for (customer_levels& one : backlog) {
      rows.push_back({one.key, one.id, std::move(*one.wanted), {}, one.waived});
      rows.back().wanted.drop = number;
      rows.back().wanted.counted = row_class::pending;
    }
    store_.stage(job_.name, number, rows);
    totals owed;
    owed.read = owed.pending = static_cast<std::int64_t>(rows.size());
    store_.admit(number, owed, time_.wall());
  }

  drop_number register_drop(const std::string& file) {
    drop_record drop;
    drop.job = job_.name;
    drop.file = file;
    drop.mode = drop_mode::delta;
    return store_.register_drop(drop);
  }

  /// Everybody who is written to, as the API holds him.
  twin::roster cast() {
    rehearsal_cast players(job_);
    pending_cursor after;
    for (;;) {
      const std::vector<customer_levels> page =
          store_.pending(job_.name, after, page_customers, time_.wall());
      if (page.empty()) break;
      for (const customer_levels& one : page) {
        players.add(one);
        if (one.wanted) after = {one.wanted->drop, one.wanted->line, one.key};
      }
    }
    players.add_rivals(real_.store());
    doubtful_ = players.doubtful_groups(real_.store());
    store_.save_groups(players.groups());
    return players.take();
  }

  asio::awaitable<void> night(plan& made) {
    run_report& planned = report_of(made);
    const std::int64_t unknown = planned.planned.unresolved;
    // Rows that nobody can judge before they are looked up are no part of what is admitted.
    planned.totals.read -= unknown;
    planned.totals.pending -= unknown;
    const drop_number number = register_drop(planned.drop->file);
    const result<void> admitted = co_await admit_plan(intake_, job_, made, number);
    if (!admitted) throw std::runtime_error(admitted.error().message);

    twin::rules api(stage_rules(config_.api, limits_), cast());
    sim::network wires(time_, api, sim::network_options(), seed);
    const std::unique_ptr<exchange_factory> factory = wires.factory();
    delivery sending(sending_parts(*factory), config_);
    run_start begun = co_await begin_run(parts(), job_, sending.reader(job_.name));
    std::erase_if(begun.drops, [number](const drop_record& one) { return one.number == number; });
    co_await look_up(sending.reader(job_.name), unknown);
    std::optional<instant> deadline;
    const auto ends = theirs_.times->ends(begun.at);
    if (ends) deadline = instant(ends->at - begun.at);
    delivered did = co_await sending.pass(job_.name, begun.run, deadline);
    did.requests = sending.reader(job_.name).requests();
    picked_up picked;
    picked.reports.push_back(planned);
    picked.reports.back().drop->number = number;
    picked.reports.back().run = begun.run;
    closed_run closed = co_await close_run(parts(), job_, std::move(begun), std::move(picked), did);
    told_ = std::move(closed.reports.back());
    doubt_groups();
    complete(planned, deadline);
  }

  delivery_parts sending_parts(exchange_factory& api) {
    return {store_,
            store_,
            lane_,
            {{job_.name, &lines_}},
            api,
            api,
            [] { return result<std::string>(play_secret); },
            theirs_.parts.intake.sealing,
            time_,
            watcher_,
            seed};
  }

  /// The GETs that unknown customers cost, at the GETs' own pace.
  asio::awaitable<void> look_up(api_reader& reader, std::int64_t unknown) {
    const std::vector<std::string> nobody(1, "nobody");
    for (std::int64_t left = unknown; left > 0; left -= std::int64_t{page_size}) {
      request one = customers_by(path_of_url(config_.api.base_url), job_.mapping.by, nobody, 1,
                                 job_.mapping.fields);
      const unless_stopped<reply> answer = co_await reader.read(std::move(one));
      if (!answer) throw std::runtime_error(answer.error().message);
    }
  }

  void complete(const run_report& planned, std::optional<instant> deadline) {
    const std::int64_t unknown = planned.planned.unresolved;
    told_.dry_run = true;
    told_.limits = limits_;
    for (reject_entry& one : told_.rejects) one.request_id.clear();  // nobody was asked
    told_.totals.read += unknown;
    told_.totals.pending += unknown;
    told_.drop->file = planned.drop->file;
    told_.drop->bytes = planned.drop->bytes;
    told_.drop->digest = planned.drop->digest;
    told_.drop->totals = told_.totals;
    const auto took = std::chrono::duration<double>(told_.finished_at - told_.started_at);
    told_.estimate.requests = told_.requests.patch;
    told_.estimate.seconds = took.count();
    told_.estimate.finishes_at = told_.finished_at;
    told_.estimate.meets_deadline = told_.outcome != run_outcome::stopped;
    if (deadline) {
      told_.estimate.deadline = told_.started_at + std::chrono::floor<milliseconds>(*deadline);
    }
    told_.estimate.fits = told_.requests.patch;
    tell_unknown(planned.planned);
  }

  /// What became of them here hangs on groups that may not exist: it is not known.
  void doubt_groups() {
    for (const auto& [code, keys] : doubtful_) {
      const std::set<std::string> ours(keys.begin(), keys.end());
      std::int64_t& applied = told_.totals.applied;
      std::int64_t open = 0;
      for (const customer_levels& one : store_.lookup(job_.name, keys)) open += one.wanted ? 1 : 0;
      const std::int64_t doubted = std::min(applied, static_cast<std::int64_t>(ours.size()) - open);
      applied -= doubted;
      told_.totals.pending += doubted;
      if (told_.outcome == run_outcome::done && doubted > 0) told_.outcome = run_outcome::partial;
      add_reason(counted(static_cast<std::int64_t>(ours.size()), "customer is", "customers are") +
                 " to get the group " + code +
                 ", which no answer of the API has shown yet: if there is none, they are refused "
                 "(GROUP_NOT_FOUND)");
    }
  }

  void tell_unknown(const planned_counts& planned) {
    if (planned.not_looked_up == 0) return;
    if (told_.outcome == run_outcome::done) told_.outcome = run_outcome::partial;
    const std::int64_t seen = planned.not_looked_up - planned.never_seen;
    std::string who;
    if (planned.never_seen > 0) {
      who = counted(planned.never_seen, "customer was", "customers were") + " never seen before";
    }
    if (seen > 0) {
      who += (who.empty() ? "" : "; ") + counted(seen, "customer is", "customers are") +
             " known, but not at the API any more, or not with every field";
    }
    add_reason(who +
               ": their look-ups are counted, what they hold is not known, so their PATCHes are "
               "not");
  }

  void add_reason(const std::string& why) {
    told_.reason += (told_.reason.empty() ? "" : ". ") + why;
  }

  composition& real_;
  const job_spec& job_;
  settings config_;
  limits_entry limits_;
  sim::virtual_clock time_;
  sim::virtual_loop loop_{time_};
  lane lane_;
  deaf_observer watcher_;
  sqlite_store store_;
  line_set_file lines_;
  service_job theirs_;
  intake_parts intake_;
  run_report told_;
  std::map<std::string, std::vector<std::string>> doubtful_;  ///< groups by code: who gets them
};

}  // namespace

run_report rehearse_night(composition& real, const job_spec& job, plan& made, wall_time begins) {
  stage one(real, job, begins);
  return one.play(made);
}

}  // namespace patchbay
