#include "feedback_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "patchbay/adapter/report/run_json.hpp"
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

/// By the name it was stored under, so that two drops of one name have two files.
std::string feedback_name(const drop_record& drop, const char* suffix) {
  const fs::path stored(drop.stored_as);
  return (stored.has_filename() ? stored.filename().string() : drop.file) + suffix;
}

result<void> put(const job_spec& job, const std::string& name, const std::string& text) {
  return write_whole_below(job.source.directory, feedback_folder, name, text);
}

run_outcome outcome_now(const drop_record& drop) {
  if (drop.totals.pending > 0) return run_outcome::stopped;
  return drop.totals.rejected > 0 ? run_outcome::partial : run_outcome::done;
}

}  // namespace

void feedback_files::note(const fault& why, const drop_record& drop) {
  watcher_.note(severity::warning, "feedback_not_written", why.message,
                {{"job", drop.job}, {"drop", drop.file}});
}

void feedback_files::tell(const run_report& report) {
  const job_spec* const job = job_of(all_.config(), report.job);
  // A drop of our own has no producer who would read it.
  if (!report.drop || job == nullptr || is_values_drop(report.drop->origin)) return;
  const auto written = put(*job, feedback_name(*report.drop, ".ack.json"), run_json(report));
  if (!written) note(written.error(), *report.drop);
  if (report.totals.rejected > 0) write_rejected(*job, *report.drop);
}

void feedback_files::tell(const drop_record& drop) {
  const job_spec* const job = job_of(all_.config(), drop.job);
  if (job == nullptr || is_values_drop(drop.origin)) return;
  const std::string name = feedback_name(drop, ".ack.json");
  std::ifstream in(job->source.directory / feedback_folder / name, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  result<std::vector<run_report>> told = parse_runs(text);
  const bool ours =
      told && told->size() == 1 && told->front().drop && told->front().drop->digest == drop.digest;
  if (!ours) return;  // another drop's, or taken away by the producer
  run_report& report = told->front();
  report.totals = drop.totals;
  report.outcome = outcome_now(drop);
  report.as_of = all_.time().wall();
  const auto written = put(*job, name, run_json(report));
  if (!written) note(written.error(), drop);
  if (drop.totals.rejected > 0) write_rejected(*job, drop);
}

refused_lines feedback_files::refused_of(const drop_record& drop) {
  refused_lines refused;
  for (const reject_entry& one : all_.store().rejects(drop.number)) {
    refused.insert_or_assign(one.line, refusal_note{one.code, one.message});
  }
  for (const dead_letter& one : all_.store().dead_letters(drop.job)) {
    if (one.drop == drop.number) {
      refused.insert_or_assign(one.line, refusal_note{one.code, one.message});
    }
  }
  return refused;
}

void feedback_files::write_rejected(const job_spec& job, const drop_record& drop) {
  const refused_lines refused = refused_of(drop);
  if (refused.empty()) return;
  const csv_drop_opener opener(job.source.csv, all_.config().limits);
  auto opened = opener.open(job.source.directory / drop.stored_as);
  if (!opened) return note(opened.error(), drop);
  const result<std::string> rows = rejected_rows(**opened, job.source.csv, refused);
  if (!rows) return note(rows.error(), drop);
  const auto written = put(job, feedback_name(drop, ".rejected.csv"), *rows);
  if (!written) note(written.error(), drop);
}

}  // namespace patchbay
