// A repeated error is said once and then counted (but for what is something new each time): one
// entry a kind, job and sentence, at most `most` of them, so that neither the log nor memory grows
// with the trouble. What is not said again for a whole span is said to be over. Pure; for
// log_observer alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "log_line.hpp"

namespace patchbay {

class log_repeats {
 public:
  static constexpr std::chrono::minutes span{10};
  static constexpr std::size_t most = 128;

  /// What has to be said of one that was repeated.
  struct count {
    severity how = severity::warning;
    std::string event;
    std::string text;
    log_fields fields;
    std::int64_t times = 0;  ///< not said since the last word
    nanoseconds during{0};
    bool over = false;  ///< a whole span without it; `times` is then the sum
  };

  /// True: say it. False: it is counted. To be called after due(), which forgets what is over.
  bool is_new(const log_entry& entry, instant now);
  /// The counts that are to be said by now; with `all`, every one (the end of the process).
  [[nodiscard]] std::vector<count> due(instant now, bool all = false);

 private:
  struct kept {
    severity how = severity::warning;
    std::string event;
    std::string text;        ///< as it was said last
    std::string shape;       ///< the same without its numbers
    log_fields fields;       ///< job and drop: what the sentence speaks of
    std::int64_t times = 0;  ///< in this span, beyond the one that was said
    std::int64_t sum = 0;    ///< in all spans
    instant first{0};
    instant span_began{0};
  };
  [[nodiscard]] static count said_of(kept& one, instant now);

  std::list<kept> kept_;  ///< the one that was first said longest ago stands first
  std::vector<count> put_out_;
};

/// The count as a sentence.
[[nodiscard]] std::string repeat_text(const log_repeats::count& counted);

}  // namespace patchbay
