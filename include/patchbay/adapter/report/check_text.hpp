// The result of `patchbay check`, for people and for scripts. Pure.
#pragma once

#include <span>
#include <string>

namespace patchbay {

enum class check_grade {
  fine,
  warning,  ///< works, and somebody has to do something about it
  wrong,
};

/// One thing that was tested. `message`: what was found, and when it is not fine, what to do.
struct checked_thing {
  std::string name;
  check_grade grade = check_grade::fine;
  std::string code = {};  ///< stable, when it is not fine
  std::string message;
};

/// One line with its line end: {"schema_version":1,"fine":true,"checks":[…]}. `fine` is
/// true with warnings, too: `grade` (ok, warning, failed) tells them apart.
[[nodiscard]] std::string checks_json(std::span<const checked_thing> checks);
[[nodiscard]] std::string checks_text(std::span<const checked_thing> checks);

}  // namespace patchbay
