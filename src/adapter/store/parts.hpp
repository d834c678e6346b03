// What the pieces of sqlite_store share: the connection, jobs, and one customer's rows. The
// functions are parts of a transaction that the caller holds. Private to adapter/store.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database.hpp"
#include "patchbay/adapter/store/sqlite_store.hpp"
#include "patchbay/policy/windows.hpp"

namespace patchbay {

struct sqlite_store::parts {
  explicit parts(sqlite_options given)
      : options(std::move(given)), base(options.path, options.read_only) {}

  sqlite_options options;
  database base;
  std::int64_t commits = 0;
  nanoseconds longest_window{0};  ///< of all leases ever asked for: slots are kept that long
  std::map<request_class, window_log> slots;  ///< as in the table, while nobody else has written
  std::int64_t slots_version = -1;            ///< of the data, when `slots` were last right
};

/// How the database numbers a job.
using job_number = std::int64_t;
constexpr job_number no_job = 0;

/// What the store keeps of an admitted row beside what delivery sees.
struct kept_row {
  wanted_row row;
  bool confirmed = false;                 ///< a PATCH built from this row was taken by the API
  drop_origin origin = drop_origin::erp;  ///< of its drop
};

/// `no_job` when it is not known.
[[nodiscard]] job_number find_job(database& base, std::string_view name);
/// Makes it when it is new.
[[nodiscard]] job_number need_job(database& base, std::string_view name);

/// Id, acknowledged, echoed and waived; nullopt when the customer is not known.
[[nodiscard]] std::optional<customer_levels> load_customer(database& base, job_number job,
                                                           std::string_view key);
/// The newest admitted row.
[[nodiscard]] std::optional<kept_row> load_wanted(database& base, job_number job,
                                                  std::string_view key);
/// Of that row; 0: there is none.
[[nodiscard]] std::int64_t line_wanted(database& base, job_number job, std::string_view key);
/// In the order in which they were saved, without the name of the job.
[[nodiscard]] std::vector<dead_letter> load_letters(database& base, job_number job,
                                                    std::string_view key);

/// Everything that delivery and intake know of the known ones among `keys`.
[[nodiscard]] std::vector<customer_levels> load_all(database& base, std::string_view job,
                                                    std::span<const std::string> keys);

void save_customer(database& base, job_number job, const customer_levels& customer);
/// Acknowledged and echoed alone: the indexes stay as they are.
void save_values(database& base, job_number job, const customer_levels& customer);
void save_letters(database& base, job_number job, const std::vector<dead_letter>& letters);
void delete_letters(database& base, job_number job, std::string_view key);
void delete_wanted(database& base, job_number job, std::string_view key, drop_number drop);

/// Moves rows of a drop from one class to another.
void recount(database& base, drop_number drop, row_class from, row_class to, std::int64_t rows = 1);
/// The same for one admitted row, which remembers it.
void count_as(database& base, job_number job, std::string_view key, wanted_row& row, row_class to);
/// Writes down when pending() shows the row: at once, or for a rejected one without a doubt to be
/// proven, when the first of its dead letters is due.
void reckon_due(database& base, job_number job, std::string_view key);

/// JSON object text to values; a damaged one is a store_error that names where.
[[nodiscard]] field_values values_of(const std::string& json, const char* where);
[[nodiscard]] std::optional<std::string> text_or_null(const field_values& values);

/// A read is the API's word, but for the form in which it keeps what was asked: nothing flaps.
void merge_read(customer_levels& customer, const field_values& read);
/// Every wanted field is acknowledged.
[[nodiscard]] bool fulfilled(const customer_levels& customer, const wanted_row& row);

template <class Enumeration>
[[nodiscard]] constexpr std::int64_t code_of(Enumeration named) {
  return static_cast<std::int64_t>(named);
}
[[nodiscard]] inline std::int64_t ms_of(wall_time at) {
  return at.time_since_epoch().count();
}
[[nodiscard]] inline wall_time time_of(std::int64_t ms) {
  return wall_time(std::chrono::milliseconds(ms));
}

}  // namespace patchbay
