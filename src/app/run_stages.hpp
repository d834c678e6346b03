// How long a run is at which stage, from what the observer hears: the stages and what lies between
// them add up to the whole run. One a run. Pure.
#pragma once

#include <map>
#include <string>

#include "patchbay/model/instant.hpp"

namespace patchbay {

class run_stages {
 public:
  explicit run_stages(instant begun) : since_(begun) {}

  void enter(const std::string& stage, instant now) {
    if (stage == stage_) return;
    took_[stage_] += now - since_;
    stage_ = stage;
    since_ = now;
  }

  /// By stage. `other`: before the first one was heard of (claiming, looking), and after the last.
  [[nodiscard]] std::map<std::string, nanoseconds> end(instant now) {
    enter("other", now);
    return took_;
  }

 private:
  std::string stage_ = "other";
  instant since_;
  std::map<std::string, nanoseconds> took_;
};

}  // namespace patchbay
