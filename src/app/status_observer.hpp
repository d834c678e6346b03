// An observer that passes everything on and tells systemd the progress, too, at most once a second
// and stage. Owned by the daemon, loop thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "patchbay/adapter/report/log_observer.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay {

class status_observer final : public observer {
 public:
  status_observer(observer& log, const clock& time) : log_(log), time_(time) {}

  /// Nobody is told before, nor after an empty one.
  void tell_to(std::function<void(const std::string&)> tell) { tell_ = std::move(tell); }

  void note(severity how, std::string_view event, std::string_view text,
            const log_fields& fields) override {
    log_.note(how, event, text, fields);
  }
  void name_customers(customer_naming name) override { log_.name_customers(std::move(name)); }
  void advance(const progress& now) override {
    log_.advance(now);
    if (!tell_) return;
    // A message for each PATCH would fill the socket that systemd reads.
    const instant at = time_.now();
    if (now.stage == stage_ && at < told_at_ + std::chrono::seconds(1)) return;
    stage_ = now.stage;
    told_at_ = at;
    tell_(progress_text(now));
  }

 private:
  observer& log_;
  const clock& time_;
  std::function<void(const std::string&)> tell_;
  std::string stage_;
  instant told_at_{0};
};

}  // namespace patchbay
