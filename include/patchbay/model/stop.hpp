// Why a run ends before everything is settled. Each cause has one exit code (contract of the
// command line); what was not sent stays pending. Plain data.
#pragma once

#include <string>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace patchbay {

enum class stop_cause {
  drained,      ///< SIGINT, SIGTERM: 5 (a daemon: 0)
  deadline,     ///< 5
  unreachable,  ///< nothing can be connected, or TLS was refused, or a redirect: 69
  temporary,    ///< the target answers nobody, or only errors, for longer than give_up: 75
  forbidden,    ///< credentials or permission refused: 77
  secret,       ///< the secret file is missing or readable by others: 78
  misused,      ///< 406, 415, an answer that cannot be: our bug: 70
};

struct stop {
  stop_cause why = stop_cause::drained;
  std::string code;     ///< stable, for --json: TLS_REFUSED, API_FORBIDDEN, …
  std::string message;  ///< cause and what to do; no secret
};
[[noreturn]] void throw_exception_from_error(const stop& error, const boost::source_location&);

template <class T>
using unless_stopped = boost::system::result<T, stop>;

}  // namespace patchbay
