#include "patchbay/model/stop.hpp"

#include <stdexcept>

namespace patchbay {

void throw_exception_from_error(const stop& error, const boost::source_location&) {
  throw std::logic_error(error.code + ": " + error.message);
}

}  // namespace patchbay
