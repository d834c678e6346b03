// What `check` found, one entry a thing that was tested, and with which code it ends. Owned by the
// command.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "patchbay/adapter/report/check_text.hpp"
#include "patchbay/app/exit_code.hpp"
#include "patchbay/model/fault.hpp"
#include "patchbay/model/stop.hpp"

namespace patchbay {

struct findings {
  std::vector<checked_thing> checks;
  std::vector<exit_code> codes;

  void fine(std::string name, std::string message) {
    checks.push_back({std::move(name), check_grade::fine, {}, std::move(message)});
  }
  /// Works, and somebody has to do something about it.
  void warn(std::string name, const fault& why) {
    checks.push_back({std::move(name), check_grade::warning, why.code, why.message});
  }
  void wrong(std::string name, const fault& why, exit_code code) {
    checks.push_back({std::move(name), check_grade::wrong, why.code, why.message});
    codes.push_back(code);
  }
  void wrong(std::string name, const stop& why) {
    wrong(std::move(name), {why.code, why.message}, code_of(why.why));
  }
};

}  // namespace patchbay
