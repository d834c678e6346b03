#include "patchbay/adapter/system/machine_zones.hpp"

#include <stdexcept>
#include <utility>

#include <date/tz.h>

namespace patchbay {
namespace {

class utc_zone final : public zone {
 public:
  [[nodiscard]] std::string name() const override { return "UTC"; }
  [[nodiscard]] local_time reading_at(wall_time when) const override {
    return local_time(when.time_since_epoch());
  }
  [[nodiscard]] wall_time moment_of(local_time reading) const override {
    return wall_time(reading.time_since_epoch());
  }
};

class machine_zone final : public zone {
 public:
  machine_zone(std::string name, const date::time_zone* found)
      : name_(std::move(name)), found_(found) {}

  [[nodiscard]] std::string name() const override { return name_; }

  [[nodiscard]] local_time reading_at(wall_time when) const override {
    return local_time(found_->to_local(when).time_since_epoch());
  }

  [[nodiscard]] wall_time moment_of(local_time reading) const override {
    const date::local_time<milliseconds> shown(reading.time_since_epoch());
    const date::local_info known = found_->get_info(shown);
    if (known.result == date::local_info::nonexistent) return known.first.end;
    // Unique, or shown twice: `first` is the offset that held before the clocks went back.
    return wall_time(reading.time_since_epoch() - known.first.offset);
  }

 private:
  std::string name_;
  const date::time_zone* found_;  ///< lives as long as the program, in the library's database
};

}  // namespace

std::shared_ptr<const zone> machine_zones::find(std::string_view name) const {
  if (name == "UTC") return std::make_shared<utc_zone>();
  try {
    const std::string asked(name);
    const date::time_zone* const found = date::locate_zone(asked);
    (void)found->get_info(date::sys_seconds());  // read now: a damaged file is found here
    return std::make_shared<machine_zone>(asked, found);
  } catch (const std::exception&) {  // the library's way to say that there is none
    return nullptr;
  }
}

std::vector<std::string> machine_zones::names() const {
  std::vector<std::string> known{"UTC"};
  try {
    for (const date::time_zone& one : date::get_tzdb().zones) {
      if (one.name() != "UTC") known.push_back(one.name());
    }
  } catch (const std::exception&) {  // no tzdata: UTC alone
    known.resize(1);
  }
  return known;
}

}  // namespace patchbay
