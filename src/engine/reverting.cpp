#include "patchbay/engine/reverting.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "patchbay/engine/values_drop.hpp"
#include "patchbay/port/seal.hpp"
#include "patchbay/protocol/json_text.hpp"

namespace patchbay {
namespace {

/// What a run made of one field, however often it wrote it.
struct net_change {
  std::optional<value> from;
  value to;
};

const value* find(const field_values& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

using net_changes = std::map<std::pair<std::string, std::string>, net_change>;

void add(net_changes& net, const written_field& one) {
  const auto [place, first] = net.try_emplace(std::pair(one.key, one.field));
  if (first) place->second.from = one.from;
  place->second.to = one.to;
}

/// What the run would have written, had it gone on.
void add_unsent(net_changes& net, const customer_levels& customer) {
  for (const auto& [name, wanted] : customer.wanted->fields) {
    written_field one{customer.key, name, std::nullopt, wanted};
    if (const value* held = find(customer.acknowledged, name)) one.from = *held;
    add(net, one);
  }
}

/// What has not been sent yet is taken back by its hash; once it was, nobody can say the old one.
std::string why_sensitive_stays(const std::string& name, const net_change& change,
                                const customer_levels* customer) {
  constexpr const char* settled = "a sensitive value is not kept once it is settled";
  if (customer == nullptr || !customer->wanted) return settled;
  const value* pending = find(customer->wanted->fields, name);
  if (pending == nullptr || !same(*pending, change.to)) return settled;
  if (!customer->in_doubt) return change.from ? "" : "it was not known what the field held before";
  const std::vector<std::string>& doubted = customer->in_doubt->fields;
  const bool sent = std::find(doubted.begin(), doubted.end(), name) != doubted.end();
  return sent ? "a request with this sensitive value was not answered: it is sent until it is" : "";
}

/// Empty: it can be put back.
std::string why_not(const job_spec& job, const std::string& name, const net_change& change,
                    const customer_levels* customer) {
  const field_spec* const spec = find_field(job.mapping, name);
  if (spec == nullptr) return "the configuration no longer maps this field";
  if (!spec->readable()) return "the API does not show this field: nobody knows what it was";
  const bool was_veiled = is_veiled(change.to) || (change.from && is_veiled(*change.from));
  if (!spec->sensitive && was_veiled) return "it was sensitive then: its value was not kept";
  if (spec->sensitive) {
    const std::string why = why_sensitive_stays(name, change, customer);
    if (!why.empty()) return why;
  }
  if (!change.from) return "it was not known what the field held before";
  if (customer == nullptr || customer->id.empty()) return "the API no longer has the customer";
  return why_it_stays(*customer, name, change.to);
}

}  // namespace

value cell_of(const put_back& field) {
  return {write_values({{"from", field.from}, {"to", field.to}})};
}

std::optional<put_back> read_put_back(const value& cell) {
  const result<field_values> parts = parse_values(cell.json);
  if (!parts) return std::nullopt;
  const value* from = find(*parts, "from");
  const value* to = find(*parts, "to");
  if (from == nullptr || to == nullptr) return std::nullopt;
  return put_back{*from, *to};
}

std::string why_it_stays(const customer_levels& now, const std::string& name, const value& from) {
  // Not confirmed yet: it is taken back before it is sent, and what is in doubt is sent over.
  const value* pending = now.wanted ? find(now.wanted->fields, name) : nullptr;
  if (pending != nullptr) return same(*pending, from) ? "" : "the ERP wants another value since";
  if (now.in_doubt) {
    const std::vector<std::string>& doubted = now.in_doubt->fields;
    if (std::find(doubted.begin(), doubted.end(), name) != doubted.end()) {
      return "a request was not answered: run sync first, which reads the customer back";
    }
  }
  const value* held = find(now.acknowledged, name);
  return held != nullptr && same(*held, from) ? "" : "changed since";
}

reversal reverse_run(const job_spec& job, std::span<const written_field> written,
                     std::span<const std::string> left, std::span<const customer_levels> now) {
  net_changes net;
  for (const written_field& one : written) add(net, one);
  const std::set<std::string> waiting(left.begin(), left.end());
  for (const customer_levels& one : now) {
    if (waiting.contains(one.key) && one.wanted) add_unsent(net, one);
  }
  std::map<std::string, const customer_levels*> by_key;
  for (const customer_levels& one : now) by_key.emplace(one.key, &one);
  reversal made;
  for (const auto& [which, change] : net) {
    const auto& [key, field] = which;
    if (change.from && same(*change.from, change.to)) continue;
    const auto customer = by_key.find(key);
    const std::string why =
        why_not(job, field, change, customer == by_key.end() ? nullptr : customer->second);
    if (why.empty()) {
      made.back[key].insert_or_assign(field, put_back{change.to, *change.from});
    } else {
      made.skipped.push_back({key, field, why});
    }
  }
  return made;
}

run_traces traces_of(const std::string& run, run_store& store) {
  auto [job, written] = store.written_by(run);
  return {std::move(job), std::move(written), store.left_by(run)};
}

reversal reverse_run(const job_spec& job, const run_traces& run, intake_store& store) {
  std::set<std::string> keys(run.left.begin(), run.left.end());
  for (const written_field& one : run.written) keys.insert(one.key);
  const std::vector<std::string> names(keys.begin(), keys.end());
  return reverse_run(job, run.written, run.left, store.lookup(job.name, names));
}

void write_revert_drop(const job_spec& job, const reversal& made, std::ostream& out) {
  out << revert_header(job);
  for (const auto& [key, fields] : made.back) out << revert_row(job, key, fields);
}

}  // namespace patchbay
