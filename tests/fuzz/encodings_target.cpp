// Bytes of any encoding become valid UTF-8 or are refused; UTF-16 gives the same whatever the room
// that its reader has.
#include <algorithm>

#include "cell_encoding.hpp"
#include "fuzz_target.hpp"
#include "patchbay/model/encodings.hpp"
#include "patchbay/model/text.hpp"
#include "utf16_source.hpp"

namespace {

using namespace patchbay;

class memory_source final : public byte_source {
 public:
  memory_source(std::string bytes, std::size_t at_once)
      : bytes_(std::move(bytes)), at_once_(at_once) {}
  result<std::size_t> read(std::span<char> room) override {
    const std::size_t size = std::min({room.size(), at_once_, bytes_.size() - at_});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), size, room.begin());
    at_ += size;
    return size;
  }
  [[nodiscard]] std::int64_t read_of_file() const override {
    return static_cast<std::int64_t>(at_);
  }

 private:
  std::string bytes_;
  std::size_t at_once_;
  std::size_t at_ = 0;
};

/// nullopt: the drop is refused.
std::optional<std::string> converted(const std::string& bytes, const std::string& encoding,
                                     std::size_t room_bytes) {
  const auto source = utf8_of(std::make_unique<memory_source>(bytes, room_bytes), encoding);
  std::string made;
  std::string room(room_bytes, '\0');
  while (true) {
    const result<std::size_t> got = source->read(room);
    if (!got) return std::nullopt;
    if (*got == 0) return made;
    made.append(room, 0, *got);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const auto& names = known_encodings();
  const std::string& name = names[bytes[0] % names.size()];
  const std::string text = fuzz::text_of(bytes + 1, size - 1);
  const auto encoding = cell_encoding::make(name);
  fuzz::promise(encoding.has_value(), "every known encoding can be made");
  if (!is_utf16(name)) {
    const auto decoded = encoding->decode(text);
    fuzz::promise(!decoded || valid_utf8(*decoded), "what is decoded is UTF-8");
    return 0;
  }
  const auto whole = converted(text, name, 1U << 16U);
  const auto pieces = converted(text, name, 1);
  // The mark of the other order is seen when two bytes are there: at once in both.
  fuzz::promise(whole == pieces, "the room does not matter");
  if (whole && whole->find('\xFF') == std::string::npos) {
    fuzz::promise(valid_utf8(*whole), "what is converted is UTF-8");
  }
  return 0;
}
