// The drop directory of one job: what is waiting, claiming by rename, and moving a claimed file
// where the store says it belongs. Blocking; called from one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/model/drop.hpp"
#include "patchbay/model/fault.hpp"
#include "patchbay/model/marker.hpp"

namespace patchbay {

enum class folder { working, archive, held, failed };

struct waiting_drop {
  std::string file;  ///< name in the drop directory
  std::filesystem::path path;
  std::int64_t bytes = 0;
  wall_time modified{};
  drop_marker marker;  ///< what it says of the order; not compared with the file yet
};

class inbox {
 public:
  virtual ~inbox() = default;
  /// Complete drops that match the pattern, in the order in which they count (policy/drop_order).
  [[nodiscard]] virtual result<std::vector<waiting_drop>> waiting() = 0;
  /// What the marker beside a drop (in the drop directory, or in a folder of ours) says, its bytes
  /// and SHA-256 compared with the file; nullopt: there is none, or the job has no markers.
  /// MARKER_UNREADABLE, MARKER_BYTES_DIFFER, MARKER_SHA256_DIFFERS, DROP_MISSING, DROP_UNSAFE.
  [[nodiscard]] virtual result<std::optional<drop_marker>> marker_of(
      const std::filesystem::path& drop) const = 0;
  /// Renames into working/ (a taken name gets -2, -3 before the extension), its marker with it;
  /// the name there.
  /// DROP_UNSAFE for symlinks, several links, anything but a regular file.
  [[nodiscard]] virtual result<std::string> claim(const waiting_drop& drop) = 0;
  /// Copies a file from elsewhere into working/ (fsynced); the name there.
  [[nodiscard]] virtual result<std::string> copy_in(const std::filesystem::path& from) = 0;
  /// Moves `stored_as`, and its marker, between our folders; durable on return. Moving where it
  /// already lies is no error. archive/ gets a folder a day (UTC date of `when`). Gives the name
  /// there.
  [[nodiscard]] virtual result<std::string> move(const std::string& stored_as, folder from,
                                                 folder to, wall_time when) = 0;
  /// Removes the days of archive/ that ended before that moment; how many files went. What is not a
  /// regular file in a day's folder stays. FOLDER_UNUSABLE.
  [[nodiscard]] virtual result<std::int64_t> forget_archive(wall_time before) = 0;
  /// Names of files lying in working/ or held/.
  [[nodiscard]] virtual result<std::vector<std::string>> lying_in(folder where) = 0;
  [[nodiscard]] virtual std::filesystem::path path_of(const std::string& stored_as,
                                                      folder where) const = 0;
};

}  // namespace patchbay
