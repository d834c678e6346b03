// What the ERP's last word asks for, and where it may rightly not be: refused, waived, put back by
// a revert, or an address that somebody else holds.
#include <algorithm>
#include <ranges>

#include "erp.hpp"
#include "patchbay/model/text.hpp"
#include "patchbay/protocol/echo.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "storm.hpp"

namespace patchbay::sim {

/// A value as the ERP's cell says it; an empty one clears.
value wanted_of(const std::string& column, const std::string& cell) {
  if (cell.empty()) return null_value();
  return column == "limit" || column == "points" ? value{cell} : string_value(cell);
}

std::string cell_of(const std::map<std::string, last_word>& said, const std::string& key,
                    const std::string& column) {
  const auto word = said.find(key);
  if (word == said.end()) return {};
  const auto cell = word->second.cells.find(column);
  return cell == word->second.cells.end() ? std::string() : cell->second;
}

std::string field_of(const std::string& column) {
  if (column == "tax") return "tax_exemption_code";
  if (column == "profile") return "profile_id";
  if (column == "segment") return "metadata.segment";
  if (column == "limit") return "metadata.credit_limit";
  if (column == "points") return "metadata.loyalty.points";
  return column == "group" ? "customer_group" : column;
}

storm::words storm::last_said(const std::string& job) {
  words said = last_words(admitted(job));
  say_what_was_put_back(said, job);
  return said;
}

/// Where the ERP still says what a revert took the place of, what the revert put there counts.
void storm::say_what_was_put_back(words& said, const std::string& job) {
  std::vector<drop_record> known = life_->store().drops(job);
  std::erase_if(known, [this](const drop_record& one) {
    return one.state != drop_state::admitted || !is_own(one);
  });
  std::ranges::sort(known, {}, &drop_record::admission);
  const words erp = said;
  for (const drop_record& drop : known) {
    for (const auto& [key, fields] : own_.at(drop.file).back) {
      const std::vector<customer_levels> now = life_->store().lookup(job, std::span(&key, 1));
      for (auto& [column, cell] : said[key].cells) {
        const std::string field = field_of(column);
        const auto put = fields.find(field);
        if (put == fields.end() || now.empty() || !now.front().waived.contains(field)) continue;
        const value erp_says = wanted_of(column, cell_of(erp, key, column));
        const value& waived = now.front().waived.at(field);
        const bool repeats = compare_echo(erp_says, waived) != echo_match::different;
        if (repeats) cell = same(put->second.to, null_value()) ? "" : plain_text(put->second.to);
      }
    }
  }
}

/// The API refuses what the ERP wants of it.
bool storm::may_stay_rejected(const words& said, const std::string& key) {
  const bool refused = !told_.refused_text.empty() && !is_waived(key, "tax") &&
                       cell_of(said, key, "tax") == told_.refused_text;
  return refused || waits_for_address(said, key);
}

/// Its address belongs to somebody who keeps it, or who waits himself; in a circle all wait.
bool storm::waits_for_address(const words& said, const std::string& key) {
  std::set<std::string> seen;
  std::string at = key;
  while (seen.insert(at).second) {
    const std::string wanted = lowered(cell_of(said, at, "email"));
    const twin::customer* const holder = api_.customers().by_email(wanted);
    const bool has_it = holder != nullptr && keys_.at(holder->id) == at;
    if (at != key && (has_it || wanted.empty() || is_waived(at, "email"))) return true;
    if (at != key && !told_.refused_text.empty() &&
        cell_of(said, at, "tax") == told_.refused_text) {
      return true;
    }
    if (holder == nullptr || has_it) return false;
    at = keys_.at(holder->id);
  }
  return true;
}

/// An operator dropped the letter: the value that the ERP repeats is not sent.
bool storm::is_waived(const std::string& key, const std::string& column) {
  const auto dropped = [&key](const command& one) {
    return one.kind == request_kind::drop_dead && one.subject == key;
  };
  if (std::none_of(told_.commands.begin(), told_.commands.end(), dropped)) return false;
  const char* const job = column == "profile" ? second_job : "erp";
  const std::vector<customer_levels> known = life_->store().lookup(job, std::span(&key, 1));
  return !known.empty() && known.front().waived.contains(field_of(column));
}

/// From `key` on, who waits for whose address; empty: they do not come round to `key` again.
std::set<std::string> storm::circle_of(const words& said, const std::string& key) {
  std::set<std::string> members;
  std::string at = key;
  while (members.insert(at).second) {
    const twin::customer* const holder =
        api_.customers().by_email(lowered(cell_of(said, at, "email")));
    if (holder == nullptr) return {};
    at = keys_.at(holder->id);
  }
  return at == key && members.size() > 1 ? members : std::set<std::string>();
}

}  // namespace patchbay::sim
