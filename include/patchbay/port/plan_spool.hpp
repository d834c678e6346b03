// Where a plan's changes are set aside while the drop is read, so that memory does not grow with
// them. Gone with the object; nothing of it survives the process. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace patchbay {

class plan_spool {
 public:
  virtual ~plan_spool() = default;
  /// The place of the bytes. A full disk is thrown as store_error (74).
  virtual std::uint64_t append(std::string_view bytes) = 0;
  /// Exactly what was appended there. store_error when the disk does not give it back.
  virtual void read(std::uint64_t place, std::span<char> into) = 0;
};

using plan_spool_maker = std::function<std::unique_ptr<plan_spool>()>;

}  // namespace patchbay
