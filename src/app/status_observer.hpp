// An observer that passes everything on and keeps what the running jobs last said of their
// progress, for systemd's status. Owned by the daemon, loop thread.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "patchbay/port/observer.hpp"

namespace patchbay {

class status_observer final : public observer {
 public:
  explicit status_observer(observer& log) : log_(log) {}

  void note(severity how, std::string_view event, std::string_view text,
            const log_fields& fields) override {
    log_.note(how, event, text, fields);
  }
  [[nodiscard]] bool shows(severity how) const override { return log_.shows(how); }
  void name_customers(customer_naming name) override { log_.name_customers(std::move(name)); }
  void advance(const progress& now) override {
    log_.advance(now);
    running_.insert_or_assign(now.job, now);
  }

  /// The job's run has ended.
  void rests(const std::string& job) { running_.erase(job); }
  [[nodiscard]] std::vector<progress> running() const {
    std::vector<progress> all;
    for (const auto& [job, one] : running_) all.push_back(one);
    return all;
  }

 private:
  observer& log_;
  std::map<std::string, progress> running_;
};

}  // namespace patchbay
