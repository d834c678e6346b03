// port/inbox on a folder of the file system. The folder is shared with whoever delivers, so that
// nothing in it is trusted: files are opened without following links, claimed by a rename that
// never replaces, and looked at again after it. Every move is fsynced. Owned by the composition,
// one per job; one thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "patchbay/model/job.hpp"
#include "patchbay/port/inbox.hpp"

namespace patchbay {

struct open_folder;

class folder_inbox final : public inbox {
 public:
  /// Uses directory, pattern (also before .gz and .zst), complete and quiet_for.
  explicit folder_inbox(const source_spec& source);

  /// FOLDER_MISSING, FOLDER_UNUSABLE.
  [[nodiscard]] result<std::vector<waiting_drop>> waiting() override;
  [[nodiscard]] result<std::optional<drop_marker>> marker_of(
      const std::filesystem::path& drop) const override;
  /// DROP_MISSING, DROP_UNSAFE, FOLDER_MISSING, FOLDER_UNUSABLE, DROP_NOT_MOVED.
  [[nodiscard]] result<std::string> claim(const waiting_drop& drop) override;
  /// As claim(), and DROP_CHANGED when somebody writes to the file meanwhile.
  [[nodiscard]] result<std::string> copy_in(const std::filesystem::path& from) override;
  /// A name in archive/ begins with its day: "2026-11-23/a.csv".
  [[nodiscard]] result<std::string> move(const std::string& stored_as, folder from, folder to,
                                         wall_time when) override;
  [[nodiscard]] result<std::int64_t> forget_archive(wall_time before) override;
  [[nodiscard]] result<std::vector<std::string>> lying_in(folder where) override;
  [[nodiscard]] std::filesystem::path path_of(const std::string& stored_as,
                                              folder where) const override;

 private:
  /// Which file it was, and when it was touched last.
  struct sighting {
    std::uint64_t inode = 0;
    std::int64_t changed_ns = 0;
    friend bool operator==(const sighting&, const sighting&) = default;
  };
  [[nodiscard]] result<void> move_marker(const open_folder& from, const std::string& drop,
                                         const open_folder& to, const std::string& stored_as) const;
  [[nodiscard]] bool matches(const std::string& name) const;
  [[nodiscard]] static sighting sighting_of(const struct stat& about);

  std::filesystem::path directory_;
  std::string pattern_;
  completion complete_;
  milliseconds quiet_for_;
  /// Files that cannot be taken: said once, and again only when they are other ones.
  std::map<std::string, sighting> refused_;
};

}  // namespace patchbay
