// The store as the engine gets it in a simulation: the real one, and a word about everything that
// becomes durable and that the checker must know of. Loop thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "patchbay/port/delivery_store.hpp"
#include "patchbay/port/intake_store.hpp"

namespace patchbay::sim {

/// Each may be empty; what they hear is durable.
struct store_ears {
  std::function<void(const delivery_op&, const op_result&)> on_committed = {};
  /// A commit that the disk refused: it may be found durable all the same.
  std::function<void(std::span<const delivery_op>)> on_lost = {};
  /// An admit: of these customers more, or something else, is wanted now.
  std::function<void(drop_number, const std::set<std::string>&)> on_admitted = {};
  std::function<void(std::string_view job, const learned_customer&)> on_learned = {};
};

class watched_delivery final : public delivery_store {
 public:
  watched_delivery(delivery_store& inner, store_ears ears)
      : inner_(inner), ears_(std::move(ears)) {}

  std::vector<customer_levels> pending(std::string_view job, const pending_cursor& after,
                                       std::size_t most, wall_time now) override {
    return inner_.pending(job, after, most, now);
  }
  std::vector<customer_levels> forgotten(std::string_view job, const std::string& after,
                                         std::size_t most, wall_time now) override {
    return inner_.forgotten(job, after, most, now);
  }
  std::int64_t count_pending(std::string_view job, wall_time now) override {
    return inner_.count_pending(job, now);
  }
  std::vector<customer_levels> refused_addresses(std::string_view job) override {
    return inner_.refused_addresses(job);
  }
  std::vector<op_result> commit(std::span<const delivery_op> ops, instant now) override;
  void recover(instant now, nanoseconds prove_after) override { inner_.recover(now, prove_after); }

 private:
  delivery_store& inner_;
  store_ears ears_;
};

class watched_intake final : public intake_store {
 public:
  watched_intake(intake_store& inner, store_ears ears) : inner_(inner), ears_(std::move(ears)) {}

  store_identity identity() override { return inner_.identity(); }
  drop_number register_drop(const drop_record& record) override {
    return inner_.register_drop(record);
  }
  void update_drop(const drop_record& record) override { inner_.update_drop(record); }
  std::vector<drop_record> drops(std::string_view job) override { return inner_.drops(job); }
  std::vector<customer_levels> lookup(std::string_view job,
                                      std::span<const std::string> keys) override {
    return inner_.lookup(job, keys);
  }
  std::vector<std::pair<std::string, std::string>> owners(
      std::string_view job, std::span<const std::string> ids) override {
    return inner_.owners(job, ids);
  }
  std::vector<std::string> keys_after(std::string_view job, std::string_view after,
                                      std::size_t most) override {
    return inner_.keys_after(job, after, most);
  }
  std::int64_t known_customers(std::string_view job) override {
    return inner_.known_customers(job);
  }
  void learn(std::string_view job, std::span<const learned_customer> customers) override;
  void stage(std::string_view job, drop_number drop, std::span<const staged_row> rows) override;
  void admit(drop_number drop, const totals& planned, wall_time now) override;
  void unstage(drop_number drop) override;
  void save_rejects(drop_number drop, std::span<const reject_entry> rejects) override {
    inner_.save_rejects(drop, rejects);
  }
  std::vector<std::pair<std::string, std::string>> groups() override { return inner_.groups(); }
  void save_groups(std::span<const std::pair<std::string, std::string>> groups) override {
    inner_.save_groups(groups);
  }

 private:
  intake_store& inner_;
  store_ears ears_;
  std::map<drop_number, std::set<std::string>> staged_;
};

}  // namespace patchbay::sim
