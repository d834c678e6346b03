// An observer that passes everything on and tells systemd the progress, too. Owned by the daemon,
// loop thread.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "patchbay/adapter/report/log_observer.hpp"
#include "patchbay/port/observer.hpp"

namespace patchbay {

class status_observer final : public observer {
 public:
  status_observer(observer& log, std::function<void(const std::string&)> tell)
      : log_(log), tell_(std::move(tell)) {}

  void note(severity how, std::string_view event, std::string_view text,
            const log_fields& fields) override {
    log_.note(how, event, text, fields);
  }
  void advance(const progress& now) override {
    log_.advance(now);
    tell_(progress_text(now));
  }

 private:
  observer& log_;
  std::function<void(const std::string&)> tell_;
};

}  // namespace patchbay
