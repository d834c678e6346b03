// The newest status, for whoever asks: gathered on the store's lane at most once a second, and
// less often where gathering is slow, so that looking costs the sending nothing. Who asks while the
// lane is busy gets what there was, after a while. One per configuration of a daemon; loop thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "live_observer.hpp"
#include "patchbay/app/composition.hpp"
#include "status_gathering.hpp"

namespace patchbay {

class status_desk {
 public:
  using told = std::function<void(const status_report&)>;

  status_desk(composition& all, const live_observer& live);
  /// Calls `then` once, from the loop, now or within seconds.
  void ask(told then);
  void runs_changed() { runs_changed_ = true; }
  /// Why the store could not be read the last time; empty: it could.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  [[nodiscard]] const owner_status& owner() const { return owner_; }  ///< this process
  /// Nobody is answered any more.
  void close();

 private:
  void gather();
  void gathered(std::exception_ptr failed);
  void answer_all();
  [[nodiscard]] status_report completed() const;

  composition& all_;
  const live_observer& live_;
  std::shared_ptr<status_gathering> gathering_;
  boost::asio::steady_timer patience_;
  owner_status owner_;
  std::shared_ptr<status_report> coming_;
  status_report there_;
  std::optional<instant> good_until_;
  instant begun_{0};
  bool runs_changed_ = true;
  std::vector<told> waiting_;
  std::string failure_;
};

}  // namespace patchbay
