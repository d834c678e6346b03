// What folder_inbox does to files, by descriptor: folders that are ours are opened without
// following links, a drop is looked at before it is trusted, a move never replaces and is durable
// when it returns. Blocking; stateless.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <sys/stat.h>

#include "descriptor.hpp"
#include "patchbay/model/fault.hpp"

namespace patchbay {

/// `name` with "-<number>" before its extension ("a.csv.gz" has the extension ".csv.gz"); number
/// 1 is the name itself.
[[nodiscard]] std::string numbered(std::string_view name, int number);

/// A folder and how it is called in messages.
struct open_folder {
  descriptor opened;
  std::filesystem::path path;
};

/// The drop directory itself; may be a link, it is the administrator's. FOLDER_MISSING,
/// FOLDER_UNUSABLE.
[[nodiscard]] result<open_folder> open_directory(const std::filesystem::path& path);
/// A folder below it, ours: made when `make`, never a link. FOLDER_MISSING, FOLDER_UNUSABLE.
[[nodiscard]] result<open_folder> open_below(const open_folder& above, const std::string& name,
                                             bool make);

/// A file that may be a drop: regular, one link, no symbolic one. DROP_MISSING, DROP_UNSAFE.
struct open_drop {
  descriptor opened;
  struct stat about {};
};
[[nodiscard]] result<open_drop> open_safely(int folder, const std::string& name,
                                            const std::filesystem::path& shown);

/// Renames `name` in `from` into `to` under the first free number of `wanted`; copies where the
/// two are on different file systems. Durable on return. The name it got, or DROP_MISSING,
/// DROP_NOT_MOVED.
[[nodiscard]] result<std::string> move_durably(const open_folder& from, const std::string& name,
                                               const open_folder& to, const std::string& wanted);
/// Copies the bytes and the modification time. DROP_CHANGED when they change meanwhile.
[[nodiscard]] result<std::string> copy_durably(const open_drop& from,
                                               const std::filesystem::path& shown,
                                               const open_folder& to, const std::string& wanted);

}  // namespace patchbay
