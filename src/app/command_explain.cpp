// `patchbay explain CUSTOMER`: which file, line, run and request wrote each field; from the store,
// beside the owner.
#include <algorithm>
#include <filesystem>

#include "patchbay/adapter/report/explain_text.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t keys_at_once = 10'000;

/// Sensitive values stand in the store as keyed hashes, which nobody is shown.
bool is_masked(const job_spec& job, const std::string& name, const value& one) {
  const auto spec = std::find_if(job.mapping.fields.begin(), job.mapping.fields.end(),
                                 [&name](const field_spec& field) { return field.name == name; });
  if (spec != job.mapping.fields.end()) return spec->sensitive;
  return one.json.starts_with("\"#");
}

class story {
 public:
  story(const job_spec& job, const customer_levels& levels, sqlite_store& store)
      : job_(job), levels_(levels) {
    for (field_event& one : store.last_events(job.name, levels.key)) {
      events_.insert_or_assign(one.field, std::move(one));
    }
    if (!levels.wanted) return;
    for (const drop_record& drop : store.drops(job.name)) {
      if (drop.number == levels.wanted->drop) wanted_by_ = drop.file;
    }
  }

  explanation tell() const {
    explanation told{job_.name, levels_.key, levels_.id, state(), {}, {}};
    for (const dead_letter& one : levels_.dead) {
      told.refusals.push_back(one.code + ": " + one.message);
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

  [[nodiscard]] field_story field(const std::string& name) const {
    field_story made;
    made.name = name;
    made.acknowledged = shown(levels_.acknowledged, name);
    made.waived = shown(levels_.waived, name);
    made.wanted = made.acknowledged;
    if (const auto event = events_.find(name); event != events_.end()) made.written = event->second;
    if (levels_.wanted && levels_.wanted->fields.contains(name)) {
      made.wanted = shown(levels_.wanted->fields, name);
      const auto held = levels_.acknowledged.find(name);
      const bool differs = held == levels_.acknowledged.end() ||
                           held->second != levels_.wanted->fields.find(name)->second;
      if (differs) {
        made.written = {name, {}, wanted_by_, levels_.wanted->line, {}, {}, {}};
      }
    }
    if (levels_.in_doubt) {
      const std::vector<std::string>& doubted = levels_.in_doubt->fields;
      made.in_doubt = std::find(doubted.begin(), doubted.end(), name) != doubted.end();
    }
    return made;
  }

  const job_spec& job_;
  const customer_levels& levels_;
  std::map<std::string, field_event> events_;
  std::string wanted_by_;
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

}  // namespace

exit_code run_explain(command_context context) {
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  auto built = composition::build(context.loaded, reach::look, context.watcher);
  if (!built) return fail(context, exit_code::configuration, built.error());
  sqlite_store& store = (*built)->store();
  const std::string& name = context.ask.subjects.front();
  bool any = false;
  for (const job_spec* job : *jobs) {
    for (const customer_levels& levels : find_customer(context.config(), store, job->name, name)) {
      const explanation told = story(*job, levels, store).tell();
      print(context, std::string(any && !context.ask.json ? "\n" : "") +
                         (context.ask.json ? explain_json(told) : explain_text(told)));
      any = true;
    }
  }
  if (any) return exit_code::ok;
  return fail(
      context, exit_code::missing,
      fault{"CUSTOMER_UNKNOWN", "no customer has the key, the id or, in the log, the hash " + name +
                                    ": no admitted drop had a row of it"});
}

}  // namespace patchbay
