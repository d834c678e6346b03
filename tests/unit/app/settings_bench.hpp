// What tests of the settings share: a small zone database, an environment, and a good
// configuration in which a test replaces one line.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "patchbay/app/settings.hpp"

namespace patchbay::settings_test {

class still_zone : public zone {
 public:
  explicit still_zone(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  local_time reading_at(wall_time when) const override {
    return local_time(when.time_since_epoch());
  }
  wall_time moment_of(local_time reading) const override {
    return wall_time(reading.time_since_epoch());
  }

 private:
  std::string name_;
};

class three_zones : public zone_database {
 public:
  std::shared_ptr<const zone> find(std::string_view name) const override {
    for (const std::string& known : names()) {
      if (known == name) return std::make_shared<still_zone>(known);
    }
    return nullptr;
  }
  std::vector<std::string> names() const override { return {"UTC", "Europe/Rome", "Asia/Tokyo"}; }
};

inline const three_zones zones;

inline settings_surroundings surroundings() {
  return {zones, [](const std::string& name) -> std::optional<std::string> {
            if (name == "CREDENTIALS_DIRECTORY") return "/run/credentials/patchbay";
            if (name == "ORG") return "acme";
            return {};
          }};
}

inline const std::string good = R"(api:
  base_url: https://acme.commercelayer.io/api
  token_url: https://auth.commercelayer.io/oauth/token
  client_id: abc
  client_secret_file: ${CREDENTIALS_DIRECTORY}/client_secret
state:
  path: state
jobs:
  - name: erp
    source:
      directory: /var/spool/erp
    match: {by: reference, column: KUNNR}
    fields:
      email: {column: EMAIL}
)";

/// `good` with `old` (which must be there once) replaced.
inline std::string with(std::string old, std::string fresh, std::string text = good) {
  const std::size_t at = text.find(old);
  if (at == std::string::npos || text.find(old, at + 1) != std::string::npos) {
    throw std::logic_error("a test replaces what is not there once: " + old);
  }
  return text.replace(at, old.size(), fresh);
}

inline auto parse(const std::string& text) {
  return parse_settings(text, "/etc/patchbay/patchbay.yaml", surroundings());
}

/// The values, or the first fault as an exception that names it.
inline settings values(const std::string& text) {
  auto loaded = parse(text);
  if (!loaded) throw std::logic_error(loaded.error().front().message);
  return loaded->values;
}

/// The first fault as "CODE line:column key", or "good".
inline std::string fault_of(const std::string& text) {
  const auto loaded = parse(text);
  if (loaded) return "good";
  const placed_fault first = loaded.error().front();  // error() gives a copy
  return first.code + " " + std::to_string(first.line) + ":" + std::to_string(first.column) +
         (first.key.empty() ? "" : " " + first.key);
}

inline std::string message_of(const std::string& text) {
  const auto loaded = parse(text);
  return loaded ? "good" : loaded.error().front().message;
}

inline bool says(const std::string& text, const std::string& part) {
  return message_of(text).find(part) != std::string::npos;
}

}  // namespace patchbay::settings_test
