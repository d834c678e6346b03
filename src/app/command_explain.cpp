// `patchbay explain CUSTOMER`: which file, line, run and request wrote each field; from the store,
// beside the owner.
#include <algorithm>
#include <filesystem>

#include "patchbay/adapter/report/explain_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/adapter/system/state_lock.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t keys_at_once = 10'000;

/// Sensitive values stand in the store as keyed hashes, which nobody is shown.
bool is_masked(const job_spec& job, const std::string& name, const value& one) {
  const field_spec* const spec = find_field(job.mapping, name);
  if (spec != nullptr) return spec->sensitive;
  return is_veiled(one);
}

bool is_unreadable(const job_spec& job, const std::string& name) {
  const field_spec* const spec = find_field(job.mapping, name);
  return spec != nullptr && !spec->readable();
}

class story {
 public:
  /// `owned`: a process that may still wait for an answer is alive.
  story(const job_spec& job, const customer_levels& levels, sqlite_store& store, bool owned)
      : job_(job), levels_(levels), owned_(owned) {
    for (field_event& one : store.last_events(job.name, levels.key)) {
      events_.insert_or_assign(one.field, std::move(one));
    }
    const std::vector<drop_record> drops = store.drops(job.name);
    const drop_record* newest = nullptr;
    for (const drop_record& drop : drops) {
      if (levels.wanted && drop.number == levels.wanted->drop) wanted_by_ = drop;
      if (drop.state != drop_state::admitted) continue;
      if (newest == nullptr || drop.admission > newest->admission) newest = &drop;
    }
    if (newest == nullptr) return;
    for (reject_entry& one : store.rejects(newest->number)) {
      if (one.key == levels.key) refused_rows_.push_back(std::move(one));
    }
  }

  explanation tell() const {
    explanation told{job_.name, levels_.key, levels_.id, state(), {}, levels_.dead, {}};
    for (const reject_entry& one : refused_rows_) {
      // A row that repeats refused values stands among the refused rows with its letter's words.
      const bool is_letter =
          std::any_of(levels_.dead.begin(), levels_.dead.end(), [&one](const dead_letter& letter) {
            return letter.file == one.file && letter.line == one.line && letter.code == one.code;
          });
      if (!is_letter) told.refused_rows.push_back(one);
    }
    std::map<std::string, bool> names;
    for (const auto& [name, one] : levels_.acknowledged) names[name];
    for (const auto& [name, one] : levels_.waived) names[name];
    if (levels_.wanted) {
      for (const auto& [name, one] : levels_.wanted->fields) names[name];
    }
    for (const auto& [name, unused] : names) told.fields.push_back(field(name));
    return told;
  }

 private:
  [[nodiscard]] std::string state() const {
    if (!levels_.dead.empty()) return "rejected";
    return levels_.settled() ? "settled" : "pending";
  }

  [[nodiscard]] std::optional<value> shown(const field_values& from,
                                           const std::string& name) const {
    const auto found = from.find(name);
    if (found == from.end()) return std::nullopt;
    return is_masked(job_, name, found->second) ? string_value("***") : found->second;
  }

  /// Else the API was found to hold another value since, which we did not write.
  [[nodiscard]] bool stands(const field_event& last) const {
    const auto held = levels_.acknowledged.find(last.field);
    if (!last.waived_by.empty() || held == levels_.acknowledged.end()) return true;
    return same(held->second, last.to);
  }

  [[nodiscard]] field_story field(const std::string& name) const {
    field_story made;
    made.name = name;
    made.unreadable = is_unreadable(job_, name);
    made.acknowledged = shown(levels_.acknowledged, name);
    made.waived = shown(levels_.waived, name);
    made.kept_as = shown(levels_.echoed, name);
    made.wanted = made.acknowledged;
    if (const auto event = events_.find(name); event != events_.end() && stands(event->second)) {
      made.written = event->second;
    }
    if (levels_.wanted && levels_.wanted->fields.contains(name)) {
      made.wanted = shown(levels_.wanted->fields, name);
      const auto held = levels_.acknowledged.find(name);
      made.differs = held == levels_.acknowledged.end() ||
                     held->second != levels_.wanted->fields.find(name)->second;
      if (made.differs) {
        made.confirmed = std::move(made.written);
        made.written = {name, {}, wanted_by_.file, levels_.wanted->line, {}, {}, {}};
        made.owed_since = levels_.wanted->since;
      }
    }
    if (levels_.in_doubt) {
      const std::vector<std::string>& doubted = levels_.in_doubt->fields;
      if (std::find(doubted.begin(), doubted.end(), name) != doubted.end()) {
        made.doubted = levels_.in_doubt->at;
        // Whoever waited for the answer has ended.
        if (made.doubted == doubt::phase::in_flight && !owned_) {
          made.doubted = doubt::phase::unanswered;
        }
      }
    }
    return made;
  }

  const job_spec& job_;
  const customer_levels& levels_;
  bool owned_;
  std::map<std::string, field_event> events_;
  drop_record wanted_by_;
  std::vector<reject_entry> refused_rows_;  ///< of the newest drop
};

bool looks_like_a_pseudonym(const std::string& name) {
  return name.size() == 16 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// Whom the log means by it: nothing leads back from the hash, so every key is tried.
std::vector<std::string> keys_behind(const std::string& pseudonym, const settings& config,
                                     sqlite_store& store, const std::string& job) {
  std::error_code unknown;
  if (!looks_like_a_pseudonym(pseudonym) || !fs::exists(config.key_file, unknown)) return {};
  const result<sodium_seal> names = sodium_seal::open_key(config.key_file);
  if (!names) return {};
  std::string after;
  for (;;) {
    const std::vector<std::string> keys = store.keys_after(job, after, keys_at_once);
    for (const std::string& key : keys) {
      if (names->pseudonym(key) == pseudonym) return {key};
    }
    if (keys.size() < keys_at_once) return {};
    after = keys.back();
  }
}

/// By the ERP's key, else by the API's id, else by the name that the log gives.
std::vector<customer_levels> find_customer(const settings& config, sqlite_store& store,
                                           const std::string& job, const std::string& name) {
  std::vector<std::string> keys{name};
  std::vector<customer_levels> found = store.lookup(job, keys);
  if (!found.empty()) return found;
  keys.clear();
  for (const auto& [id, key] : store.owners(job, std::vector<std::string>{name})) {
    keys.push_back(key);
  }
  if (keys.empty()) keys = keys_behind(name, config, store, job);
  return keys.empty() ? found : store.lookup(job, keys);
}

/// What the newest drops say of a key whose row intake refused: the store knows the row alone.
std::string refused_row_of(sqlite_store& store, const std::string& job, const std::string& key) {
  const std::vector<drop_record> drops = store.drops(job);
  for (auto drop = drops.rbegin(); drop != drops.rend(); ++drop) {
    for (const reject_entry& one : store.rejects(drop->number)) {
      if (one.key != key) continue;
      return one.file + ":" + std::to_string(one.line) +
             " has a row of it, which was refused: " + one.message + " [" + one.code + "]";
    }
  }
  return {};
}

std::string unknown_words(sqlite_store& store, const std::vector<const job_spec*>& jobs,
                          const std::string& name) {
  for (const job_spec* job : jobs) {
    const std::string told = refused_row_of(store, job->name, name);
    if (!told.empty()) return "nothing is known of the customer " + name + ": " + told;
  }
  return "no customer has the key, the id or, in the log, the hash " + name +
         ": no admitted drop had a row of it";
}

}  // namespace

exit_code run_explain(command_context context) {
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  sqlite_store& store = (*built)->store();
  const std::string& name = context.ask.subjects.front();
  const wall_time now = (*built)->time().wall();
  const bool owned = state_lock::owner_of(context.config().state_path).has_value();
  bool any = false;
  for (const job_spec* job : *jobs) {
    for (const customer_levels& levels : find_customer(context.config(), store, job->name, name)) {
      const explanation told = story(*job, levels, store, owned).tell();
      print(context, std::string(any && !context.ask.json ? "\n" : "") +
                         (context.ask.json ? explain_json(told) : explain_text(told, now)));
      any = true;
    }
  }
  if (any) return exit_code::ok;
  return fail(context, exit_code::missing,
              fault{"CUSTOMER_UNKNOWN", unknown_words(store, *jobs, name)});
}

}  // namespace patchbay
