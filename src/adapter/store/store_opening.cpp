// Opening the store: schema, slots of other boots and dead processes, identity.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sodium.h>

#include "parts.hpp"
#include "patchbay/port/seal.hpp"
#include "schema.hpp"
#include "slots.hpp"

namespace patchbay {
namespace {

std::string from_hex(const std::string& hex) {
  std::string bytes(hex.size() / 2, '\0');
  std::size_t size = 0;
  if (sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), hex.data(),
                     hex.size(), nullptr, &size, nullptr) != 0 ||
      size != bytes.size()) {
    throw store_error("the state is damaged: meta.secret is no hex; restore a backup of the state");
  }
  return bytes;
}

}  // namespace

sqlite_store::sqlite_store(sqlite_options options, instant now)
    : parts_(std::make_unique<parts>(std::move(options))) {
  if (parts_->options.read_only) {
    if (!has_newest_schema(parts_->base)) {
      throw store_error("the state is of an older version, and cannot be brought to this one's");
    }
    return;
  }
  prepare_schema(parts_->base, !parts_->options.path.empty());
  adopt_slots_of_other_boots(*parts_, now);
  release_dead_leases(*parts_, now);
}

sqlite_store::~sqlite_store() = default;

store_identity sqlite_store::identity() {
  store_identity made;
  query asked = parts_->base.ask("SELECT name, value FROM meta");
  while (asked.step()) {
    const std::string name = asked.text(0);
    if (name == "store_id") made.id = asked.text(1);
    if (name == "secret") made.secret = from_hex(asked.text(1));
    if (name == "generation") made.generation = asked.number(1);
  }
  return made;
}

void sqlite_store::keep_in(std::string_view job, kept_form form) {
  const job_number number = find_job(parts_->base, job);
  // Of a new job nothing is kept in any other form.
  if (number != no_job) parts_->base.forms.insert_or_assign(number, std::move(form));
}

std::string sqlite_store::seal_mark() {
  query asked = parts_->base.ask("SELECT value FROM meta WHERE name='seal_mark'");
  return asked.step() ? asked.text(0) : std::string();
}

std::int64_t sqlite_store::take_seal(const std::string& mark, bool other) {
  database& base = parts_->base;
  transaction all(base);
  std::vector<std::pair<job_number, std::string>> veiled;
  if (other) {
    query asked = base.ask(
        "SELECT job, key FROM customer WHERE acknowledged LIKE '%:\"#%' OR echoed LIKE '%:\"#%'"
        " OR waived LIKE '%:\"#%'");
    while (asked.step()) veiled.emplace_back(asked.number(0), asked.text(1));
  }
  for (const auto& [job, key] : veiled) {
    std::optional<customer_levels> customer = load_customer(base, job, key);
    for (field_values* each : {&customer->acknowledged, &customer->echoed, &customer->waived}) {
      std::erase_if(*each, [](const auto& one) { return is_veiled(one.second); });
    }
    save_customer(base, job, *customer);
  }
  query save = base.ask("INSERT OR REPLACE INTO meta VALUES('seal_mark', ?)");
  save << mark;
  save.run();
  all.commit();
  return std::ssize(veiled);
}

std::optional<bool> sqlite_store::test_mode() {
  query asked = parts_->base.ask("SELECT value FROM meta WHERE name='test_mode'");
  return asked.step() ? std::optional(asked.number(0) != 0) : std::nullopt;
}

void sqlite_store::save_test_mode(bool test) {
  if (test_mode() == test) return;
  query save = parts_->base.ask("INSERT OR REPLACE INTO meta VALUES('test_mode', ?)");
  save << static_cast<std::int64_t>(test);
  save.run();
}

std::int64_t sqlite_store::generation(std::string_view job) {
  query asked = parts_->base.ask("SELECT admissions FROM job WHERE name=?");
  asked << job;
  return asked.step() ? asked.number(0) : 0;
}

}  // namespace patchbay
