// The result of `patchbay check`, for people and for scripts. Pure.
#pragma once

#include <span>
#include <string>

namespace patchbay {

/// One thing that was tested. `message`: what was found, and when it is not fine, what to do.
struct checked_thing {
  std::string name;
  bool fine = true;
  std::string code = {};  ///< stable, when it is not fine
  std::string message;
};

/// One line with its line end: {"schema_version":1,"fine":true,"checks":[…]}.
[[nodiscard]] std::string checks_json(std::span<const checked_thing> checks);
[[nodiscard]] std::string checks_text(std::span<const checked_thing> checks);

}  // namespace patchbay
