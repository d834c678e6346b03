// A random walk over the store's operations beside a model that is simple enough to be right: what
// the API really holds, which requests are out or lost, and in which class each row is.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "store_bench.hpp"

namespace patchbay::testing {

inline constexpr double request_timeout = 30;  ///< s

void overwrite(field_values& at, const field_values& by);

class random_walk {
 public:
  random_walk(sqlite_store& store, std::uint64_t seed) : store_(store), dice_(seed) {}

  /// One operation, chosen at random, and then every check.
  void step();
  /// Everything is answered from now on: all must settle, as the ERP said last.
  void finish();

 private:
  struct sending {
    slot_number slot = 0;
    drop_number drop = 0;
    field_values fields;
  };
  /// Without an answer, but it may still arrive at the API until `until`.
  struct lost_request {
    field_values fields;
    instant until{0};
  };
  struct world_customer {
    field_values at_api;
    field_values said;  ///< by the ERP, last
    std::optional<sending> out;
    std::vector<lost_request> lost;
  };
  struct drop_rows {
    totals counted_by_plan;  ///< rows that were never staged
    std::map<std::string, row_class> fates;
    std::map<std::string, bool> confirmed;
  };

  bool chance(int percent) { return std::uniform_int_distribution(1, 100)(dice_) <= percent; }
  int below(int end) { return std::uniform_int_distribution(0, end - 1)(dice_); }
  std::string any_key() { return std::to_string(below(4)); }
  wall_time today() const { return on_day(day_); }
  customer_levels known(const std::string& key);

  void admit_some();
  std::optional<staged_row> row_for(const std::string& key, std::int64_t line);
  void overtake(const std::vector<staged_row>& rows);
  void learn(const std::string& key);
  void lease(const std::string& key);
  void answer(const std::string& key, int roll);
  void confirm(const std::string& key, bool all_taken);
  void fail(const std::string& key, settle_kind kind, bool for_good);
  void cancel(const std::string& key);
  void prove_or_close(const std::string& key);
  void read_back_unsent(const std::string& key, const customer_levels& before);
  void crash();
  void drop_dead(const std::string& key);
  void pass_time();
  void disturb();

  settle settle_for(const std::string& key, settle_kind kind) const;
  dead_letter letter_for(const std::string& key, const std::string& field) const;
  void on_settled(const settled_row& row, const customer_levels& before, row_class became);
  settled_row commit_settle(const settle& ended);

  void check();
  void check_totals();
  void check_customer(const customer_levels& one);
  void check_pending();

  sqlite_store& store_;
  std::mt19937_64 dice_;
  instant now_ = at_second(1);
  int day_ = 1;
  std::map<std::string, world_customer> world_;
  std::map<drop_number, drop_rows> drops_;
};

}  // namespace patchbay::testing
