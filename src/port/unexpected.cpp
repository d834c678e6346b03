// `.value()` on a failure is a bug of the caller: the exceptions that say so.
#include <stdexcept>

#include "patchbay/port/drop_reader.hpp"
#include "patchbay/port/exchange.hpp"

namespace patchbay {

void throw_exception_from_error(const no_reply& error, const boost::source_location&) {
  throw std::logic_error("no reply: " + error.message);
}

void throw_exception_from_error(const row_fault& error, const boost::source_location&) {
  throw std::logic_error(error.code + ": " + error.message);
}

}  // namespace patchbay
