// Opening the store: schema, slots of other boots and dead processes, identity.
#include <string>

#include <sodium.h>

#include "parts.hpp"
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
