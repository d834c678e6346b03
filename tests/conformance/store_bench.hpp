// A store of a test's own, on a file or in memory, and the few steps that every suite repeats:
// a drop is registered, staged and admitted; a PATCH is leased and settled.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "patchbay/adapter/store/sqlite_store.hpp"
#include "temp_folder.hpp"

namespace patchbay::testing {

constexpr const char* job = "erp";

inline instant at_second(double seconds) {
  return std::chrono::duration_cast<instant>(std::chrono::duration<double>(seconds));
}
inline wall_time on_day(int day) {
  return wall_time(std::chrono::hours(24 * day));
}
inline value text(std::string_view plain) {
  return string_value(plain);
}
inline field_values email(std::string_view address) {
  return {{"email", text(address)}};
}

inline staged_row row(const std::string& key, std::int64_t line, field_values fields) {
  staged_row made;
  made.key = key;
  made.id = "id-" + key;
  made.wanted.line = line;
  made.wanted.fields = std::move(fields);
  made.wanted.line_print = {7, static_cast<std::uint64_t>(line)};
  made.wanted.canonical_print = {8, static_cast<std::uint64_t>(line)};
  return made;
}

inline staged_row repeated_refusal(staged_row made) {
  made.wanted.counted = row_class::rejected;
  return made;
}

/// What intake would plan for these rows and nothing else.
inline totals plan_of(const std::vector<staged_row>& rows) {
  totals planned;
  for (const staged_row& one : rows) {
    ++planned.read;
    if (one.wanted.counted == row_class::rejected) {
      ++planned.rejected;
    } else if (one.wanted.counted == row_class::unchanged) {
      ++planned.unchanged;
    } else {
      ++planned.pending;
    }
  }
  return planned;
}

struct in_memory {
  static std::filesystem::path file(const temp_folder&) { return {}; }
};
struct on_disk {
  static std::filesystem::path file(const temp_folder& folder) {
    return folder.path() / "state" / "state.db";
  }
};

inline std::unique_ptr<sqlite_store> open_store(const std::filesystem::path& file,
                                                const std::string& process = "me",
                                                instant now = at_second(0)) {
  sqlite_options options;
  options.path = file;
  options.boot_id = "boot-1";
  options.process = process;
  options.process_alive = [](const std::string& other) { return other != "dead"; };
  return std::make_unique<sqlite_store>(std::move(options), now);
}

template <class Place>
class bench {
 public:
  bench() : file_(Place::file(folder_)), store_(open_store(file_)) {}

  sqlite_store* operator->() { return store_.get(); }
  sqlite_store& store() { return *store_; }
  [[nodiscard]] const temp_folder& folder() const { return folder_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  drop_number registered(const std::string& name = "a.csv") {
    drop_record record;
    record.job = job;
    record.file = name;
    record.stored_as = "working/" + name;
    return store_->register_drop(record);
  }
  drop_number staged(const std::vector<staged_row>& rows, const std::string& name = "a.csv") {
    const drop_number drop = registered(name);
    store_->stage(job, drop, rows);
    return drop;
  }
  drop_number admitted(const std::vector<staged_row>& rows, const std::string& name = "a.csv") {
    const drop_number drop = staged(rows, name);
    store_->admit(drop, plan_of(rows), on_day(1));
    return drop;
  }

  totals totals_of(drop_number drop) {
    for (const drop_record& one : store_->drops(job)) {
      if (one.number == drop) return one.totals;
    }
    return {};
  }
  customer_levels customer(const std::string& key) {
    std::vector<customer_levels> found = store_->lookup(job, std::span(&key, 1));
    return found.empty() ? customer_levels{} : std::move(found.front());
  }
  std::vector<std::string> pending_keys(wall_time now = on_day(1)) {
    std::vector<std::string> keys;
    for (const customer_levels& one : store_->pending(job, {}, 1000, now)) keys.push_back(one.key);
    return keys;
  }

  op_result commit(delivery_op op, instant now = at_second(1)) {
    return store_->commit(std::span(&op, 1), now).front();
  }
  /// The in-doubt mark of a PATCH of everything there is to send.
  slot_number lease_patch(const std::string& key, instant now = at_second(1)) {
    lease_request asked;
    asked.kind = request_class::patch;
    asked.job = job;
    asked.key = key;
    for (const auto& [name, wanted] : fields_to_send(customer(key))) asked.fields.push_back(name);
    return std::get<lease>(commit(asked, now)).slot.value_or(0);
  }
  settle ended(settle_kind kind, const std::string& key, slot_number slot, drop_number drop) {
    settle made;
    made.kind = kind;
    made.slot = slot;
    made.released_at = at_second(2);
    made.job = job;
    made.key = key;
    made.drop = drop;
    made.prove_after = at_second(30);
    made.run = "run-1";
    made.request_id = "req-1";
    made.at = on_day(1);
    return made;
  }
  settled_row settle_with(const settle& how, instant now = at_second(2)) {
    return std::get<settled_row>(commit(how, now));
  }
  /// Leases, and settles what the API confirmed.
  settled_row applied(const std::string& key) {
    const customer_levels before = customer(key);
    const drop_number drop = before.wanted ? before.wanted->drop : 0;
    const field_values sent = fields_to_send(before);
    settle how = ended(settle_kind::applied, key, lease_patch(key), drop);
    how.acknowledged = sent;
    return settle_with(how);
  }
  dead_letter letter(const std::string& key, const std::string& field, drop_number drop,
                     wall_time next_retry = on_day(2)) {
    dead_letter made;
    made.job = job;
    made.key = key;
    made.id = "id-" + key;
    made.drop = drop;
    made.file = "a.csv";
    made.line = 2;
    made.column = "Email";
    made.field = field;
    made.code = "VALIDATION_ERROR";
    made.message = "is invalid";
    made.request_id = "req-9";
    made.attempts = 1;
    made.since = on_day(1);
    made.next_retry = next_retry;
    return made;
  }
  /// Leases, and settles a refusal for good.
  void refused(const std::string& key, wall_time next_retry = on_day(2)) {
    const drop_number drop = customer(key).wanted->drop;
    settle how = ended(settle_kind::refused, key, lease_patch(key), drop);
    how.dead = {letter(key, "email", drop, next_retry)};
    settle_with(how);
  }

 private:
  temp_folder folder_;
  std::filesystem::path file_;
  std::unique_ptr<sqlite_store> store_;
};

}  // namespace patchbay::testing
