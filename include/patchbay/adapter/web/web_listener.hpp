// Where the pages are served: a bound, listening socket of this machine alone. It outlives the
// configurations of a daemon, so that nobody is refused while one gives way to the next; servers
// accept on copies of its descriptor. Owned by the daemon, loop thread.
#pragma once

#include <filesystem>
#include <string>

#include "patchbay/model/fault.hpp"

namespace patchbay {

class web_listener {
 public:
  /// 127.0.0.1:9464, [::1]:9464, localhost:9464 (port 0: any free one) or unix:/path, which gets
  /// mode 0660; the socket file of a process that is gone is replaced. HTTP_UNAVAILABLE.
  [[nodiscard]] static result<web_listener> open(const std::string& address);
  web_listener(web_listener&& other) noexcept;
  web_listener& operator=(web_listener&& other) noexcept;
  web_listener(const web_listener&) = delete;
  web_listener& operator=(const web_listener&) = delete;
  ~web_listener();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// As it was asked for.
  [[nodiscard]] const std::string& address() const { return address_; }
  /// The host part of the address; empty for a socket file.
  [[nodiscard]] std::string host() const;
  /// For people: http://127.0.0.1:9464, or unix:/path.
  [[nodiscard]] std::string url() const;

 private:
  explicit web_listener(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
  std::string address_;
  std::filesystem::path file_;  ///< of a socket file; removed at the end
};

}  // namespace patchbay
