// port/plan_spool on a file without a name: the kernel takes it away with the process. Small plans
// stay in memory and touch no disk.
#pragma once

#include <filesystem>
#include <string>

#include "patchbay/port/plan_spool.hpp"

namespace patchbay {

class file_spool final : public plan_spool {
 public:
  /// `folder`: where the file is made once it is needed; the system's temporary one when it is not
  /// there. Bytes beyond `in_memory` go to the file.
  explicit file_spool(std::filesystem::path folder, std::size_t in_memory = std::size_t{4} << 20U);
  ~file_spool() override;
  file_spool(const file_spool&) = delete;
  file_spool& operator=(const file_spool&) = delete;

  std::uint64_t append(std::string_view bytes) override;
  void read(std::uint64_t place, std::span<char> into) override;

 private:
  void open();
  void write_out();

  std::filesystem::path folder_;
  std::size_t in_memory_;
  std::string tail_;           ///< behind what is in the file
  std::uint64_t written_ = 0;  ///< bytes in the file
  int file_ = -1;
};

}  // namespace patchbay
