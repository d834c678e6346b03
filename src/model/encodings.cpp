#include "patchbay/model/encodings.hpp"

namespace patchbay {

const std::vector<std::string>& known_encodings() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made{"utf-8", "utf-16le", "utf-16be", "us-ascii"};
    for (int page = 1250; page <= 1258; ++page) made.push_back("windows-" + std::to_string(page));
    for (int part = 1; part <= 16; ++part) {
      if (part != 12) made.push_back("iso-8859-" + std::to_string(part));
    }
    return made;
  }();
  return names;
}

}  // namespace patchbay
