// An expected failure as a value: a stable code for scripts and a sentence for people.
// Used as the error of `result<T>` everywhere; exceptions are left for bugs and a lost disk.
// Plain data, any thread.
#pragma once

#include <string>
#include <utility>

#include <boost/system/result.hpp>

namespace patchbay {

/// `code` is UPPER_SNAKE and never changes once released; `message` says cause and what to do.
/// A fault never carries a secret or a sensitive value.
struct fault {
  fault() = default;
  fault(std::string stable_code, std::string sentence)  // no aggregate: result<std::string>
      : code(std::move(stable_code)), message(std::move(sentence)) {}

  std::string code;
  std::string message;

  friend bool operator==(const fault&, const fault&) = default;
};

template <class T>
using result = boost::system::result<T, fault>;

/// `.value()` on a fault is a bug of the caller.
[[noreturn]] void throw_exception_from_error(const fault& error, const boost::source_location&);

}  // namespace patchbay
