#include "status_words.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

std::string rough(double seconds) {
  constexpr double minute = 60;
  if (seconds < minute) return "less than a minute";
  if (seconds < 2 * minute) return "1 min";
  return span_text(std::floor(seconds / minute) * minute);
}

}  // namespace

std::string_view method_name(request_class kind) {
  switch (kind) {
    case request_class::patch:
      return "PATCH";
    case request_class::get:
      return "GET";
    case request_class::token:
      return "TOKEN";
  }
  return "";
}

std::string apart_text(wall_time when, wall_time now, grain fine) {
  const double seconds = std::chrono::duration<double>(when - now).count();
  const double apart = std::abs(seconds);
  const std::string text = fine == grain::minutes ? rough(apart) : span_text(apart);
  return seconds >= 0 ? "in " + text : text + " ago";
}

std::string asked_text(const asked_for& asked, bool with_key) {
  if (!asked.of_customer) {
    return asked.what + (asked.subject.empty() ? "" : " " + printable(asked.subject));
  }
  return asked.what + " the dead letters of " +
         (with_key ? printable(asked.subject) : std::string("a customer"));
}

const run_summary* last_run(const status_report& status, const std::string& job) {
  const auto last =
      std::find_if(status.history.begin(), status.history.end(),
                   [&job](const run_summary& one) { return one.job == job && !one.dry_run; });
  return last == status.history.end() ? nullptr : &*last;
}

}  // namespace patchbay
