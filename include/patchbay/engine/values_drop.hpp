// Drops that patchbay writes itself, for adopt and revert, in one dialect whatever the job's. They
// take the way of every drop (plan, budgets, hold, admit, archive), so that what an operator does
// to many customers is reviewed, bounded and accounted for like what an ERP does. They may be held
// while the ERP speaks: so they hold no value that would be an old one by then. A row of adopt is a
// key, and what is wanted of the customer is looked up when it is planned; a row of revert holds
// for each field what it puts back in the place of what (JSON; an empty cell says nothing).
#pragma once

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "patchbay/engine/pickup.hpp"
#include "patchbay/engine/reverting.hpp"
#include "patchbay/model/drop.hpp"
#include "patchbay/model/job.hpp"

namespace patchbay {

/// No line of the ERP's is known in a drop of ours, and none becomes known: whoever speaks there is
/// compared row by row.
class no_lines final : public line_set {
 public:
  [[nodiscard]] std::size_t size() const override { return 0; }
  [[nodiscard]] std::optional<std::size_t> find(fingerprint) const override { return std::nullopt; }
  [[nodiscard]] std::optional<std::size_t> find_customer(fingerprint, std::size_t) const override {
    return std::nullopt;
  }
  void find_each(std::span<const fingerprint>, std::span<std::size_t> places,
                 std::size_t&) const override {
    std::fill(places.begin(), places.end(), nowhere);
  }
  [[nodiscard]] bool has_values(std::size_t, fingerprint) const override { return false; }
  result<void> remove(std::span<const fingerprint>) override { return {}; }
  result<void> insert(std::span<const known_line>) override { return {}; }
};

/// How they are written: UTF-8, comma.
[[nodiscard]] csv_spec values_dialect();
/// True for fields whose values can be said again: those that the API shows and the store holds as
/// they are, not as a hash.
[[nodiscard]] bool can_be_said_again(const field_spec& field);
/// Header and rows.
[[nodiscard]] std::string adopt_header();
[[nodiscard]] std::string adopt_row(std::string_view key);
[[nodiscard]] std::string revert_header(const job_spec& job);
[[nodiscard]] std::string revert_row(const job_spec& job, std::string_view key,
                                     const put_backs& fields);

/// Who speaks in this file, by its header. Blocking. A file that cannot be read: the ERP.
[[nodiscard]] drop_origin origin_of(const pickup_parts& parts, const std::filesystem::path& drop);

/// The job and the parts with which a drop is planned. Outlives its plan.
struct drop_reading {
  job_spec job;
  intake_parts parts;
};
[[nodiscard]] drop_reading reading_of(const pickup_parts& parts, const job_spec& job,
                                      drop_origin origin);

}  // namespace patchbay
