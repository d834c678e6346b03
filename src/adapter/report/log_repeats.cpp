#include "log_repeats.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

constexpr std::size_t longest_text = 500;

/// Each of these is something that has happened, however much it is like another; what they tell of
/// comes rarely enough.
bool happens_once(std::string_view event) {
  constexpr std::array once{"breaker_open", "command_failed", "configuration_kept",
                            "drop_failed",  "drop_held",      "folder_gone"};
  return std::ranges::find(once, event) != once.end();
}

/// Two errors are one when they speak of the same; a run or a request makes no other error.
log_fields subject_of(const log_fields& fields) {
  log_fields subject;
  for (const auto& field : fields) {
    for (const char* name : {"job", "drop", "method", "status"}) {
      if (field.first == name) subject.push_back(field);
    }
  }
  return subject;
}

/// Nor does another count, hour or pause.
std::string without_numbers(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) out += c;
    if (digit && !out.ends_with('#')) out += '#';
  }
  return out;
}

std::string times_text(std::int64_t times, const std::string& more) {
  return grouped(times) + (times == 1 ? " time" : " times") + more;
}

}  // namespace

bool log_repeats::is_new(const log_entry& entry, instant now) {
  if (happens_once(entry.event)) return true;
  log_fields subject = subject_of(entry.fields);
  const std::string text = clipped(entry.text, longest_text);
  // Of a run its numbers are the news.
  const std::string shape = entry.event == "run_done" ? text : without_numbers(text);
  const auto same = [&](const kept& one) {
    return one.how == entry.how && one.event == entry.event && one.shape == shape &&
           one.fields == subject;
  };
  const auto found = std::find_if(kept_.begin(), kept_.end(), same);
  if (found != kept_.end()) {
    ++found->times;
    found->text = text;
    return false;
  }
  if (kept_.size() >= most) {
    if (kept_.front().times > 0) put_out_.push_back(said_of(kept_.front(), now));
    kept_.pop_front();
  }
  kept_.push_back(
      {entry.how, std::string(entry.event), text, shape, std::move(subject), 0, 0, now, now});
  return true;
}

log_repeats::count log_repeats::said_of(kept& one, instant now) {
  count made{one.how, one.event, one.text, one.fields, one.times, now - one.span_began, false};
  if (one.times == 0) {
    made.times = one.sum + 1;
    made.during = one.span_began - one.first;
    made.over = true;
  }
  one.sum += one.times;
  one.times = 0;
  one.span_began = now;
  return made;
}

std::vector<log_repeats::count> log_repeats::due(instant now, bool all) {
  std::vector<count> found = std::exchange(put_out_, {});
  for (auto one = kept_.begin(); one != kept_.end();) {
    const bool passed = now - one->span_began >= span;
    const bool repeated = one->times > 0;
    if (repeated ? passed || all : passed && one->sum > 0) found.push_back(said_of(*one, now));
    one = !repeated && passed ? kept_.erase(one) : std::next(one);
  }
  return found;
}

std::string repeat_text(const log_repeats::count& counted) {
  const std::string during = span_text(std::chrono::duration<double>(counted.during).count());
  if (counted.over) {
    return "no longer: " + counted.text + " (said " + times_text(counted.times, "") + " in " +
           during + ")";
  }
  return counted.text + ": said " + times_text(counted.times, " more") + " in the last " + during;
}

}  // namespace patchbay
