// What the pieces of sqlite_store share: the connection, job numbers, and loading a customer.
// Private to adapter/store.
#pragma once

#include <map>
#include <string>

#include "database.hpp"
#include "patchbay/adapter/store/sqlite_store.hpp"

namespace patchbay {

/// A doubt with what only the store needs to remember of it.
struct kept_doubt {
  doubt now;
  bool was_unanswered = false;  ///< an attempt before the present one got no definite answer
};

struct sqlite_store::parts {
  explicit parts(sqlite_options given) : options(std::move(given)), base(options.path) {}

  sqlite_options options;
  database base;
  std::map<std::string, std::int64_t, std::less<>> job_numbers;
  std::int64_t commits = 0;

  /// The job's number; made when it is new.
  std::int64_t job_number(std::string_view job);
  std::string job_name(std::int64_t number);
  /// Everything of one customer; nullopt when it is not known.
  std::optional<customer_levels> load(std::int64_t job, std::string_view job_name,
                                      const std::string& key);
  std::optional<kept_doubt> load_doubt(std::int64_t job, const std::string& key);
  std::vector<dead_letter> load_letters(std::int64_t job, std::string_view job_name,
                                        const std::string& key);
  void save_acknowledged(std::int64_t job, const customer_levels& customer);
  /// Moves one row of a drop from one class to another.
  void recount(drop_number drop, row_class from, row_class to, std::int64_t rows = 1);
  void delete_wanted(std::int64_t job, const std::string& key, drop_number drop);
  void count_as(std::int64_t job, const std::string& key, wanted_row& row, row_class to);
  /// Slots in flight of processes that no longer run are released at `now`.
  void release_dead_leases(instant now);
};

/// JSON object text to values; a damaged one is a store_error that names where.
[[nodiscard]] field_values values_of(const std::string& json, const char* where);
[[nodiscard]] std::optional<std::string> text_or_null(const field_values& values);

[[nodiscard]] inline std::int64_t number_of(wall_time at) {
  return at.time_since_epoch().count();
}
[[nodiscard]] inline wall_time time_of(std::int64_t ms) {
  return wall_time(std::chrono::milliseconds(ms));
}

}  // namespace patchbay
