#include "patchbay/adapter/report/status_html.hpp"

#include "html_style.hpp"
#include "html_text.hpp"
#include "patchbay/adapter/report/text_layout.hpp"
#include "status_look.hpp"
#include "status_sections.hpp"

namespace patchbay {
namespace {

/// Without the script the page asks for itself again.
constexpr const char* seconds_between = "10";

using parts = std::vector<std::pair<std::string, std::string>>;

std::string id_of(std::size_t number, const char* what) {
  return "job-" + std::to_string(number) + "-" + what;
}

parts job_parts(const status_report& status, std::size_t number) {
  const job_status& job = status.jobs[number];
  const auto now = id_of(number, "now");
  const auto held = id_of(number, "held");
  const auto letters = id_of(number, "letters");
  const auto runs = id_of(number, "runs");
  return {{held, html_held_drops(job, held)},
          {now, html_job_now(status, job, now)},
          {letters, html_letters(job, letters)},
          {runs, html_job_runs(status, job, runs)}};
}

std::string job_html(const status_report& status, std::size_t number) {
  const std::string heading = id_of(number, "name");
  std::string inner = element("h2", "id=\"" + heading + "\"", escaped(status.jobs[number].name));
  for (const auto& [id, html] : job_parts(status, number)) inner += html;
  return element("section", "aria-labelledby=\"" + heading + "\"", inner);
}

std::string head(const status_report& status) {
  return std::string("<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n") +
         "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n<noscript><meta "
         "http-equiv=refresh content=" +
         seconds_between + "></noscript>\n<title>patchbay: " + status_word(status) +
         "</title>\n<link rel=icon type=\"image/svg+xml\" href=\"" + status_sign_path +
         "\">\n<link rel=stylesheet href=\"" + status_style_path + "\">\n<script defer src=\"" +
         status_script_path + "\"></script>\n</head>\n";
}

std::string process_html(const status_report& status) {
  std::string words = "patchbay";
  if (!status.version.empty()) words += " " + escaped(status.version);
  if (!status.host.empty()) words += " on " + escaped(status.host);
  if (status.owner) {
    words += ", process " + std::to_string(status.owner->pid) + ", running since " +
             day_text(status.owner->since);
  }
  return element("p", "class=meta", words + ".");
}

/// Until the script says that the page is live, it says of when it is.
std::string foot(const status_report& status) {
  return element(
      "footer", "",
      element("p", "class=meta",
              "<span id=live role=status data-events=\"" + std::string(status_events_path) +
                  "\"></span> As of <time id=news>" + day_text(status.as_of) + "</time>.") +
          element("noscript", "",
                  element("p", "class=meta",
                          std::string("Without JavaScript the page loads itself again every ") +
                              seconds_between + " seconds.")) +
          process_html(status));
}

}  // namespace

parts status_parts(const status_report& status) {
  parts all{{"summary", html_summary(status)}, {"asked", html_asked(status, "asked")}};
  for (std::size_t number = 0; number < status.jobs.size(); ++number) {
    parts of_job = job_parts(status, number);
    std::move(of_job.begin(), of_job.end(), std::back_inserter(all));
  }
  all.emplace_back("windows", html_windows(status, "windows"));
  return all;
}

std::string status_html(const status_report& status) {
  std::string jobs;
  for (std::size_t number = 0; number < status.jobs.size(); ++number) {
    jobs += job_html(status, number);
  }
  const std::string windows =
      element("section", "aria-labelledby=windows-name",
              element("h2", "id=windows-name", "Windows of the API") +
                  element("p", "class=soft",
                          "Requests that count at this moment, of those that the API allows.") +
                  html_windows(status, "windows"));
  return head(status) + "<body>\n" +
         element(
             "header", "",
             element("h1", "", "patchbay") + html_summary(status) + html_asked(status, "asked")) +
         element("main", "", jobs + windows) + foot(status) + "</body>\n</html>\n";
}

std::string status_style() {
  return std::string(html_style) + status_look;
}

std::string status_script() {
  return status_life;
}

std::string status_sign() {
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 16 16\"><rect width=\"16\" "
         "height=\"16\" rx=\"3\" fill=\"#2f6fd0\"/><path d=\"M4 5h8M4 8h8M4 11h5\" "
         "stroke=\"#fff\" stroke-width=\"1.6\"/></svg>\n";
}

}  // namespace patchbay
