// Whether the thread of a lane still gets on: it answers a question that stands behind all that it
// was asked before, or it has used CPU time since the last look, as while it reads a large file or
// forgets old history. A thread that does neither hangs, on the disk as a rule. Owned by the
// daemon; loop thread.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "patchbay/model/instant.hpp"
#include "patchbay/port/clock.hpp"
#include "patchbay/port/lane.hpp"

namespace patchbay {

class lane_pulse {
 public:
  /// `name`: of the thread, as `ps -L` shows it (at most 15 characters).
  lane_pulse(lane& asked, boost::asio::io_context& loop, const clock& time, std::string name);
  ~lane_pulse();
  lane_pulse(const lane_pulse&) = delete;
  lane_pulse& operator=(const lane_pulse&) = delete;

  /// Looks, and asks again where the last question is answered. False: neither an answer nor work
  /// for `patience`, or no answer for `longest`, however much it works.
  [[nodiscard]] bool beats(nanoseconds patience, nanoseconds longest);
  [[nodiscard]] const std::string& name() const;

 private:
  struct state;
  void ask();

  lane& asked_;
  boost::asio::io_context& loop_;
  const clock& time_;
  std::shared_ptr<state> state_;
};

}  // namespace patchbay
