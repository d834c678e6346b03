// The kernel's clocks behind port/clock: CLOCK_BOOTTIME for intervals (it counts a suspended
// machine too, and all processes of one boot share it), the system clock for people, alarms on
// the loop. Owned by the composition; alarms are for the loop thread, now() and wall() for any.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "patchbay/port/clock.hpp"

namespace patchbay {

class real_clock final : public clock {
 public:
  explicit real_clock(boost::asio::io_context& loop) : loop_(loop) {}

  [[nodiscard]] instant now() const override;
  [[nodiscard]] wall_time wall() const override;
  [[nodiscard]] std::unique_ptr<alarm> make_alarm() override;

 private:
  boost::asio::io_context& loop_;
};

}  // namespace patchbay
