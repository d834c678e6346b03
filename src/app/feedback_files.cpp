#include "feedback_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "patchbay/adapter/report/run_json.hpp"
#include "patchbay/engine/closing.hpp"
#include "whole_file.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

const job_spec* job_of(const settings& config, const std::string& name) {
  const auto found = std::find_if(config.jobs.begin(), config.jobs.end(),
                                  [&name](const job_spec& job) { return job.name == name; });
  return found == config.jobs.end() ? nullptr : &*found;
}

constexpr const char* feedback_folder = "feedback";
constexpr const char* ack_suffix = ".ack.json";
constexpr const char* rejected_suffix = ".rejected.csv";
/// Beside the state, so that it lasts.
constexpr const char* owed_name = "feedback.owed";

/// By the name it was stored under, so that two drops of one name have two files.
std::string feedback_name(const drop_record& drop, const char* suffix) {
  const fs::path stored(drop.stored_as);
  return (stored.has_filename() ? stored.filename().string() : drop.file) + suffix;
}

result<void> put(const job_spec& job, const std::string& name, const std::string& text) {
  return write_whole_below(job.source.directory, feedback_folder, name, text);
}

/// The ack that lies under the name of the drop's, which may be another drop's of that name.
std::optional<run_report> ack_at(const job_spec& job, const drop_record& drop) {
  std::ifstream in(job.source.directory / feedback_folder / feedback_name(drop, ack_suffix),
                   std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  result<std::vector<run_report>> told = parse_runs(text);
  if (!told || told->size() != 1 || !told->front().drop) return std::nullopt;
  return std::move(told->front());
}

bool is_of(const std::optional<run_report>& ack, const drop_record& drop) {
  return ack && ack->drop->digest == drop.digest;
}

std::string name_of(const drop_record& drop) {
  return drop.digest + ' ' + drop.file;
}

}  // namespace

void feedback_files::note(const fault& why, const drop_record& drop) {
  watcher_.note(severity::warning, "feedback_not_written", why.message,
                {{"job", drop.job}, {"drop", drop.file}});
}

feedback_files::feedback_files(composition& all, observer& watcher) : all_(all), watcher_(watcher) {
  read_owed();
  write_owed();
  constexpr std::size_t most_runs = 50;
  for (const run_record& run : all.in_store([&all] { return all.store().runs(most_runs); })) {
    known_since_ = run.started_at;
    const result<std::vector<run_report>> reports = parse_runs(run.json);
    if (!reports) continue;
    for (const run_report& one : *reports) {
      if (one.drop) told_.insert(name_of(*one.drop));
    }
  }
  for (const job_spec& job : all.config().jobs) tell_lost(job);
}

/// Settled by a process that was killed before its run had ended. What is still pending is told
/// when its totals change.
void feedback_files::tell_lost(const job_spec& job) {
  const auto drops = all_.in_store([this, &job] { return all_.store().drops(job.name); });
  for (const drop_record& drop : drops) {
    const bool lost = drop.state == drop_state::admitted && drop.totals.pending == 0 &&
                      drop.claimed_at >= known_since_ && !told_.contains(name_of(drop));
    if (lost) tell(report_of(drop));
  }
}

/// What the store knows of it: what its run changed and asked for went with the process.
run_report feedback_files::report_of(const drop_record& drop) const {
  run_report made;
  made.run = drop.run;
  made.job = drop.job;
  made.drop = drop;
  made.totals = drop.totals;
  made.outcome = outcome_of(drop);
  made.started_at = drop.claimed_at;
  made.as_of = made.finished_at = all_.time().wall();
  return made;
}

void feedback_files::tell(const run_report& report) {
  write_owed();
  const job_spec* const job = job_of(all_.config(), report.job);
  // A drop of our own has no producer who would read it.
  if (!report.drop || job == nullptr || is_values_drop(report.drop->origin)) return;
  if (is_missing(report)) return;
  write(*job, *report.drop, report);
}

void feedback_files::write(const job_spec& job, const drop_record& drop, const run_report& report) {
  const bool again = report.totals.rejected == 0 && is_of(ack_at(job, drop), drop);
  told_.insert(name_of(drop));
  const std::string name = feedback_name(drop, ack_suffix);
  bool changed = forgive(job.name, name);
  std::string text = run_json(report);
  if (const auto written = put(job, name, text); !written) {
    note(written.error(), drop);
    owed_.push_back({job.name, name, std::move(text)});
    changed = true;
  }
  if (changed) keep_owed();
  if (report.totals.rejected > 0) return write_rejected(job, drop);
  // Corrected in the meantime, or accepted when it was tried again: nobody is to correct it now.
  // What lies there from another drop of that name is somebody's to correct still.
  if (again)
    remove_below(job.source.directory, feedback_folder, feedback_name(drop, rejected_suffix));
}

bool feedback_files::forgive(const std::string& job, const std::string& name) {
  return std::erase_if(
             owed_, [&](const owed_file& one) { return one.job == job && one.name == name; }) > 0;
}

bool feedback_files::pay(const owed_file& one) {
  const job_spec* const job = job_of(all_.config(), one.job);
  if (job == nullptr) return true;
  if (!one.name.ends_with(rejected_suffix)) return put(*job, one.name, one.text).has_value();
  const auto drops = all_.in_store([this, job] { return all_.store().drops(job->name); });
  const auto drop = std::ranges::find_if(drops, [&one](const drop_record& each) {
    return std::to_string(each.number) + '\n' == one.text;
  });
  return drop == drops.end() || put_rejected(*job, *drop);
}

/// What could not be written before, this process or an earlier one.
void feedback_files::write_owed() {
  if (owed_.empty()) return;
  const std::size_t before = owed_.size();
  std::erase_if(owed_, [this](const owed_file& one) { return pay(one); });
  if (owed_.size() != before) keep_owed();
}

void feedback_files::read_owed() {
  std::ifstream in(all_.config().state_path / owed_name, std::ios::binary);
  owed_file one;
  while (std::getline(in, one.job) && std::getline(in, one.name) && std::getline(in, one.text)) {
    one.text += '\n';
    owed_.push_back(one);
  }
}

/// Three lines a file: its job, its name, its text.
void feedback_files::keep_owed() const {
  std::string text;
  for (const owed_file& one : owed_) text += one.job + '\n' + one.name + '\n' + one.text;
  const fs::path path = all_.config().state_path / owed_name;
  const auto kept = write_whole(path, text);
  if (!kept) watcher_.note(severity::warning, "feedback_not_written", kept.error().message, {});
}

void feedback_files::tell(const drop_record& drop) {
  const job_spec* const job = job_of(all_.config(), drop.job);
  if (job == nullptr || is_values_drop(drop.origin)) return;
  std::optional<run_report> report = ack_at(*job, drop);
  if (!is_of(report, drop)) {
    // Nobody ever wrote it; else the producer has taken it away, or it is a newer drop's.
    const bool never = drop.claimed_at >= known_since_ && !told_.contains(name_of(drop));
    const bool newer = report && report->started_at > drop.claimed_at;
    if (never && !newer) tell(report_of(drop));
    return;
  }
  pickup_parts parts = all_.of(*job).parts;
  all_.in_store([&report, &drop, &parts] { tell_again(*report, drop, parts); });
  write(*job, drop, *report);
}

refused_lines feedback_files::refused_of(const drop_record& drop) {
  const auto [rejects, letters] = all_.in_store([this, &drop] {
    return std::pair(all_.store().rejects(drop.number), all_.store().dead_letters(drop.job));
  });
  refused_lines refused;
  for (const reject_entry& one : rejects) {
    refused.insert_or_assign(one.line, refusal_note{one.code, one.message});
  }
  for (const dead_letter& one : letters) {
    if (one.drop == drop.number) {
      refused.insert_or_assign(one.line, refusal_note{one.code, one.message});
    }
  }
  return refused;
}

bool feedback_files::put_rejected(const job_spec& job, const drop_record& drop) {
  const refused_lines refused = refused_of(drop);
  if (refused.empty()) return true;
  const csv_drop_opener opener(job.source.csv, all_.config().limits);
  const auto give_up = [this, &drop](const fault& why) {
    note(why, drop);
    return true;
  };
  auto opened = opener.open(job.source.directory / drop.stored_as);
  std::error_code ignored;
  if (!opened && !fs::exists(job.source.directory, ignored)) return false;
  if (!opened) return give_up(opened.error());
  const result<std::string> rows = rejected_rows(**opened, job.source.csv, refused);
  if (!rows) return give_up(rows.error());
  const auto written = put(job, feedback_name(drop, rejected_suffix), *rows);
  if (!written) note(written.error(), drop);
  return written.has_value();
}

void feedback_files::write_rejected(const job_spec& job, const drop_record& drop) {
  const std::string name = feedback_name(drop, rejected_suffix);
  bool changed = forgive(job.name, name);
  if (!put_rejected(job, drop)) {
    owed_.push_back({job.name, name, std::to_string(drop.number) + '\n'});
    changed = true;
  }
  if (changed) keep_owed();
}

}  // namespace patchbay
