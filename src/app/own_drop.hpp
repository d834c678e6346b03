// A folder for drops that patchbay writes itself, until a pass has copied them into working/. Gone
// with the object; readable by us alone.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

#include "patchbay/model/fault.hpp"

namespace patchbay {

class own_drop_folder {
 public:
  own_drop_folder() = default;
  own_drop_folder(const own_drop_folder&) = delete;
  own_drop_folder& operator=(const own_drop_folder&) = delete;
  ~own_drop_folder();

  /// Where it was written to. STATE_NOT_WRITTEN: the folder for temporary files is full, or of no
  /// use.
  [[nodiscard]] result<std::filesystem::path> write(const std::string& name,
                                                    const std::function<void(std::ostream&)>& fill);

 private:
  std::filesystem::path folder_;
};

}  // namespace patchbay
