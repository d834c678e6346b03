#include "patchbay/adapter/report/status_text.hpp"

#include <algorithm>
#include <utility>

#include "json_writer.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "status_words.hpp"

namespace patchbay {
namespace {

double seconds_of(nanoseconds span) {
  return std::chrono::duration<double>(span).count();
}

void write_held(json_writer& out, const held_drop& held) {
  out.open();
  out.text("drop", held.drop);
  out.text("reason", held.reason);
  out.open_list("exceeded");
  for (const budget_entry& budget : held.exceeded) {
    out.open();
    out.text("name", budget.name);
    out.text("limit", budget.limit);
    out.text("value", budget.value);
    if (!budget.detail.empty()) out.text("detail", budget.detail);
    out.close();
  }
  out.close_list();
  out.close();
}

/// What the drops of the job are waiting for, beside those that are held.
void write_rest(json_writer& out, const job_status& job) {
  out.open_list("owing");
  for (const owing_drop& one : job.owing) {
    out.open();
    out.text("drop", one.drop);
    out.number("pending", one.pending);
    out.close();
  }
  out.close_list();
  if (job.dropped) {
    out.open_list("dropped");
    for (const std::string& one : *job.dropped) out.element(one);
    out.close_list();
  } else {
    out.null("dropped");
  }
  if (job.away.empty()) {
    out.null("away");
  } else {
    out.text("away", job.away);
  }
  out.open_list("claimed");
  for (const std::string& one : job.claimed) out.element(one);
  out.close_list();
  if (job.refused) {
    out.open("refused_rows");
    out.text("drop", job.refused->drop);
    out.number("rows", job.refused->rows);
    out.close();
  } else {
    out.null("refused_rows");
  }
}

/// Everybody of the machine may read it, so no key of a customer.
void write_asked(json_writer& out, const std::vector<asked_for>& asked) {
  out.open_list("asked");
  for (const asked_for& one : asked) {
    out.open();
    out.text("what", one.what);
    out.text_or_null("subject", one.of_customer ? "" : one.subject);
    out.text("who", one.who);
    out.time("at", one.at);
    out.close();
  }
  out.close_list();
}

void write_job(json_writer& out, const job_status& job) {
  out.open();
  out.text("name", job.name);
  out.time("next_run", job.next_run);
  out.time("last_success", job.last_success);
  out.number("pending", job.pending);
  out.number("dead_letters", job.dead_letters);
  out.number("waived", job.waived);
  out.open_list("held");
  for (const held_drop& held : job.held) write_held(out, held);
  out.close_list();
  out.open_list("waiting");
  for (const held_drop& one : job.waiting) {
    out.open();
    out.text("drop", one.drop);
    out.text("reason", one.reason);
    out.close();
  }
  out.close_list();
  if (job.running) {
    out.open("running");
    out.text("run", job.running->run);
    out.text("stage", job.running->stage);
    out.number("done", job.running->done);
    out.number_or_null("of", job.running->of);
    out.time("since", job.running->since);
    out.text_or_null("drop", job.running->drop);
    out.number("rejected", job.running->rejected);
    out.real("per_second", job.running->per_second);
    out.text_or_null("waiting_for", job.running->waiting_for);
    out.close();
  } else {
    out.null("running");
  }
  out.time("oldest_pending", job.oldest_pending);
  out.open("letters_by_code");
  for (const auto& [code, count] : job.letters_by_code) out.number(code, count);
  out.close();
  if (job.paused) {
    out.open("paused");
    out.text("reason", job.paused->reason);
    out.time("until", job.paused->until);
    out.close();
  } else {
    out.null("paused");
  }
  write_rest(out, job);
  out.close();
}

std::string moment(const std::optional<wall_time>& when, wall_time now, const char* absent) {
  if (!when || *when == wall_time{}) return absent;
  return day_text(*when) + " (" + apart_text(*when, now, grain::seconds) + ")";
}

/// A night that is over needs no word, unless something is left of it.
std::string pause_text(const job_status& job, wall_time now) {
  if (!job.paused || (job.paused->reason == "deadline" && job.pending == 0)) return {};
  const std::string why = job.paused->reason == "blackout" ? "blackout" : "its deadline has passed";
  return why + ": nothing is started until " + moment(job.paused->until, now, "");
}

/// Why it was stopped, held or failed. Of a held drop that is still there its own lines say it.
std::string why_text(const job_status& job, const run_summary* last) {
  if (last == nullptr || last->reason.empty()) return {};
  if (last->outcome == run_outcome::done || last->outcome == run_outcome::partial) return {};
  if (last->outcome == run_outcome::held && !job.held.empty()) return {};
  return wrapped(
      "the last run " + std::string(outcome_name(last->outcome)) + ": " + printable(last->reason),
      2, report_columns);
}

std::string pending_text(const job_status& job, wall_time now) {
  std::string text = counted(job.pending, "customer", "customers");
  if (job.pending > 0 && job.oldest_pending) {
    text += ", the oldest since " + moment(job.oldest_pending, now, "");
  }
  return text;
}

std::string names_text(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t n = 0; n < std::min(most, names.size()); ++n) {
    text += (text.empty() ? "" : ", ") + printable(names[n]);
  }
  if (names.size() > most)
    text += ", and " + grouped(static_cast<std::int64_t>(names.size() - most)) + " more";
  return text;
}

std::vector<std::string> owing_names(const job_status& job) {
  std::vector<std::string> names;
  for (const owing_drop& one : job.owing) names.push_back(one.drop + " " + grouped(one.pending));
  return names;
}

/// Where drops are on their way, but for those that wait for a decision.
void add_drops(std::vector<std::vector<std::string>>& rows, const job_status& job) {
  if (!job.owing.empty()) rows.push_back({"", "of " + names_text(owing_names(job))});
  if (job.dropped && !job.dropped->empty()) {
    rows.push_back({"dropped", names_text(*job.dropped) + "   not taken in yet"});
  }
  if (!job.away.empty()) rows.push_back({"drops", "NONE can be taken, see below"});
  if (!job.claimed.empty()) {
    rows.push_back({"claimed", names_text(job.claimed) + (job.running ? "   the run takes it in"
                                                                      : "   not taken in yet")});
  }
  if (job.refused) {
    const std::string name = printable(job.refused->drop);
    rows.push_back({"refused rows", grouped(job.refused->rows) + " of " + name + "   feedback/" +
                                        name + ".rejected.csv"});
  }
}

std::string job_text(const job_status& job, const run_summary* last, wall_time now) {
  std::string out = printable(job.name) + "\n";
  std::vector<std::vector<std::string>> rows;
  if (job.running) {
    std::string doing = printable(job.running->stage) + " " + grouped(job.running->done);
    if (job.running->of > 0) doing += " of " + grouped(job.running->of);
    if (!job.running->drop.empty()) doing += ", " + printable(job.running->drop);
    rows.push_back({"running", doing + ", run " + job.running->run});
    if (!job.running->waiting_for.empty()) {
      rows.push_back({"waits for", printable(job.running->waiting_for)});
    }
  }
  rows.push_back({"next run", moment(job.next_run, now, "as soon as a drop is there")});
  if (const std::string why = pause_text(job, now); !why.empty()) rows.push_back({"paused", why});
  rows.push_back({"last success", moment(job.last_success, now, "never")});
  if (last != nullptr) {
    rows.push_back({"last run", std::string(outcome_name(last->outcome)) + ", " +
                                    moment(last->finished_at, now, "")});
  }
  rows.push_back({"pending", pending_text(job, now)});
  add_drops(rows, job);
  if (job.dead_letters > 0) {
    rows.push_back({"dead letters", counted(job.dead_letters, "customer", "customers") +
                                        "   patchbay dead-letters list"});
  }
  if (job.waived > 0)
    rows.push_back({"waived", "values of " + counted(job.waived, "customer", "customers")});
  out += table(rows, 2) + why_text(job, last);
  if (!job.away.empty()) {
    out += wrapped("no drop can be taken: " + printable(job.away), 2, report_columns);
  }
  if (!job.claimed.empty() && !job.running) {
    out += wrapped("the next run goes on with what was claimed; patchbay discard puts it away", 2,
                   report_columns);
  }
  for (const held_drop& held : job.held) {
    out += "  HELD  " + clipped(printable(held.drop), report_columns - 8) + "\n";
    out += wrapped(printable(held.reason), 8, report_columns);
    for (const budget_entry& budget : held.exceeded) {
      out += wrapped(printable(budget.name + ": " + budget.value + " of at most " + budget.limit),
                     8, report_columns);
    }
    const std::string named =
        printable(held.drop) + (held.whose.empty() ? "" : " --job " + printable(held.whose));
    out += wrapped("patchbay approve " + named, 8, report_columns);
    out += wrapped("patchbay discard " + named, 8, report_columns);
  }
  for (const held_drop& one : job.waiting) {
    out += "  WAITS " + clipped(printable(one.drop), report_columns - 8) + "\n";
    out += wrapped(printable(one.reason), 8, report_columns);
  }
  return out + "\n";
}

}  // namespace

std::string lost_text(const lost_job& job) {
  return "the configuration has no such job any more: " +
         counted(job.pending, "customer", "customers") + " pending, " +
         counted(job.dead_letters, "dead letter", "dead letters") + " and " +
         counted(job.drops, "drop that is not taken in", "drops that are not taken in") +
         " of it wait until it is there again, under this name";
}

std::string status_json(const status_report& status) {
  json_writer out;
  out.open();
  out.number("schema_version", 1);
  out.open_list("jobs");
  for (const job_status& job : status.jobs) write_job(out, job);
  out.close_list();
  out.open_list("windows");
  for (const window_status& window : status.windows) {
    out.open();
    out.text("method", method_name(window.kind));
    out.number("requests", window.limit.requests);
    out.real("per_s", seconds_of(window.limit.per));
    out.number("used", window.used);
    out.close();
  }
  out.close_list();
  if (status.owner) {
    out.open("owner");
    out.number("pid", status.owner->pid);
    out.time("since", status.owner->since);
    out.close();
  } else {
    out.null("owner");
  }
  out.open_list("runs");
  for (const past_run& run : status.runs) {
    out.open();
    out.text("run", run.run);
    out.text("job", run.job);
    out.text("outcome", run.outcome);
    out.truth("dry_run", run.dry_run);
    out.time("started_at", run.started_at);
    out.time("finished_at", run.finished_at);
    if (!run.reason.empty()) out.text("reason", run.reason);
    out.close();
  }
  out.close_list();
  write_asked(out, status.asked);
  out.open_list("lost_jobs");
  for (const lost_job& one : status.lost) {
    out.open();
    out.text("name", one.name);
    out.number("pending", one.pending);
    out.number("dead_letters", one.dead_letters);
    out.number("drops", one.drops);
    out.close();
  }
  out.close_list();
  out.close();
  return out.line();
}

std::string status_text(const status_report& status, wall_time now) {
  std::string out;
  if (status.owner) {
    out += "in use by process " + std::to_string(status.owner->pid) + " since " +
           day_text(status.owner->since) + "\n\n";
  } else {
    out += "no process is running on this state\n\n";
  }
  for (const job_status& job : status.jobs) {
    out += job_text(job, last_run(status, job.name), now);
  }
  for (const lost_job& one : status.lost) {
    out += printable(one.name) + "\n" + wrapped(lost_text(one), 2, report_columns) + "\n";
  }
  if (!status.asked.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const asked_for& one : status.asked) {
      rows.push_back({asked_text(one, true), "by " + printable(one.who), moment(one.at, now, "")});
    }
    out += "asked for, not carried out yet\n" + table(rows, 2) +
           (status.owner ? "" : "  the next patchbay sync, or the daemon, carries it out\n") + "\n";
  }
  if (!status.windows.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const window_status& window : status.windows) {
      rows.push_back(
          {std::string(method_name(window.kind)), right_padded(grouped(window.used), 6) + " of " +
                                                      grouped(window.limit.requests) + " used in " +
                                                      span_text(seconds_of(window.limit.per))});
    }
    out += "windows\n" + table(rows, 2) + "\n";
  }
  if (!status.runs.empty()) {
    std::vector<std::vector<std::string>> rows;
    for (const past_run& run : status.runs) {
      const wall_time when = run.started_at == wall_time{} ? run.finished_at : run.started_at;
      rows.push_back({when == wall_time{} ? "" : day_text(when),
                      printable(run.outcome) + (run.dry_run ? " (dry run)" : ""),
                      printable(run.run)});
    }
    out += "last runs\n" + table(rows, 2);
  }
  return out;
}

}  // namespace patchbay
