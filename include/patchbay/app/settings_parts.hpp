// The parts of load_settings(), one function a section of the file. For app/settings alone; each
// takes its section by value, reads every key it knows and finishes it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "patchbay/app/config_section.hpp"
#include "patchbay/app/settings.hpp"

namespace patchbay {

/// What all parts share.
struct settings_desk {
  const settings_surroundings& around;
  std::filesystem::path base;  ///< relative paths start here: the folder of the file

  [[nodiscard]] path_value path() const { return {around.variables, base}; }
};

/// Whether the host of an http:// or https:// address is this very machine.
[[nodiscard]] bool stays_here(std::string_view url);
void read_api(config_section section, const settings_desk& desk, api_spec& into);
void read_job(config_section section, const settings_desk& desk, job_spec& into);
void read_source(config_section section, const settings_desk& desk, source_spec& into);
void read_fields(config_section& job, mapping_spec& into);
void read_field(config_section section, field_spec& into);
void read_value_map(config_section section, const field_spec& field,
                    std::map<std::string, value>& into);
void read_budgets(config_section section, const mapping_spec& mapping, budget_spec& into);

/// A list of transforms, for `match` and for fields.
struct transforms_value {
  [[nodiscard]] std::string expected() const;
  config_reading<std::vector<transform>> operator()(const config_node& node) const;
};

/// What holds between jobs: names, folders, and that a field of a customer has one owner.
void check_jobs(const std::vector<job_spec>& jobs, config_notes& notes);

/// Kind and metadata path of a field's name; nullopt: the API has no such field.
[[nodiscard]] std::optional<field_spec> named_field(std::string_view name);

/// Over what a plan depends on (and `mapping_digest`: what a row's values depend on).
[[nodiscard]] std::string plan_digest(const api_spec& api, const job_spec& job);
[[nodiscard]] std::string mapping_digest(const api_spec& api, const job_spec& job);

}  // namespace patchbay
