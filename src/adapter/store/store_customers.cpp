// The store's side of intake: which customers are known and what they hold.
#include <algorithm>

#include "doubts.hpp"
#include "parts.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "settling.hpp"

namespace patchbay {

namespace {

bool has_rows(database& base, const char* sql, job_number job) {
  query asked = base.ask(sql);
  asked << job;
  return asked.step();
}

}  // namespace

std::vector<customer_levels> load_all(database& base, std::string_view job,
                                      std::span<const std::string> keys) {
  const job_number number = find_job(base, job);
  // Nothing is asked that has no answer for anybody: a drop may change a hundred thousand customers
  // of whom none is pending.
  const bool any_wanted = has_rows(base, "SELECT 1 FROM wanted WHERE job=? LIMIT 1", number);
  const bool any_doubt = has_rows(base, "SELECT 1 FROM doubt WHERE job=? LIMIT 1", number);
  const bool any_dead = has_rows(base, "SELECT 1 FROM dead_letter WHERE job=? LIMIT 1", number);
  std::vector<customer_levels> found;
  found.reserve(keys.size());
  for (const std::string& key : keys) {
    std::optional<customer_levels> customer = load_customer(base, number, key);
    if (!customer) continue;
    customer->job = job;
    if (any_wanted) {
      if (auto kept = load_wanted(base, number, key)) customer->wanted = std::move(kept->row);
    }
    if (any_doubt) {
      if (const auto kept = load_doubt(base, number, key)) customer->in_doubt = kept->seen();
    }
    if (any_dead) customer->dead = load_letters(base, number, key);
    for (dead_letter& letter : customer->dead) letter.job = job;
    found.push_back(std::move(*customer));
  }
  return found;
}

std::vector<customer_levels> sqlite_store::lookup(std::string_view job,
                                                  std::span<const std::string> keys) {
  database& base = parts_->base;
  const snapshot one_moment(base);
  // In the order of the table: neighbours are read from one page.
  std::vector<std::string> sorted(keys.begin(), keys.end());
  std::sort(sorted.begin(), sorted.end());
  return load_all(base, job, sorted);
}

std::vector<std::pair<std::string, std::string>> sqlite_store::owners(
    std::string_view job, std::span<const std::string> ids) {
  const snapshot one_moment(parts_->base);
  const job_number number = find_job(parts_->base, job);
  std::vector<std::pair<std::string, std::string>> found;
  for (const std::string& id : ids) {
    if (id.empty()) continue;  // forgotten customers have none
    query asked = parts_->base.ask("SELECT key FROM customer WHERE job=? AND id=? ORDER BY key");
    asked << number << id;
    while (asked.step()) found.emplace_back(id, asked.text(0));
  }
  return found;
}

std::vector<std::string> sqlite_store::keys_after(std::string_view job, std::string_view after,
                                                  std::size_t most) {
  const snapshot one_moment(parts_->base);
  query asked =
      parts_->base.ask("SELECT key FROM customer WHERE job=? AND key>? ORDER BY key LIMIT ?");
  asked << find_job(parts_->base, job) << after << static_cast<std::int64_t>(most);
  std::vector<std::string> keys;
  while (asked.step()) keys.push_back(asked.text(0));
  return keys;
}

std::int64_t sqlite_store::known_customers(std::string_view job) {
  const snapshot one_moment(parts_->base);
  const job_number number = find_job(parts_->base, job);
  query asked = parts_->base.ask("SELECT customers FROM job WHERE number=?");
  asked << number;
  return asked.step() ? asked.number(0) : 0;
}

void sqlite_store::learn(std::string_view job, std::span<const learned_customer> customers) {
  database& base = parts_->base;
  transaction all(base);
  const job_number number = need_job(base, job);
  for (const learned_customer& learned : customers) {
    std::optional<customer_levels> known = load_customer(base, number, learned.key);
    if (!known) {
      query save = base.ask("INSERT INTO customer(job, key, id, acknowledged) VALUES(?,?,?,?)");
      save << number << learned.key << learned.id << write_values(learned.acknowledged);
      save.run();
      continue;
    }
    if (learned.id.empty()) {
      forget_customer(base, number, *known);
      continue;
    }
    const customer_levels before = *known;
    if (!known->id.empty() && known->id != learned.id) {
      // Another customer stands behind the key now: nothing that was confirmed holds for it.
      known->acknowledged.clear();
      known->echoed.clear();
    }
    known->id = learned.id;
    merge_read(*known, learned.acknowledged);
    save_customer(base, number, *known);
    const bool other = before.id != known->id || before.acknowledged != known->acknowledged;
    if (other) bar_line(base, number, learned.key);
  }
  all.commit();
}

}  // namespace patchbay
