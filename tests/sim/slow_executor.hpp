// Where a simulated lane runs: on the loop thread, one call after the other, each some virtual
// time after it was asked for. So a commit takes time as it does on a disk, and a kill can come
// before it, or after it and before anybody knew.
#pragma once

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>

#include "chance.hpp"
#include "patchbay/adapter/rehearsal/virtual_clock.hpp"

namespace patchbay::sim {

/// What copies of the executor share. Destroyed with its engine: what waits is then forgotten.
struct slow_disk {
  slow_disk(boost::asio::io_context& on, virtual_clock& world, std::uint64_t seed, nanoseconds most)
      : loop(on), time(world), luck(seed), slowest(most) {}

  boost::asio::io_context& loop;
  virtual_clock& time;
  chance luck;
  nanoseconds slowest;
  instant free_at{0};
  std::list<std::function<void()>> calls;
  std::shared_ptr<int> alive = std::make_shared<int>(0);
};

class slow_executor {
 public:
  explicit slow_executor(slow_disk& disk) : disk_(&disk) {}

  [[nodiscard]] boost::asio::execution_context& query(
      boost::asio::execution::context_t /*which*/) const noexcept {
    return disk_->loop;
  }
  [[nodiscard]] static constexpr boost::asio::execution::blocking_t query(
      boost::asio::execution::blocking_t /*which*/) noexcept {
    return boost::asio::execution::blocking.never;
  }
  [[nodiscard]] slow_executor require(
      boost::asio::execution::blocking_t::never_t /*which*/) const noexcept {
    return *this;
  }
  friend bool operator==(const slow_executor&, const slow_executor&) noexcept = default;

  template <class Work>
  void execute(Work work) const {
    slow_disk& disk = *disk_;
    auto kept = std::make_shared<Work>(std::move(work));
    disk.calls.push_back([kept] { (*kept)(); });
    const instant begin = std::max(disk.time.now(), disk.free_at);
    disk.free_at = begin + disk.luck.between(nanoseconds(0), disk.slowest);
    const std::weak_ptr<int> alive = disk.alive;
    disk.time.at(disk.free_at, [&disk, alive] {
      if (alive.expired()) return;
      const std::function<void()> next = std::move(disk.calls.front());
      disk.calls.pop_front();
      next();
    });
  }

 private:
  slow_disk* disk_;
};

}  // namespace patchbay::sim
