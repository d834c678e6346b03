// Writes a file whole or not at all: aside, fsynced, renamed. What lies there under the name is
// replaced, never followed. Blocking.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "patchbay/model/fault.hpp"

namespace patchbay {

struct file_kind {
  bool for_all = false;  ///< else owner and group alone: values of customers may stand in it
  bool lasting = true;   ///< survives a power failure from the moment of the return on
};

/// Makes the folder when it is missing. FILE_NOT_WRITTEN.
[[nodiscard]] result<void> write_whole(const std::filesystem::path& path, std::string_view text,
                                       file_kind kind = {});

/// `above`/`inner`/`name`, where others may write into `above`: an `inner` that is a link is
/// refused. FILE_NOT_WRITTEN.
[[nodiscard]] result<void> write_whole_below(const std::filesystem::path& above,
                                             const std::string& inner, const std::string& name,
                                             std::string_view text);

/// Of what `write_whole_below` wrote; nothing happens when it is not there.
void remove_below(const std::filesystem::path& above, const std::string& inner,
                  const std::string& name);

}  // namespace patchbay
