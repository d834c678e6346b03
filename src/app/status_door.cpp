#include "status_door.hpp"

#include <utility>

namespace patchbay {

result<void> status_door::prepare(const settings& config) {
  const auto is = [&config](const std::optional<web_listener>& one) {
    return one ? config.http_listen == one->address() : !config.http_listen;
  };
  if (turns_ && is(next_)) return {};
  next_.reset();
  turns_ = !is(open_);
  if (!turns_ || !config.http_listen) return {};
  result<web_listener> made = web_listener::open(*config.http_listen);
  if (!made) {
    turns_ = false;
    return made.error();
  }
  next_ = std::move(*made);
  return {};
}

void status_door::turn() {
  if (!std::exchange(turns_, false)) return;
  open_ = std::exchange(next_, std::nullopt);
}

}  // namespace patchbay
