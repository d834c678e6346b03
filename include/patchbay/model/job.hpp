// The configuration as values: what app/settings reads from YAML and everyone below is given.
// Defaults are those of the documentation; each option says meaning, default and bounds.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/drop.hpp"
#include "patchbay/model/field.hpp"
#include "patchbay/model/instant.hpp"
#include "patchbay/model/window.hpp"

namespace patchbay {

/// A share (`20%`) of something, or an absolute number of customers or rows.
struct budget_limit {
  bool is_share = true;
  double share = 0;         ///< 0.20 for 20%; exceeded only with more than 10 rows concerned
  std::int64_t number = 0;  ///< exceeded when strictly more
};

struct field_budget {
  std::optional<budget_limit> changes;
  std::optional<budget_limit> clears;
};

/// Accident detectors; nullopt or false: off.
struct accident_spec {
  bool column_vanished = true;
  bool column_appeared = true;
  bool values_equal = true;
  bool key_changed = true;
  std::optional<double> emptiness_jumped = 0.10;  ///< points by which a column's empty cells grow
  std::optional<double> encoding_turned = 0.01;   ///< points by which misread rows grow
  std::optional<double> rows_fell = 0.10;         ///< of the rows of the snapshot before
};

struct budget_spec {
  budget_limit changes{.share = 0.20};
  budget_limit rejects{.share = 0.05};
  budget_limit absent{.share = 0.10};
  std::map<std::string, field_budget> fields;
  accident_spec accidents;
};

/// '\0': the dialect has none.
struct csv_spec {
  char delimiter = ',';
  char quote = '"';     ///< doubled inside a quoted cell
  char escape = '\0';   ///< takes the next character as it is, quoted or not
  char comment = '\0';  ///< a line that begins with it is passed over
  std::string encoding = "utf-8";
  bool decimal_comma = false;
};

enum class completion { rename, marker, quiet };

struct source_spec {
  std::filesystem::path directory;
  std::string pattern = "*.csv";
  completion complete = completion::rename;
  std::chrono::milliseconds quiet_for{0};
  drop_mode mode = drop_mode::snapshot;
  std::chrono::milliseconds keep = std::chrono::hours(24 * 90);
  csv_spec csv;
};

struct job_spec {
  std::string name;
  source_spec source;
  std::optional<std::string> schedule;  ///< cron, five fields; absent: as soon as a drop is there
  std::string timezone = "UTC";         ///< IANA name
  std::optional<std::string> deadline;  ///< "HH:MM" in the time zone
  std::chrono::milliseconds jitter{0};  ///< a scheduled run begins up to so much later
  std::vector<std::string> blackout;    ///< hours in which nothing is started, in the time zone
  mapping_spec mapping;
  budget_spec budgets;
  std::string digest;          ///< hex over everything above that a plan depends on
  std::string mapping_digest;  ///< hex over what the values of a row depend on: no budgets
};

struct retry_spec {
  int attempts = 6;  ///< tries of one record in a run, at least 1
  std::chrono::milliseconds base{500};
  std::chrono::milliseconds cap{60'000};
  std::chrono::milliseconds give_up{600'000};
};

struct api_spec {
  std::string base_url;  ///< https://host[:port]/api, without a slash at the end
  std::string token_url;
  std::string client_id;
  std::filesystem::path client_secret_file;
  std::optional<std::filesystem::path> ca_file;
  int sessions = 8;                     ///< 1 … 64
  std::optional<window_limit> average;  ///< absent: by the token's test flag
  std::optional<window_limit> burst;
  double reserve = 0;  ///< share of every window left for others, 0 … 0.9
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds request_timeout{15'000};
  retry_spec retry;
};

struct input_limits {
  std::int64_t drop_bytes = 64LL << 30;
  double decompressed_ratio = 200;
  std::int64_t line_bytes = 16 << 20;
  std::int64_t cell_bytes = 1 << 20;
  std::int64_t columns = 1000;
  std::int64_t reply_head_bytes = 16 << 10;
  std::int64_t reply_body_bytes = 8 << 20;  ///< unpacked
};

struct settings {
  std::filesystem::path file;  ///< the configuration itself
  api_spec api;
  std::filesystem::path state_path;
  std::filesystem::path key_file;  ///< default: seal.key in the state
  std::chrono::milliseconds history = std::chrono::hours(24 * 90);
  std::filesystem::path report_directory;  ///< default: reports in the state
  std::chrono::milliseconds report_keep = std::chrono::hours(24 * 90);
  std::optional<std::string> http_listen;  ///< a loopback address with port, or unix:/path
  std::optional<std::filesystem::path> metrics_textfile;  ///< for a node_exporter; *.prom
  std::string log_level = "info";                         ///< error | warning | info | debug
  std::string log_format;  ///< text | json | journal; empty: journal where stderr is, else text
  input_limits limits;
  std::vector<job_spec> jobs;
};

}  // namespace patchbay
