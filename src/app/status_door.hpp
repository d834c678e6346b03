// The listening socket of http.listen over the configurations of a daemon: the same address keeps
// the same socket, so that nobody is refused in between; another one is opened before the new
// configuration is taken over, for it may be taken. Owned by the daemon, loop thread.
#pragma once

#include <optional>

#include "patchbay/adapter/web/web_listener.hpp"
#include "patchbay/model/job.hpp"

namespace patchbay {

class status_door {
 public:
  /// Opens what the configuration asks for and is not open yet; it counts from turn() on.
  /// HTTP_UNAVAILABLE.
  [[nodiscard]] result<void> prepare(const settings& config);
  void turn();
  /// nullptr: nothing is listened on.
  [[nodiscard]] const web_listener* open() const { return open_ ? &*open_ : nullptr; }

 private:
  std::optional<web_listener> open_;
  std::optional<web_listener> next_;
  bool turns_ = false;
};

}  // namespace patchbay
