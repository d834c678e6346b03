#include "log_sinks.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include <spdlog/sinks/base_sink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "log_line.hpp"

namespace patchbay {
namespace {

/// Line ends and the progress line are ours.
class to_stderr final : public spdlog::sinks::base_sink<std::mutex> {
 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::fwrite(message.payload.data(), 1, message.payload.size(), stderr);
  }
  void flush_() override { std::fflush(stderr); }
};

/// Not connected: each datagram finds the journal that is there, also after it was restarted.
class to_journal final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit to_journal(const std::filesystem::path& socket)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    where_.sun_family = AF_UNIX;
    std::strncpy(where_.sun_path, socket.c_str(), sizeof where_.sun_path - 1);
    const timeval patience{.tv_sec = 1, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  ~to_journal() override {
    if (socket_ >= 0) ::close(socket_);
  }
  to_journal(const to_journal&) = delete;
  to_journal& operator=(const to_journal&) = delete;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (!send({message.payload.data(), message.payload.size()})) {
      ++lost_;
      return;
    }
    if (lost_ == 0) return;
    const std::string text = std::to_string(lost_) +
                             " entries of the log were lost: the journal "
                             "did not take them";
    if (send(journal_datagram({severity::warning, "log_lines_lost", text, {}, {}}))) lost_ = 0;
  }
  void flush_() override {}

  /// After one that was not taken in time, none is waited for until one is taken.
  bool send(std::string_view datagram) {
    const int how = MSG_NOSIGNAL | (lost_ > 0 ? MSG_DONTWAIT : 0);
    for (;;) {
      const ssize_t sent = ::sendto(socket_, datagram.data(), datagram.size(), how,
                                    reinterpret_cast<const sockaddr*>(&where_), sizeof where_);
      if (sent >= 0) return true;
      if (errno != EINTR) return false;
    }
  }

  int socket_;
  sockaddr_un where_{};
  std::size_t lost_ = 0;
};

}  // namespace

spdlog::sink_ptr stderr_sink() {
  return std::make_shared<to_stderr>();
}

spdlog::sink_ptr journal_sink(std::filesystem::path socket) {
  return std::make_shared<to_journal>(socket);
}

}  // namespace patchbay
