#include "own_drop.hpp"

#include <fstream>

#include <stdlib.h>

namespace patchbay {
namespace {

namespace fs = std::filesystem;

fault unwritable(const fs::path& where) {
  return {"STATE_NOT_WRITTEN", where.string() +
                                   " cannot be written: look at the space and the "
                                   "rights there, or set TMPDIR to another folder"};
}

}  // namespace

own_drop_folder::~own_drop_folder() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

result<fs::path> own_drop_folder::write(const std::string& name,
                                        const std::function<void(std::ostream&)>& fill) {
  if (folder_.empty()) {
    std::error_code failed;
    std::string made = (fs::temp_directory_path(failed) / "patchbay-XXXXXX").string();
    if (failed || ::mkdtemp(made.data()) == nullptr) return unwritable(made);
    folder_ = made;
  }
  fs::path file = folder_ / name;
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  fill(out);
  out.close();
  if (!out) return unwritable(file);
  return file;
}

}  // namespace patchbay
