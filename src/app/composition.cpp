#include "patchbay/app/composition.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <unistd.h>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/adapter/system/file_spool.hpp"
#include "patchbay/adapter/system/process_identity.hpp"
#include "patchbay/adapter/system/secret_file.hpp"
#include "patchbay/adapter/system/signal_watch.hpp"
#include "patchbay/engine/values_drop.hpp"
#include "patchbay/policy/blackout.hpp"
#include "patchbay/policy/calendar.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/requests.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

/// From this size on a drop is read by a thread of its own: smaller ones are done sooner without.
constexpr reading_spec reading{.ahead_from = std::int64_t{8} << 20U};

placed_fault at(const loaded_settings& loaded, const std::string& key, const fault& why) {
  return placed_at(loaded, key, why.code, why.message);
}

struct origin_of_api {
  const loaded_settings& loaded;
  bool met;  ///< offline, nobody is met whose certificate would have to be trusted
  asio::io_context& loop;
  clock& time;
};
using opened_origin = boost::system::result<std::unique_ptr<https_factory>, placed_fault>;

opened_origin open_origin(const origin_of_api& where, const std::string& url, const char* key) {
  const api_spec& api = where.loaded.values.api;
  https_options options;
  options.url = url;
  if (where.met) options.ca_file = api.ca_file;
  options.connect_timeout = api.connect_timeout;
  options.header_bytes = static_cast<std::size_t>(where.loaded.values.limits.reply_head_bytes);
  options.body_bytes = static_cast<std::size_t>(where.loaded.values.limits.reply_body_bytes);
  options.environment = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  auto made = https_factory::make(where.loop, where.time, options);
  if (made) return std::move(*made);
  const bool trust = made.error().code == "CA_FILE_UNUSABLE";
  return at(where.loaded, trust ? "api.ca_file" : key, made.error());
}

/// A drop directory may come later, with a mount; what is there must be of use.
std::optional<placed_fault> unfit_folder(const loaded_settings& loaded) {
  std::error_code failed;
  std::filesystem::create_directories(loaded.values.report_directory, failed);
  if (failed) {
    return placed_at(
        loaded, "report.directory", "FOLDER_UNUSABLE",
        loaded.values.report_directory.string() + " cannot be made: " + failed.message());
  }
  for (std::size_t i = 0; i < loaded.values.jobs.size(); ++i) {
    const std::filesystem::path& folder = loaded.values.jobs[i].source.directory;
    if (!std::filesystem::exists(folder, failed)) continue;
    const bool usable = std::filesystem::is_directory(folder, failed) &&
                        ::access(folder.c_str(), R_OK | W_OK | X_OK) == 0;
    if (usable) continue;
    return placed_at(loaded, "jobs[" + std::to_string(i) + "].source.directory", "FOLDER_UNUSABLE",
                     folder.string() + " is no directory that can be read and written");
  }
  return std::nullopt;
}

}  // namespace

/// What one job has of its own.
struct composition::job_adapters {
  job_adapters(const settings& config, const job_spec& job, line_set_options lines)
      : opener(job.source.csv, config.limits, reading),
        values_opener(values_dialect(), config.limits, reading),
        known(std::move(lines)),
        spool(job.source) {}

  csv_drop_opener opener;
  csv_drop_opener values_opener;
  no_lines values_known;
  line_set_file known;
  folder_inbox spool;
};

composition::composition(const loaded_settings& loaded, reach how_far, observer& watcher,
                         metrics* numbers)
    : loaded_(loaded), how_far_(how_far), watcher_(watcher), numbers_(numbers) {}

composition::~composition() {
  store_thread_.join();
  rows_thread_.join();
}

boost::system::result<std::unique_ptr<composition>, placed_fault> composition::build(
    const loaded_settings& loaded, reach how_far, observer& watcher, metrics* numbers) {
  std::unique_ptr<composition> made(new composition(loaded, how_far, watcher, numbers));
  if (built opened = made->open_state(); !opened) return opened.error();
  if (how_far != reach::look) {
    if (built opened = made->open_network(); !opened) return opened.error();
  }
  made->open_jobs();
  made->open_engine();
  return made;
}

/// A folder that may not be looked into is said, not taken for none.
composition::built composition::find_state() {
  const std::filesystem::path& folder = loaded_.values.state_path;
  std::error_code failed;
  if (how_far_ == reach::own) {
    std::filesystem::create_directories(folder, failed);
    has_state_ = true;
  } else {
    has_state_ = std::filesystem::exists(folder / store_file, failed);
  }
  std::error_code unknown;
  const bool strange =
      std::filesystem::exists(folder, unknown) && !std::filesystem::is_directory(folder, unknown);
  if (!failed && strange) failed = std::make_error_code(std::errc::not_a_directory);
  if (!failed) return {};
  const std::string doing = how_far_ == reach::own ? " cannot be made: " : " cannot be read: ";
  return placed_at(loaded_, "state.path", "STATE_UNUSABLE",
                   folder.string() + doing + failed.message() + "; run as the user of the service");
}

composition::built composition::open_state() {
  if (built found = find_state(); !found) return found.error();
  sqlite_options options;
  if (has_state_) options.path = loaded_.values.state_path / store_file;
  options.boot_id = boot_id();
  options.process = process_token();
  options.process_alive = process_alive;
  options.now = [this] { return time_.now(); };
  try {
    store_ = std::make_unique<sqlite_store>(options, time_.now());
  } catch (const store_error& failed) {
    if (how_far_ == reach::own || !has_state_) throw;
    options.read_only = true;
    store_ = std::make_unique<sqlite_store>(options, time_.now());
    watcher_.note(
        severity::warning, "state_read_only",
        std::string("the state cannot be written, and is looked at as it is: ") + failed.what(),
        {});
  }
  test_mode_ = store_->test_mode();
  state_id_ = store_->identity().id;
  return open_seal();
}

/// Only the owner makes the key; who plans before there is one has nothing to unseal.
composition::built composition::open_seal() {
  const std::filesystem::path& file = loaded_.values.key_file;
  std::error_code unknown;
  const bool on_disk =
      how_far_ == reach::own || (how_far_ != reach::look && std::filesystem::exists(file, unknown));
  const bool fresh = !std::filesystem::exists(file, unknown);
  result<sodium_seal> key = on_disk ? sodium_seal::open_key(file) : sodium_seal::for_this_process();
  if (!key) return at(loaded_, "state.key_file", key.error());
  seal_.emplace(std::move(*key));
  const std::string before = store_->seal_mark();
  const bool another = before.empty() ? fresh : before != seal_->mark();
  if (how_far_ == reach::own && (another || before.empty())) take_seal(another);
  // Once it is taken, what is veiled is veiled with this one.
  const bool other_key = another && how_far_ != reach::own && how_far_ != reach::look;
  for (const job_spec& job : loaded_.values.jobs) {
    store_->keep_in(job.name,
                    {[this, &job, other_key](customer_levels& one) {
                       keep_in_form(one, job.mapping, *seal_, other_key);
                     },
                     [this, &job](wanted_row& one) { keep_in_form(one, job.mapping, *seal_); }});
  }
  watcher_.name_customers([names = *seal_](std::string_view who) { return names.pseudonym(who); });
  return {};
}

/// Of a state that was never told its key, and has one now, the key is its own.
void composition::take_seal(bool other_key) {
  if (store_->take_seal(seal_->mark(), other_key) > 0) {
    watcher_.note(severity::warning, "seal_key_changed",
                  "the state was kept with another state.key_file: sensitive values are read from "
                  "the API again, and those that wait to be sent become dead letters; restore the "
                  "key beside the state if there is a backup of it",
                  {});
  }
}

std::optional<placed_fault> composition::unusable(const loaded_settings& loaded) {
  const result<std::string> secret = read_secret_file(loaded.values.api.client_secret_file);
  if (secret) return std::nullopt;
  return at(loaded, "api.client_secret_file", secret.error());
}

composition::built composition::open_network() {
  const api_spec& api = loaded_.values.api;
  if (how_far_ != reach::offline) {
    if (const auto wrong = unusable(loaded_)) return *wrong;
  }
  const origin_of_api where{loaded_, how_far_ != reach::offline, loop_, time_};
  opened_origin data = open_origin(where, api.base_url, "api.base_url");
  if (!data) return data.error();
  opened_origin tokens = open_origin(where, api.token_url, "api.token_url");
  if (!tokens) return tokens.error();
  api_ = std::move(*data);
  auth_ = std::move(*tokens);
  if (numbers_ != nullptr) {
    metered_api_.emplace(*api_, *numbers_, time_);
    metered_auth_.emplace(*auth_, *numbers_, time_);
  }
  return {};
}

std::optional<placed_fault> composition::unfit(const loaded_settings& loaded) {
  if (auto wrong = unusable(loaded)) return wrong;
  asio::io_context unused;
  real_clock time(unused);
  const origin_of_api where{loaded, true, unused, time};
  const opened_origin data = open_origin(where, loaded.values.api.base_url, "api.base_url");
  if (!data) return data.error();
  const opened_origin tokens = open_origin(where, loaded.values.api.token_url, "api.token_url");
  if (!tokens) return tokens.error();
  std::error_code unknown;
  if (std::filesystem::exists(loaded.values.key_file, unknown)) {
    const result<sodium_seal> key = sodium_seal::open_key(loaded.values.key_file);
    if (!key) return at(loaded, "state.key_file", key.error());
  }
  return unfit_folder(loaded);
}

void composition::open_jobs() {
  const std::string id = store_->identity().id;
  for (const job_spec& job : loaded_.values.jobs) {
    line_set_options lines;
    if (has_state_) lines.path = loaded_.values.state_path / ("lines-" + job.name + ".set");
    lines.store_id = id;
    lines.generation = [this, name = job.name] { return store_->generation(name); };
    lines.read_only = how_far_ != reach::own;
    auto made = std::make_unique<job_adapters>(loaded_.values, job, std::move(lines));
    if (!made->known.discarded().empty() && how_far_ == reach::own) {
      watcher_.note(severity::warning, "lines_discarded",
                    "the cache of known lines is not used, this run reads every row: " +
                        made->known.discarded(),
                    {{"job", job.name}});
    }
    jobs_.emplace(job.name, std::move(made));
  }
}

void composition::open_engine() {
  if (how_far_ == reach::look) return;
  const auto secret_file = loaded_.values.api.client_secret_file;
  std::map<std::string, line_set*> lines;
  for (auto& [name, one] : jobs_) lines.emplace(name, &one->known);
  const auto counted = [](std::optional<metered_factory>& metered, https_factory& plain) {
    return metered ? static_cast<exchange_factory*>(&*metered) : &plain;
  };
  delivery_parts parts{*store_,
                       *store_,
                       store_lane_,
                       std::move(lines),
                       *counted(metered_api_, *api_),
                       *counted(metered_auth_, *auth_),
                       [secret_file] { return read_secret_file(secret_file); },
                       *seal_,
                       time_,
                       watcher_,
                       random_seed()};
  delivery_ = std::make_unique<delivery>(std::move(parts), loaded_.values);
  if (how_far_ != reach::own) return;
  store_->recover(time_.now(), loaded_.values.api.request_timeout);
  service_ = std::make_unique<service>(all_jobs(), *delivery_, time_, watcher_);
  service_->write_runs_with([](const run_report& report) { return run_json(report); });
}

std::optional<bool> composition::known_mode() const {
  const std::optional<bool> at_hand = delivery_ ? delivery_->test_mode() : std::nullopt;
  return at_hand ? at_hand : test_mode_;
}

limits_entry composition::known_limits(request_class kind) const {
  api_spec api = loaded_.values.api;
  api.reserve = 0;
  limits_entry made;
  made.test_mode = known_mode();
  if (api.average && api.burst) {
    made.source = limits_source::configured;
  } else if (made.test_mode) {
    made.source = limits_source::token;
  }
  made.windows = windows_for(api, kind, made.test_mode.value_or(false), std::nullopt);
  return made;
}

window_limits composition::windows(request_class kind) const {
  return windows_for(loaded_.values.api, kind, known_mode().value_or(false), std::nullopt);
}

sending_pace composition::pace_of(const job_spec& job) const {
  sending_pace pace;
  pace.windows = windows(request_class::patch);
  pace.sessions = loaded_.values.api.sessions;
  const std::optional<time_bound> ends = timetable_of(job).ends(time_.wall());
  if (ends && ends->why == time_limit::deadline) pace.deadline = ends->at;
  return pace;
}

/// The settings have been checked: what they say can be parsed.
timetable composition::timetable_of(const job_spec& job) const {
  timetable_spec made;
  if (job.schedule) made.schedule = cron_schedule::parse(*job.schedule).value();
  if (job.deadline) made.deadline = parse_time_of_day(*job.deadline).value();
  for (const std::string& text : job.blackout) {
    made.blackouts.push_back(blackout::parse(text).value());
  }
  made.jitter = job.jitter;
  made.seed = state_id_ + '/' + job.name;
  return {std::move(made), zones_.find(job.timezone)};
}

service_job composition::of(const job_spec& job) {
  job_adapters& mine = *jobs_.at(job.name);
  api_reader* const reader = delivery_ ? &delivery_->reader(job.name) : nullptr;
  const intake_parts intake{
      *store_,
      store_lane_,
      rows_lane_,
      mine.opener,
      mine.known,
      reader,
      *seal_,
      time_,
      watcher_,
      path_of_url(loaded_.values.api.base_url),
      [folder = loaded_.values.state_path] { return std::make_unique<file_spool>(folder); }};
  service_job made{
      &job, {intake, mine.spool, *store_, {}}, std::make_shared<timetable>(timetable_of(job))};
  made.parts.history = loaded_.values.history;
  made.parts.values_opener = &mine.values_opener;
  made.parts.values_lines = &mine.values_known;
  made.parts.pace = [this, &job] { return pace_of(job); };
  return made;
}

std::vector<service_job> composition::all_jobs() {
  std::vector<service_job> jobs;
  for (const job_spec& job : loaded_.values.jobs) jobs.push_back(of(job));
  return jobs;
}

void composition::ask_store(std::function<void()> ask,
                            std::function<void(std::exception_ptr)> then) {
  const auto back = asio::prefer(loop_.get_executor(), asio::execution::outstanding_work.tracked);
  asio::post(store_thread_, [back, ask = std::move(ask), then = std::move(then)] {
    std::exception_ptr failed;
    try {
      ask();
    } catch (...) {
      failed = std::current_exception();
    }
    asio::post(back, [then, failed] { then(failed); });
  });
}

void composition::run(asio::awaitable<void> work, std::function<void()> drain,
                      std::function<void()> reload) {
  signal_watch signals(loop_);
  if (reload) signals.on_reload(reload);
  signals.on_first([this, &drain] {
    watcher_.note(severity::info, "draining",
                  "draining: what is in flight is finished; once more to leave at once", {});
    drain();
  });
  std::exception_ptr failed;
  asio::co_spawn(loop_, std::move(work), [&failed, &signals](std::exception_ptr thrown) {
    failed = thrown;
    signals.close();
  });
  loop_.run();
  loop_.restart();
  if (failed) std::rethrow_exception(failed);
}

}  // namespace patchbay
