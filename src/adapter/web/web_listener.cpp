#include "patchbay/adapter/web/web_listener.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace patchbay {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using local = asio::local::stream_protocol;

constexpr std::string_view unix_prefix = "unix:";
constexpr mode_t owner_and_group = S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP;
constexpr int waiting_at_the_door = 64;

fault unavailable(const std::string& address, const std::string& why) {
  return {"HTTP_UNAVAILABLE", address + " cannot be listened on: " + why};
}

fault unavailable(const std::string& address, int why) {
  return unavailable(address, why == EADDRINUSE ? "another process listens there"
                                                : std::string(std::strerror(why)));
}

/// Host and port of host:port; an IPv6 host without its brackets, localhost as a number.
std::pair<std::string, std::string> parts_of(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return {};
  std::string host(address.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  return {std::move(host), std::string(address.substr(colon + 1))};
}

/// Whether somebody answers at the socket file.
bool answers(const std::filesystem::path& file) {
  asio::io_context unused;
  local::socket caller(unused);
  boost::system::error_code failed;
  caller.connect(local::endpoint(file.string()), failed);
  return !failed;
}

/// Takes the file of a process that is gone out of the way; anything else stays.
std::string make_way(const std::filesystem::path& file) {
  struct stat found {};
  if (::lstat(file.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return "the file is there already, and no socket";
  if (answers(file)) return "another process listens there";
  return ::unlink(file.c_str()) == 0 ? std::string() : std::string(std::strerror(errno));
}

int bound_to(int family, const void* where, std::size_t size) {
  const int made = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (made < 0) return -1;
  const int yes = 1;
  if (family != AF_UNIX) ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(made, static_cast<const sockaddr*>(where), static_cast<socklen_t>(size)) == 0) {
    return made;
  }
  const int why = errno;
  ::close(made);
  errno = why;
  return -1;
}

}  // namespace

result<web_listener> web_listener::open(const std::string& address) {
  web_listener made(-1);
  if (address.starts_with(unix_prefix)) {
    const std::filesystem::path file = address.substr(unix_prefix.size());
    if (file.string().size() >= sizeof(sockaddr_un::sun_path)) {
      return unavailable(address, "the path is longer than a socket's may be");
    }
    const std::string in_the_way = make_way(file);
    if (!in_the_way.empty()) return unavailable(address, in_the_way);
    const local::endpoint where(file.string());
    made.descriptor_ = bound_to(AF_UNIX, where.data(), where.size());
    if (made.descriptor_ < 0) return unavailable(address, errno);
    made.file_ = file;
    // Nobody can connect before listen(): the rights are right from the first moment.
    if (::chmod(file.c_str(), owner_and_group) != 0) return unavailable(address, errno);
  } else {
    const auto [host, port] = parts_of(address);
    boost::system::error_code failed;
    const asio::ip::address machine = asio::ip::make_address(host, failed);
    if (failed || !machine.is_loopback()) {
      return unavailable(address, "only this machine's own addresses are");
    }
    const auto number = static_cast<unsigned short>(std::strtoul(port.c_str(), nullptr, 10));
    const tcp::endpoint where(machine, number);
    made.descriptor_ = bound_to(where.protocol().family(), where.data(), where.size());
    if (made.descriptor_ < 0) return unavailable(address, errno);
  }
  if (::listen(made.descriptor_, waiting_at_the_door) != 0) return unavailable(address, errno);
  made.address_ = address;
  return made;
}

web_listener::web_listener(web_listener&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      address_(std::move(other.address_)),
      file_(std::exchange(other.file_, {})) {}

web_listener& web_listener::operator=(web_listener&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(address_, other.address_);
  std::swap(file_, other.file_);
  return *this;
}

web_listener::~web_listener() {
  if (descriptor_ < 0) return;
  if (!file_.empty()) ::unlink(file_.c_str());
  ::close(descriptor_);
}

std::string web_listener::host() const {
  if (!file_.empty()) return {};
  return address_.substr(0, address_.rfind(':'));
}

std::string web_listener::url() const {
  if (!file_.empty()) return address_;
  tcp::endpoint where;
  auto size = static_cast<socklen_t>(where.capacity());
  if (::getsockname(descriptor_, where.data(), &size) != 0) return "http://" + address_;
  return "http://" + host() + ":" + std::to_string(where.port());
}

}  // namespace patchbay
