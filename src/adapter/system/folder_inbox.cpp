#include "patchbay/adapter/system/folder_inbox.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>

#include "drop_file.hpp"
#include "marker_file.hpp"
#include "patchbay/policy/drop_order.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::string folder_name(folder where) {
  switch (where) {
    case folder::working:
      return "working";
    case folder::archive:
      return "archive";
    case folder::held:
      return "held";
    case folder::failed:
      return "failed";
  }
  return "";
}

std::string day_of(wall_time when) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(when));
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[sizeof "2026-11-23"];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

/// As day_of() writes it.
bool is_day(const std::string& name) {
  constexpr std::string_view shape = "dddd-dd-dd";
  if (name.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool digit = name[i] >= '0' && name[i] <= '9';
    if (shape[i] == 'd' ? !digit : name[i] != shape[i]) return false;
  }
  return true;
}

wall_time modified(const struct stat& about) {
  return wall_time(
      std::chrono::duration_cast<milliseconds>(std::chrono::seconds(about.st_mtim.tv_sec) +
                                               std::chrono::nanoseconds(about.st_mtim.tv_nsec)));
}

/// A name as a folder holds it: no path, nothing hidden (which is what our own unfinished
/// copies are).
bool is_plain(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

fault unsafe_name(const std::string& name) {
  return {"DROP_UNSAFE", "\"" + name +
                             "\" is not taken: a drop's name is not hidden and holds "
                             "no slash"};
}

/// Names in a folder, hidden ones left out.
result<std::vector<std::string>> names_in(const open_folder& where) {
  const int again = ::openat(where.opened.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(again < 0 ? nullptr : ::fdopendir(again),
                                                    &::closedir);
  if (!listing) {
    return fault{"FOLDER_UNUSABLE",
                 where.path.string() + " cannot be listed: " + std::strerror(errno)};
  }
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(listing.get())) {
    if (is_plain(entry->d_name)) names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// `stored_as` taken apart: "2026-11-23/a.csv" lies in a folder of archive/.
struct stored_name {
  std::string day;  ///< empty but in archive/
  std::string leaf;
};

result<stored_name> taken_apart(const std::string& stored_as, folder where) {
  stored_name parts{"", stored_as};
  const std::size_t slash = stored_as.find('/');
  if (where == folder::archive && slash != std::string::npos) {
    parts = {stored_as.substr(0, slash), stored_as.substr(slash + 1)};
    if (!is_plain(parts.day)) return unsafe_name(stored_as);
  }
  if (!is_plain(parts.leaf)) return unsafe_name(stored_as);
  return parts;
}

bool lies_there(const open_folder& where, const std::string& name) {
  struct stat about {};
  return ::fstatat(where.opened.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0;
}

/// As drops count, and of two that count alike the one written first.
bool counts_before(const waiting_drop& one, const waiting_drop& other) {
  const auto in_line = [](const waiting_drop& drop) {
    drop_record record;
    record.file = drop.file;
    record.sequence = drop.marker.sequence;
    record.as_of = drop.marker.as_of;
    return record;
  };
  const drop_record a = in_line(one);
  const drop_record b = in_line(other);
  if (comes_before(a, b)) return true;
  return !comes_before(b, a) && one.modified < other.modified;
}

/// One of our folders, and the day's within archive/.
result<open_folder> open_place(const open_folder& drops, folder where, const std::string& day,
                               bool make) {
  result<open_folder> ours = open_below(drops, folder_name(where), make);
  if (!ours || where != folder::archive || day.empty()) return ours;
  return open_below(*ours, day, make);
}

}  // namespace

folder_inbox::folder_inbox(const source_spec& source)
    : directory_(source.directory),
      pattern_(source.pattern),
      complete_(source.complete),
      quiet_for_(source.quiet_for) {}

bool folder_inbox::matches(const std::string& name) const {
  if (::fnmatch(pattern_.c_str(), name.c_str(), FNM_PERIOD) == 0) return true;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (!name.ends_with(packed)) continue;
    const std::string inner = name.substr(0, name.size() - packed.size());
    if (::fnmatch(pattern_.c_str(), inner.c_str(), FNM_PERIOD) == 0) return true;
  }
  return false;
}

folder_inbox::sighting folder_inbox::sighting_of(const struct stat& about) {
  return {about.st_ino, std::int64_t{about.st_ctim.tv_sec} * 1'000'000'000 + about.st_ctim.tv_nsec};
}

result<std::vector<waiting_drop>> folder_inbox::waiting() {
  const result<open_folder> drops = open_directory(directory_);
  if (!drops) return drops.error();
  const result<std::vector<std::string>> names = names_in(*drops);
  if (!names) return names.error();
  const wall_time now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  std::vector<waiting_drop> found;
  for (const std::string& name : *names) {
    struct stat about {};
    if (!matches(name) ||
        ::fstatat(drops->opened.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    if (S_ISDIR(about.st_mode)) continue;
    const auto refused = refused_.find(name);
    if (refused != refused_.end() && refused->second == sighting_of(about)) continue;
    const wall_time changed = modified(about);
    if (complete_ == completion::quiet && now - changed < quiet_for_) continue;
    waiting_drop one{name, directory_ / name, about.st_size, changed, {}};
    if (complete_ == completion::marker) {
      const std::optional<std::string> marker = marker_beside_in(*drops, name);
      if (is_marker_name(name) || !marker) continue;
      const result<drop_marker> said = read_marker(*drops, *marker);
      if (said) one.marker = *said;
    }
    found.push_back(std::move(one));
  }
  std::stable_sort(found.begin(), found.end(), counts_before);
  return found;
}

result<std::optional<drop_marker>> folder_inbox::marker_of(const fs::path& drop) const {
  if (complete_ != completion::marker) return std::optional<drop_marker>();
  const result<open_folder> folder = open_directory(drop.parent_path());
  if (!folder) return folder.error();
  const std::string name = drop.filename().string();
  const std::optional<std::string> marker = marker_beside_in(*folder, name);
  if (!marker) return std::optional<drop_marker>();
  result<drop_marker> said = read_marker(*folder, *marker);
  if (!said) return said.error();
  const result<open_drop> file = open_safely(folder->opened.get(), name, drop);
  if (!file) return file.error();
  if (const result<void> same = compare_with_file(*said, *file, name); !same) return same.error();
  return std::optional(*said);
}

/// The marker follows its drop, under the drop's new name.
result<void> folder_inbox::move_marker(const open_folder& from, const std::string& drop,
                                       const open_folder& to, const std::string& stored_as) const {
  if (complete_ != completion::marker) return {};
  const std::optional<std::string> marker = marker_beside_in(from, drop);
  if (!marker) return {};
  const std::string ending = marker->substr(marker->rfind('.'));
  const result<std::string> moved = move_durably(from, *marker, to, stored_as + ending);
  if (!moved) return moved.error();
  return {};
}

result<std::string> folder_inbox::claim(const waiting_drop& drop) {
  if (!is_plain(drop.file)) return unsafe_name(drop.file);
  const result<open_folder> drops = open_directory(directory_);
  if (!drops) return drops.error();
  const result<open_drop> seen =
      open_safely(drops->opened.get(), drop.file, directory_ / drop.file);
  if (!seen) {
    struct stat about {};
    if (::fstatat(drops->opened.get(), drop.file.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0) {
      refused_.insert_or_assign(drop.file, sighting_of(about));
    }
    return seen.error();
  }
  const result<open_folder> working = open_place(*drops, folder::working, "", true);
  if (!working) return working.error();
  result<std::string> name = move_durably(*drops, drop.file, *working, drop.file);
  if (!name) return name;
  // Between the look and the rename somebody may have put another file in its place.
  const result<open_drop> got = open_safely(working->opened.get(), *name, directory_ / drop.file);
  if (got) {
    const result<void> followed = move_marker(*drops, drop.file, *working, *name);
    if (!followed) return followed.error();
    return name;
  }
  const result<std::string> back = move_durably(*working, *name, *drops, drop.file);
  return back ? got.error() : back.error();
}

result<std::string> folder_inbox::copy_in(const fs::path& from) {
  const std::string leaf = from.filename().string();
  if (!is_plain(leaf)) return unsafe_name(leaf);
  const result<open_drop> seen = open_safely(AT_FDCWD, from.string(), from);
  if (!seen) return seen.error();
  const result<open_folder> drops = open_directory(directory_);
  if (!drops) return drops.error();
  const result<open_folder> working = open_place(*drops, folder::working, "", true);
  if (!working) return working.error();
  result<std::string> name = copy_durably(*seen, from, *working, leaf);
  const result<open_folder> source =
      open_directory(from.parent_path().empty() ? "." : from.parent_path());
  if (!name || !source || complete_ != completion::marker) return name;
  const std::optional<std::string> marker = marker_beside_in(*source, leaf);
  if (!marker) return name;
  const result<open_drop> said = open_safely(source->opened.get(), *marker, source->path / *marker);
  if (!said) return said.error();
  const result<std::string> copied = copy_durably(*said, source->path / *marker, *working,
                                                  *name + marker->substr(marker->rfind('.')));
  if (!copied) return copied;
  return name;
}

result<std::string> folder_inbox::move(const std::string& stored_as, folder from, folder to,
                                       wall_time when) {
  const result<stored_name> parts = taken_apart(stored_as, from);
  if (!parts) return parts.error();
  const result<open_folder> drops = open_directory(directory_);
  if (!drops) return drops.error();
  const fault missing{"DROP_MISSING", path_of(stored_as, from).string() + " is not there"};
  const result<open_folder> source = open_place(*drops, from, parts->day, false);
  if (!source && source.error().code != "FOLDER_MISSING") return source.error();
  const bool there = source && lies_there(*source, parts->leaf);
  if (from == to) {
    if (there) return stored_as;
    return missing;
  }
  const std::string day = to == folder::archive ? day_of(when) : "";
  const std::string prefix = day.empty() ? "" : day + "/";
  const result<open_folder> target = open_place(*drops, to, day, there);
  if (!there) {  // a killed process may have moved it and not lived to say so
    if (target && lies_there(*target, parts->leaf)) return prefix + parts->leaf;
    return missing;
  }
  if (!target) return target.error();
  const result<std::string> name = move_durably(*source, parts->leaf, *target, parts->leaf);
  if (!name) return name;
  const result<void> followed = move_marker(*source, parts->leaf, *target, *name);
  if (!followed) return followed.error();
  return prefix + *name;
}

result<std::int64_t> folder_inbox::forget_archive(wall_time before) {
  const result<open_folder> drops = open_directory(directory_);
  if (!drops) return drops.error();
  const result<open_folder> archive = open_below(*drops, folder_name(folder::archive), false);
  if (!archive && archive.error().code == "FOLDER_MISSING") return std::int64_t{0};
  if (!archive) return archive.error();
  const result<std::vector<std::string>> days = names_in(*archive);
  if (!days) return days.error();
  const std::string first_kept = day_of(before);
  std::int64_t gone = 0;
  for (const std::string& day : *days) {
    if (!is_day(day) || day >= first_kept) continue;
    const result<open_folder> one = open_below(*archive, day, false);
    if (!one) continue;  // a link, or a file: not ours
    const result<std::vector<std::string>> names = names_in(*one);
    if (!names) return names.error();
    for (const std::string& name : *names) {
      gone += ::unlinkat(one->opened.get(), name.c_str(), 0) == 0 ? 1 : 0;
    }
    ::unlinkat(archive->opened.get(), day.c_str(), AT_REMOVEDIR);
  }
  return gone;
}

result<std::vector<std::string>> folder_inbox::lying_in(folder where) {
  const result<open_folder> drops = open_directory(directory_);
  if (!drops) return drops.error();
  const result<open_folder> place = open_place(*drops, where, "", false);
  if (!place && place.error().code == "FOLDER_MISSING") return std::vector<std::string>();
  if (!place) return place.error();
  result<std::vector<std::string>> names = names_in(*place);
  if (!names || complete_ != completion::marker) return names;
  std::erase_if(*names, is_marker_name);
  // A process that was killed between the two renames left the marker behind.
  for (const std::string& name : *names) {
    if (lies_there(*drops, name) || marker_beside_in(*place, name)) continue;
    const result<void> followed = move_marker(*drops, name, *place, name);
    if (!followed) return followed.error();
  }
  return names;
}

fs::path folder_inbox::path_of(const std::string& stored_as, folder where) const {
  return directory_ / folder_name(where) / stored_as;
}

}  // namespace patchbay
