// The configuration file as values: load_settings() is the one door. Everything is checked here,
// so that nobody below has to doubt a setting. Called at start and at SIGHUP; reads one file and
// nothing else: whether the folders and the secret exist is asked by `check` and by whoever opens
// them, who find the place to point at in `places`.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "patchbay/app/config_scalars.hpp"
#include "patchbay/app/config_tree.hpp"
#include "patchbay/model/job.hpp"
#include "patchbay/model/zone.hpp"

namespace patchbay {

/// What the file is read against.
struct settings_surroundings {
  const zone_database& zones;
  environment variables;
  /// False for commands that never call the API (status, report, dead-letters): an environment
  /// variable that is not set in api.client_secret_file or api.ca_file then leaves that path empty,
  /// so that an operator's shell need not have the service's CREDENTIALS_DIRECTORY.
  bool needs_credentials = true;
};

struct loaded_settings {
  settings values;
  /// Where each value that was read stands, by its full name: "api.client_secret_file",
  /// "jobs[0].source.directory".
  std::map<std::string, config_place> places;
};

/// All faults, in the order of the file. Codes: CONFIG_FILE_MISSING, CONFIG_FILE_UNREADABLE,
/// CONFIG_TOO_LARGE, CONFIG_SYNTAX, CONFIG_TOO_DEEP, CONFIG_DUPLICATE_KEY, CONFIG_ALIAS,
/// CONFIG_TAG, CONFIG_UNKNOWN_KEY, CONFIG_WRONG_TYPE, CONFIG_MISSING, CONFIG_VALUE,
/// HTTP_NOT_LOOPBACK, STATE_URL_UNSUPPORTED.
[[nodiscard]] boost::system::result<loaded_settings, config_faults> load_settings(
    const std::filesystem::path& file, const settings_surroundings& around);

/// The same for text that lies in memory; `file` names it and gives the base of relative paths.
[[nodiscard]] boost::system::result<loaded_settings, config_faults> parse_settings(
    std::string_view text, const std::filesystem::path& file, const settings_surroundings& around);

/// A fault that is found later (the secret's file, a folder), at the place of its key.
[[nodiscard]] placed_fault placed_at(const loaded_settings& loaded, const std::string& key,
                                     std::string code, std::string message);

/// The environment of this process.
[[nodiscard]] environment process_environment();

}  // namespace patchbay
