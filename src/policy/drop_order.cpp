#include "patchbay/policy/drop_order.hpp"

#include <algorithm>
#include <string_view>

namespace patchbay {
namespace {

constexpr std::string_view gap_code = "DROP_GAP";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The run of digits at the front, leading zeros left out; removed from `rest`.
std::string_view take_number(std::string_view& rest) {
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_digit);
  std::string_view digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(digits.size());
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

/// Negative, zero, positive: letters as bytes, runs of digits as numbers of any size.
int compare_names(std::string_view one, std::string_view other) {
  while (!one.empty() && !other.empty()) {
    if (is_digit(one.front()) && is_digit(other.front())) {
      const std::string_view a = take_number(one);
      const std::string_view b = take_number(other);
      if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
      if (a != b) return a < b ? -1 : 1;
      continue;
    }
    if (one.front() != other.front()) {
      return static_cast<unsigned char>(one.front()) < static_cast<unsigned char>(other.front())
                 ? -1
                 : 1;
    }
    one.remove_prefix(1);
    other.remove_prefix(1);
  }
  return static_cast<int>(other.empty()) - static_cast<int>(one.empty());
}

/// A drop's name without its packing: a.csv and a.csv.gz are of one name.
std::string_view unpacked_name(const drop_record& drop) {
  std::string_view name = drop.file;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  return name;
}

bool says_order(const drop_record& one, const drop_record& other) {
  return (one.sequence && other.sequence) || (one.as_of && other.as_of);
}

bool in_line(const drop_record& drop) {
  return drop.mode == drop_mode::delta && !stands_apart(drop);
}

const drop_record* newest_admitted(const drop_record& drop, std::span<const drop_record> known) {
  const drop_record* newest = nullptr;
  for (const drop_record& one : known) {
    if (one.state != drop_state::admitted || one.mode != drop.mode || stands_apart(one)) continue;
    if (newest == nullptr || !comes_before(one, *newest)) newest = &one;
  }
  return newest;
}

/// Undecided: its rows may still come, or were never read.
bool undecided(const drop_record& drop) {
  switch (drop.state) {
    case drop_state::working:
    case drop_state::held:
    case drop_state::approved:
    case drop_state::failed:
      return true;
    case drop_state::admitted:
    case drop_state::discarded:
    case drop_state::superseded:
      return false;
  }
  return true;
}

/// The first of those that come before `drop` and after all that is admitted.
const drop_record* in_the_way(const drop_record& drop, const drop_record* newest,
                              std::span<const drop_record> known) {
  const drop_record* first = nullptr;
  for (const drop_record& one : known) {
    if (one.number == drop.number || !in_line(one) || !undecided(one)) continue;
    if (!comes_before(one, drop)) continue;
    if (newest != nullptr && !comes_before(*newest, one)) continue;
    if (first == nullptr || comes_before(one, *first)) first = &one;
  }
  return first;
}

}  // namespace

bool comes_before(const drop_record& one, const drop_record& other) {
  if (one.sequence && other.sequence) return *one.sequence < *other.sequence;
  if (one.as_of && other.as_of) return *one.as_of < *other.as_of;
  return compare_names(unpacked_name(one), unpacked_name(other)) < 0;
}

order_verdict judge_order(const drop_record& drop, std::span<const drop_record> known) {
  if (stands_apart(drop)) return {};
  const drop_record* const newest = newest_admitted(drop, known);
  const bool comparable = newest != nullptr && (in_line(drop) || says_order(drop, *newest));
  if (comparable && comes_before(drop, *newest)) {
    return {drop_standing::older, newest->file, newest->state, 0};
  }
  if (!in_line(drop)) return {};
  if (const drop_record* const other = in_the_way(drop, newest, known)) {
    return {drop_standing::behind, other->file, other->state, 0};
  }
  if (newest != nullptr && drop.sequence && newest->sequence &&
      *drop.sequence > *newest->sequence + 1) {
    return {drop_standing::gap, newest->file, newest->state, *newest->sequence + 1};
  }
  return {};
}

std::string order_in_words(const order_verdict& verdict) {
  switch (verdict.standing) {
    case drop_standing::in_order:
      return {};
    case drop_standing::older:
      return "DROP_OLDER: " + verdict.other +
             ", which counts after it, is admitted already: applied now, this one would bring "
             "older values back; discard it, or approve it if its values are right";
    case drop_standing::gap:
      return std::string(gap_code) + ": number " + std::to_string(verdict.expected) +
             " is missing after " + verdict.other +
             ": deliver it and this one follows by itself, or approve this one without it";
    case drop_standing::behind:
      break;
  }
  std::string words = "DROP_WAITS: it comes after " + verdict.other;
  if (verdict.other_state == drop_state::failed) {
    return words +
           ", which failed: deliver that one again corrected under the same name, or "
           "discard it";
  }
  if (verdict.other_state == drop_state::held) {
    return words + ", which is held: approve or discard that one";
  }
  return words + ", which is not admitted yet";
}

bool waits_for_gap(const drop_record& drop) {
  return drop.state == drop_state::held && drop.reason.starts_with(gap_code);
}

}  // namespace patchbay
