#include "status_sections.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "html_sections.hpp"
#include "html_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "status_words.hpp"

namespace patchbay {
namespace {

std::string named(const std::string& id) {
  return "id=\"" + id + "\"";
}

std::string time_html(wall_time when) {
  return "<time datetime=\"" + utc_text(when) + "\">" + day_text(when) + "</time>";
}

std::string moment_facts(const std::optional<wall_time>& when, wall_time now, const char* absent) {
  if (!when || *when == wall_time{}) return absent;
  return time_html(*when) + " <span class=soft>" + apart_text(*when, now, grain::minutes) +
         "</span>";
}

/// A name that is not broken where it fits a line.
std::string name_html(const std::string& name) {
  return "<span class=name>" + escaped(name) + "</span>";
}

std::string fact(const char* name, const std::string& inner) {
  return element("div", "", element("dt", "", name) + element("dd", "", inner));
}

std::string rate_text(double per_second) {
  char text[32];
  std::snprintf(text, sizeof text, per_second < 10 ? "%.1f" : "%.0f", per_second);
  return per_second < 1000 ? std::string(text) + "/s" : grouped(std::llround(per_second)) + "/s";
}

std::string bar(std::int64_t done, std::int64_t of, const std::string& label) {
  return element("progress",
                 "value=" + std::to_string(std::clamp<std::int64_t>(done, 0, of)) +
                     " max=" + std::to_string(of) + " aria-label=\"" + escaped(label) + "\"",
                 "");
}

/// What is counted: rows while a drop is read, customers from then on.
const char* counted_in(const std::string& stage) {
  if (stage == "reading") return " rows read";
  if (stage == "resolving") return " customers looked up";
  return " customers settled in this run";
}

std::string silence_html(const silence& silent) {
  std::string words = "Waits: " + escaped(silent.why);
  if (silent.next_try) words += "; the next try at " + time_html(*silent.next_try);
  return words;
}

std::string running_html(const job_status& job, const std::optional<silence>& silent) {
  const running_run& run = *job.running;
  std::string words = "<b>" + grouped(run.done) + "</b>";
  if (run.of > 0) words += " of " + grouped(run.of);
  words += counted_in(run.stage);
  if (run.of > 0) {
    words += " (" + std::to_string(run.done >= run.of ? 100 : run.done * 100 / run.of) + "%)";
  }
  // Who waits has no rate, and no time left that could be told.
  const bool waits = silent || !run.waiting_for.empty();
  if (run.per_second > 0 && !waits) {
    words += " · " + rate_text(run.per_second);
    if (run.of > run.done) {
      words += " · " + span_text(static_cast<double>(run.of - run.done) / run.per_second) + " left";
    }
  }
  if (run.rejected > 0) words += " · " + grouped(run.rejected) + " of them rejected";
  std::string out = element(
      "h3", "", "Now: " + escaped(run.stage) + (run.drop.empty() ? "" : " " + name_html(run.drop)));
  if (run.of > 0) out += bar(run.done, run.of, job.name + ", " + run.stage);
  out +=
      element("p", "class=figures", words) +
      element("p", "class=meta", "run " + name_html(run.run) + ", since " + time_html(run.since));
  if (waits) {
    out += element("p", "class=note",
                   silent ? silence_html(*silent) : "Waits for " + escaped(run.waiting_for));
  }
  return out;
}

/// As a shell takes it.
std::string word(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-+:,@%").find(c) != std::string_view::npos;
  });
  if (plain && !name.empty()) return name;
  std::string quoted = "'";
  for (const char c : name) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string exceeded_table(const held_drop& held) {
  std::string rows;
  for (const budget_entry& one : held.exceeded) {
    std::string name = escaped(one.name);
    if (!one.detail.empty()) name += " <span class=soft>" + escaped(one.detail) + "</span>";
    rows +=
        element("tr", "",
                element("th", "scope=row", name) + element("td", "class=n", escaped(one.value)) +
                    element("td", "class=n", escaped(one.limit)));
  }
  return element("table", "",
                 element("caption", "", "Budgets exceeded") +
                     element("thead", "",
                             "<tr><th scope=col>budget</th><th scope=col class=n>found</th><th "
                             "scope=col class=n>at most</th></tr>") +
                     element("tbody", "", rows));
}

std::string plan_sentence(const run_report& plan) {
  std::string text = counted(plan.totals.read, "row", "rows") +
                     " read: " + counted(plan.planned.changed, "customer", "customers") +
                     " would change, " + grouped(plan.totals.unchanged) + " rows stay as they are";
  if (plan.totals.rejected > 0) {
    text += ", " + counted(plan.totals.rejected, "row is", "rows are") + " rejected";
  }
  text += ".";
  if (plan.estimate.requests > 0) {
    text += " " + counted(plan.estimate.requests, "PATCH", "PATCHes") + ", about " +
            span_text(plan.estimate.seconds) + ".";
  }
  return text;
}

std::string held_html(const held_drop& held) {
  std::string out = element("h3", "", "Held: " + escaped(held.drop));
  // The table says it better than the sentence that was made of it.
  const bool budgets_say_it = !held.exceeded.empty() && held.reason.starts_with("budget ");
  if (!budgets_say_it) out += element("p", "", escaped(held.reason));
  if (!held.exceeded.empty()) out += exceeded_table(held);
  if (held.plan) out += element("p", "", plan_sentence(*held.plan));
  const std::string named =
      escaped(word(held.drop)) + (held.whose.empty() ? "" : " --job " + escaped(word(held.whose)));
  return out +
         element("p", "", "Nothing of it was sent. Look at <code>patchbay report</code>, then") +
         element("pre", "tabindex=0 aria-label=\"commands\"",
                 "patchbay approve " + named + "\npatchbay discard " + named);
}

/// Jobs whose last run failed as a whole.
std::string failed_jobs(const status_report& status) {
  std::string names;
  for (const job_status& job : status.jobs) {
    const run_summary* const last = last_run(status, job.name);
    if (last == nullptr || last->outcome != run_outcome::failed) continue;
    names += (names.empty() ? "" : ", ") + name_html(job.name);
  }
  return names;
}

}  // namespace

const char* status_word(const status_report& status) {
  if (status.silent || !failed_jobs(status).empty()) return "failing";
  for (const job_status& job : status.jobs) {
    if (!job.away.empty()) return "failing";
  }
  for (const job_status& job : status.jobs) {
    if (!job.held.empty()) return "held";
  }
  for (const job_status& job : status.jobs) {
    if (job.running) return "running";
  }
  return "idle";
}

std::string html_summary(const status_report& status) {
  std::int64_t held = 0;
  std::string running;
  std::string names;
  for (const job_status& job : status.jobs) {
    names += job.name + " ";
    held += static_cast<std::int64_t>(job.held.size());
    if (job.running) running += (running.empty() ? "" : ", ") + name_html(job.name);
  }
  std::string words;
  if (status.silent) {
    words = "The API has given no good answer since " + time_html(status.silent->since) +
            "; patchbay waits and tries again, nothing is lost. ";
  }
  if (const std::string failed = failed_jobs(status); !failed.empty()) {
    words += "The last run of " + failed + " failed. ";
  }
  for (const job_status& job : status.jobs) {
    if (job.away.empty()) continue;
    words += "The drop directory of " + name_html(job.name) +
             " cannot be looked into: " + escaped(job.away) + ". ";
  }
  if (held > 0) {
    words += counted(held, "drop waits", "drops wait") + " for somebody to approve or discard. ";
  }
  words += running.empty() ? "Nothing is running." : "Running: " + running + ".";
  const std::string name = status_word(status);
  const std::string inner = "<span class=\"badge " + name + "\">" + name + "</span> " + words;
  return element("p",
                 "id=summary role=status data-title=\"patchbay: " + name + "\" data-jobs=\"" +
                     escaped(names) + "\"",
                 inner);
}

std::string html_job_now(const status_report& status, const job_status& job,
                         const std::string& id) {
  const wall_time now = status.as_of;
  std::string pending = counted(job.pending, "customer", "customers") + " still to be sent";
  if (job.pending > 0 && job.oldest_pending) {
    pending += ", the oldest since " + moment_facts(job.oldest_pending, now, "");
  }
  std::string facts =
      fact("Next run", moment_facts(job.next_run, now, "as soon as a drop is there")) +
      fact("Last success", moment_facts(job.last_success, now, "never")) + fact("Pending", pending);
  if (job.paused) {
    facts += fact("Paused", "by its " + escaped(job.paused->reason) + ", until " +
                                moment_facts(job.paused->until, now, ""));
  }
  if (const run_summary* const last = last_run(status, job.name);
      last != nullptr && last->outcome == run_outcome::stopped) {
    facts += fact("Last stop", moment_facts(last->finished_at, now, "") +
                                   (last->reason.empty() ? "" : "<br>" + escaped(last->reason)));
  }
  if (job.waived > 0) {
    facts += fact("Waived", counted(job.waived, "customer has values", "customers have values") +
                                " that somebody refused");
  }
  return element(
      "div", named(id),
      (job.running ? running_html(job, status.silent) : "") + element("dl", "class=facts", facts));
}

std::string html_held_drops(const job_status& job, const std::string& id) {
  std::string out;
  for (const held_drop& one : job.held) out += element("div", "class=decision", held_html(one));
  for (const held_drop& one : job.waiting) {
    out += element("div", "class=note",
                   "<b>" + name_html(one.drop) + "</b> waits: " + escaped(one.reason));
  }
  for (const std::string& one : job.claimed) {
    if (job.running) break;
    out += element("div", "class=note",
                   "<b>" + name_html(one) +
                       "</b> is claimed and not taken in yet: the next run "
                       "goes on with it");
  }
  if (job.refused) {
    out +=
        element("p", "class=meta",
                counted(job.refused->rows, "row", "rows") + " of " + name_html(job.refused->drop) +
                    " were refused before anything was sent: <code>feedback/" +
                    escaped(job.refused->drop) + ".rejected.csv</code>");
  }
  return element("div", named(id), out);
}

std::string html_letters(const job_status& job, const std::string& id) {
  if (job.dead_letters == 0) return element("div", named(id), "");
  std::string rows;
  for (const auto& [code, count] : job.letters_by_code) {
    rows += element(
        "tr", "",
        element("th", "scope=row", escaped(code)) + element("td", "class=n", grouped(count)));
  }
  return element(
      "div", named(id),
      element("h3", "", counted(job.dead_letters, "dead letter", "dead letters")) +
          element("table", "class=narrow",
                  element("caption", "", "Customers whose change was refused, by reason") +
                      element("thead", "",
                              "<tr><th scope=col>reason</th><th scope=col class=n>customers</th>"
                              "</tr>") +
                      element("tbody", "", rows)) +
          element("p", "class=meta", "Who they are: <code>patchbay dead-letters list</code>"));
}

std::string html_job_runs(const status_report& status, const job_status& job,
                          const std::string& id) {
  std::vector<run_summary> runs;
  for (const run_summary& one : status.history) {
    if (one.job == job.name && !one.dry_run) runs.push_back(one);
  }
  if (runs.empty()) {
    return element("div", named(id), element("p", "class=soft", "It has not run yet."));
  }
  return element("div", named(id),
                 element("h3", "", "Last runs") + html_runs(runs, id + "-numbers"));
}

std::string html_asked(const status_report& status, const std::string& id) {
  std::string items;
  for (const asked_for& one : status.asked) {
    items += element("li", "",
                     name_html(asked_text(one, false)) + " <span class=soft>by " +
                         escaped(one.who) + ", " + time_html(one.at) + "</span>");
  }
  if (items.empty()) return element("div", named(id), "");
  return element("div", named(id) + " class=note",
                 "Asked for, not carried out yet:" + element("ul", "", items));
}

std::string html_windows(const status_report& status, const std::string& id) {
  std::string out;
  for (const window_status& one : status.windows) {
    const double seconds = std::chrono::duration<double>(one.limit.per).count();
    const std::string name = std::string(method_name(one.kind)) + " in " + span_text(seconds);
    out += element("div", "class=window",
                   element("p", "class=figures",
                           name + ": <b>" + grouped(one.used) + "</b> of " +
                               grouped(one.limit.requests) + " used") +
                       bar(one.used, std::max(one.limit.requests, 1), name));
  }
  return element("div", named(id) + " class=windows", out);
}

}  // namespace patchbay
