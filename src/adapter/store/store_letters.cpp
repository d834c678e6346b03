// The store's side of dead letters: what people see of them, and what they say about them.
#include <algorithm>

#include "doubts.hpp"
#include "parts.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

struct dead_customer {
  job_number job = no_job;
  std::string job_name;
  std::string key;
};

/// An empty job or key: of all.
std::vector<dead_customer> dead_customers(database& base, std::string_view job,
                                          std::string_view key) {
  query asked = base.ask(
      "SELECT DISTINCT l.job, j.name, l.key FROM dead_letter l JOIN job j ON j.number=l.job"
      " WHERE (?1='' OR j.name=?1) AND (?2='' OR l.key=?2) ORDER BY l.job, l.key");
  asked << job << key;
  std::vector<dead_customer> found;
  while (asked.step()) found.push_back({asked.number(0), asked.text(1), asked.text(2)});
  return found;
}

/// What the letters refuse: the fields they name, or everything where one names none.
field_values refused_values(const customer_levels& customer) {
  const bool all = std::any_of(customer.dead.begin(), customer.dead.end(),
                               [](const dead_letter& one) { return one.field.empty(); });
  field_values refused;
  for (const auto& [name, wanted] : customer.wanted->fields) {
    const auto known = customer.acknowledged.find(name);
    const bool sent = known == customer.acknowledged.end() || !same(known->second, wanted);
    const bool doubted = customer.in_doubt && std::find(customer.in_doubt->fields.begin(),
                                                        customer.in_doubt->fields.end(),
                                                        name) != customer.in_doubt->fields.end();
    const bool named = std::any_of(customer.dead.begin(), customer.dead.end(),
                                   [&name](const dead_letter& one) { return one.field == name; });
    if (named || (all && (sent || doubted))) refused.emplace(name, wanted);
  }
  return refused;
}

struct word {
  std::string_view who;
  wall_time at{};
};

void note_waiver(database& base, job_number job, const customer_levels& customer,
                 const std::string& name, const word& given) {
  const auto known = customer.acknowledged.find(name);
  const bool had = known != customer.acknowledged.end();
  query note = base.ask("INSERT INTO history VALUES('',?,?,?,?,?,?,?,'',?,?)");
  note << job << customer.key << name << (had ? std::optional(known->second.json) : std::nullopt)
       << customer.wanted->fields.at(name).json << customer.wanted->drop << customer.wanted->line
       << ms_of(given.at) << given.who;
  note.run();
}

void save_fields(database& base, job_number job, std::string_view key, const wanted_row& row) {
  field_values sealed;
  for (const auto& [name, text] : row.sealed) sealed.emplace(name, string_value(text));
  query save = base.ask("UPDATE wanted SET fields=?, sealed=? WHERE job=? AND key=? AND drop_no=?");
  save << write_values(row.fields) << text_or_null(sealed) << job << key << row.drop;
  save.run();
}

/// What is left of the row is sent (what is in doubt is put back to what was acknowledged); a row
/// of which nothing is left is unchanged.
void waive(database& base, job_number job, customer_levels& customer, const word& given) {
  wanted_row& row = *customer.wanted;
  const std::optional<kept_row> kept = load_wanted(base, job, customer.key);
  const bool of_revert = kept && kept->origin == drop_origin::revert;
  for (const auto& [name, refused] : refused_values(customer)) {
    note_waiver(base, job, customer, name, given);
    // What a revert wanted is not the ERP's word: given up, the ERP's own counts again.
    if (of_revert) {
      customer.waived.erase(name);
    } else {
      customer.waived.insert_or_assign(name, refused);
    }
    row.fields.erase(name);
    row.sealed.erase(name);
  }
  save_customer(base, job, customer);
  if (!customer.in_doubt && fulfilled(customer, row)) {
    recount(base, row.drop, row.counted, row_class::unchanged);
    delete_wanted(base, job, customer.key, row.drop);
    return;
  }
  save_fields(base, job, customer.key, row);
  count_as(base, job, customer.key, row, row_class::pending);
  reckon_due(base, job, customer.key);
}

}  // namespace

std::vector<dead_letter> sqlite_store::dead_letters(std::string_view job) {
  database& base = parts_->base;
  const snapshot one_moment(base);
  std::vector<dead_letter> found;
  for (const dead_customer& one : dead_customers(base, job, "")) {
    for (dead_letter& letter : load_letters(base, one.job, one.key)) {
      letter.job = one.job_name;
      found.push_back(std::move(letter));
    }
  }
  return found;
}

std::int64_t sqlite_store::retry_dead(std::string_view key, wall_time now) {
  database& base = parts_->base;
  transaction all(base);
  const std::vector<dead_customer> found = dead_customers(base, "", key);
  for (const dead_customer& one : found) {
    query save =
        base.ask("UPDATE dead_letter SET next_retry=MIN(next_retry, ?) WHERE job=? AND key=?");
    save << ms_of(now) << one.job << one.key;
    save.run();
    reckon_due(base, one.job, one.key);
  }
  all.commit();
  return static_cast<std::int64_t>(found.size());
}

std::int64_t sqlite_store::drop_dead(std::string_view key, std::string_view who, wall_time now) {
  if (key.empty()) return 0;
  database& base = parts_->base;
  transaction all(base);
  const std::vector<dead_customer> found = dead_customers(base, "", key);
  for (const dead_customer& one : found) {
    const std::string name(key);
    std::vector<customer_levels> customer = load_all(base, one.job_name, std::span(&name, 1));
    delete_letters(base, one.job, one.key);
    if (customer.empty() || !customer.front().wanted) continue;
    waive(base, one.job, customer.front(), {who, now});
  }
  all.commit();
  return static_cast<std::int64_t>(found.size());
}

}  // namespace patchbay
