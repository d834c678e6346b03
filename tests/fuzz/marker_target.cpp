// A marker of any bytes says something that can be, or is refused with its line.
#include "fuzz_target.hpp"
#include "patchbay/model/marker.hpp"
#include "patchbay/model/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace patchbay;
  const auto said = parse_marker(fuzz::text_of(bytes, size));
  if (!said) {
    fuzz::promise(said.error().code == "MARKER_UNREADABLE", "its one code");
    fuzz::promise(valid_utf8(said.error().message), "a message is text");
    return 0;
  }
  fuzz::promise(!said->rows || *said->rows >= 0, "rows are counted");
  fuzz::promise(!said->bytes || *said->bytes >= 0, "bytes are counted");
  fuzz::promise(said->sha256.empty() || said->sha256.size() == 64, "a digest is whole");
  return 0;
}
