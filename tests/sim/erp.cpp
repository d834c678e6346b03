#include "erp.hpp"

#include <algorithm>

#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::sim {
namespace {

using std::chrono::seconds;

/// The cells that say what the API holds before the first drop.
std::map<std::string, std::string> cells_of_api(int number, const twin::roster& known) {
  const twin::customer one = twin::generated_customer(static_cast<std::uint64_t>(number), known);
  const auto text = [&one](const std::vector<std::string>& path) {
    const auto found = metadata_at(one.metadata.json, path);
    return found ? plain_text(*found) : std::string();
  };
  const twin::group* const group = known.group_by_id(one.group_id);
  return {{"code", key_of(number)},
          {"email", plain_text(one.email)},
          {"tax", ""},
          {"segment", text({"segment"})},
          {"limit", text({"credit_limit"})},
          {"points", text({"loyalty", "points"})},
          {"group", group == nullptr ? "" : group->code},
          {"password", "first-" + std::to_string(number)}};
}

void change(std::map<std::string, std::string>& cells, chance& luck) {
  static const std::vector<std::string> groups{"GOLD", "SILVER", "BRONZE", "WHOLESALE", "GOLD"};
  const std::string number = cells["code"].substr(2);
  do {
    switch (luck.between(0, 6)) {
      case 0:
        // Upper case comes back in lower case from some API.
        cells["email"] = "Mail" + std::to_string(luck.between(1, 3)) + '.' + number + "@x.it";
        break;
      case 1:
        cells["tax"] = luck.happens(0.3) ? "" : luck.one_of(tax_codes());
        break;
      case 2:
        cells["segment"] = luck.happens(0.3) ? "" : "S" + std::to_string(luck.between(1, 3));
        break;
      case 3:
        cells["limit"] = std::to_string(luck.between(1, 3)) + "00.50";
        break;
      case 4:
        cells["points"] = std::to_string(luck.between(1, 3));
        break;
      case 5:
        cells["group"] = luck.one_of(groups);
        break;
      case 6:
        cells["password"] = "secret-" + std::to_string(luck.between(1, 3));
        break;
      default:
        break;
    }
  } while (luck.happens(0.4));
}

class erp {
 public:
  erp(const scenario& of, chance& luck) : of_(of), luck_(luck) {
    const twin::roster known = twin::generated_roster(static_cast<std::uint64_t>(of.customers));
    for (int i = 1; i <= of.customers; ++i) present_.push_back(cells_of_api(i, known));
  }

  /// `reverts`: everything that the drop before it changed is as it was.
  erp_drop write(int number, instant at, bool reverts) {
    erp_drop drop;
    drop.at = at;
    drop.reverts = reverts;
    drop.file = "drop-" + std::to_string(100 + number) + ".csv";
    drop.quoted = luck_.happens(0.2);
    // The first is never the broken one: there must be something that it breaks.
    const bool broken_export = number > 0 && of_.customers > 20 && luck_.happens(0.2);
    if (broken_export) drop.marker = "BROKEN-" + std::to_string(100 + number);
    const bool delta = of_.config.jobs.front().source.mode == drop_mode::delta;
    const double share = static_cast<double>(luck_.between(0, 5)) / 10;
    if (reverts) std::swap(present_, before_);
    if (!reverts) before_ = present_;
    if (of_.moves_emails && !reverts && !broken_export) move_emails();
    for (std::size_t i = 0; i < present_.size(); ++i) {
      auto& cells = present_[i];
      const bool changes = cells != before_[i] || (!reverts && luck_.happens(share));
      if (changes && !reverts && !broken_export && cells == before_[i]) change(cells, luck_);
      const bool absent = delta ? !changes && luck_.happens(0.8) : luck_.happens(0.02);
      if (absent && !broken_export) continue;
      add_row(drop, cells);
    }
    if (luck_.happens(0.5)) std::reverse(drop.rows.begin(), drop.rows.end());
    if (!drop.marker.empty()) decide(drop);
    return drop;
  }

 private:
  void add_row(erp_drop& drop, const std::map<std::string, std::string>& cells) {
    drop_row row{cells.at("code"), cells, false};
    if (!drop.marker.empty()) {
      row.cells["tax"] = drop.marker;
    } else if (luck_.happens(0.02)) {
      row.cells["limit"] = "many";
      row.broken = true;
    } else if (luck_.happens(0.02)) {
      drop_row earlier = row;
      change(earlier.cells, luck_);
      drop.rows.push_back(std::move(earlier));
    }
    if (!row.broken && luck_.happens(0.03)) row.cells["email"].clear();
    drop.rows.push_back(std::move(row));
  }

  /// Each of some customers gets the address of the next; the last one that of the first (a
  /// circle), or one from a small pool, which somebody else may have by now.
  void move_emails() {
    for (auto rounds = luck_.between(1, 3); rounds > 0; --rounds) {
      const auto many = static_cast<std::size_t>(luck_.between(2, 4));
      std::size_t at = static_cast<std::size_t>(luck_.roll() % present_.size());
      const std::string first = present_[at]["email"];
      for (std::size_t i = 1; i < many; ++i) {
        const std::size_t next = (at + 1 + luck_.roll() % 3) % present_.size();
        present_[at]["email"] = present_[next]["email"];
        at = next;
      }
      const bool circle = luck_.happens(0.3);
      present_[at]["email"] =
          circle ? first : "pool." + std::to_string(luck_.between(1, 6)) + "@x.it";
    }
  }

  void decide(erp_drop& drop) {
    const auto how = luck_.between(0, 2);
    if (how == 1) drop.decision = "approve";
    if (how == 2) drop.decision = "discard";
    drop.decided_at = drop.at + luck_.between(seconds(30), seconds(200));
  }

  const scenario& of_;
  chance& luck_;
  std::vector<std::map<std::string, std::string>> present_;
  std::vector<std::map<std::string, std::string>> before_;
};

}  // namespace

const std::vector<std::string>& columns_of_erp() {
  static const std::vector<std::string> columns{"code",  "email",  "tax",   "segment",
                                                "limit", "points", "group", "password"};
  return columns;
}

const std::vector<std::string>& columns_of(const std::string& job) {
  static const std::vector<std::string> second{"code", "profile"};
  return job == second_job ? second : columns_of_erp();
}

const std::vector<std::string>& tax_codes() {
  static const std::vector<std::string> codes{"TAX-1", "TAX-2", "TAX-3"};
  return codes;
}

std::vector<erp_drop> write_drops(const scenario& of, chance& luck) {
  erp source(of, luck);
  const auto count = static_cast<int>(luck.between(2, 6));
  std::vector<erp_drop> drops;
  instant at = seconds(1);
  for (int i = 0; i < count; ++i) {
    const bool reverts = i > 0 && luck.happens(0.4);
    // Back again before the API can have answered everything.
    if (reverts) at = drops.back().at + luck.between(milliseconds(200), milliseconds(6'000));
    drops.push_back(source.write(i, at, reverts));
    at += luck.happens(0.5) ? luck.between(seconds(0), seconds(30))
                            : luck.between(seconds(30), seconds(300));
  }
  return drops;
}

void write_second_drops(scenario& into, chance& luck) {
  const instant first = into.drops.front().at;
  const nanoseconds span = into.drops.back().at - first;
  const auto count = static_cast<int>(luck.between(1, 5));
  for (int i = 0; i < count; ++i) {
    erp_drop drop;
    drop.job = second_job;
    drop.file = "crm-" + std::to_string(100 + i) + ".csv";
    drop.at = first + span * i / count + luck.between(seconds(0), seconds(5));
    for (int customer = 1; customer <= into.customers; ++customer) {
      if (luck.happens(0.4)) continue;
      const std::string said = "P" + std::to_string(luck.between(1, 3));
      drop.rows.push_back({key_of(customer), {{"code", key_of(customer)}, {"profile", said}}});
    }
    into.drops.push_back(std::move(drop));
  }
}

std::map<std::string, last_word> last_words(const std::vector<const erp_drop*>& admitted) {
  std::map<std::string, last_word> words;
  for (const erp_drop* const drop : admitted) {
    std::map<std::string, const drop_row*> last;
    for (const drop_row& row : drop->rows) last[row.key] = &row;
    for (const auto& [key, row] : last) {
      if (row->broken) continue;
      last_word& word = words[key];
      const auto password = row->cells.find("password");
      if (password != row->cells.end() && word.first_password.empty()) {
        word.first_password = password->second;
      }
      for (const auto& [column, cell] : row->cells) {
        const bool clears = column == "tax" || column == "segment";
        if (!cell.empty() || clears) word.cells[column] = cell;
      }
    }
  }
  return words;
}

}  // namespace patchbay::sim
