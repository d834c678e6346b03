#include "utf16_source.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include <iconv.h>

namespace patchbay {
namespace {

constexpr std::size_t unit_bytes = 2;
constexpr std::size_t block_bytes = std::size_t{1} << 18U;
constexpr char no_utf8 = '\xFF';

/// iconv's own names; its "none" is a pointer of all ones.
class conversion {
 public:
  conversion(const char* to, const char* from) : made_(iconv_open(to, from)) {
    if (made_ == reinterpret_cast<iconv_t>(-1)) throw std::bad_alloc();
  }
  ~conversion() { iconv_close(made_); }
  conversion(const conversion&) = delete;
  conversion& operator=(const conversion&) = delete;

  /// 0, or the errno that stopped it; both spans shrink from the front.
  int convert(std::span<char>& from, std::span<char>& to) {
    char* in = from.data();
    char* out = to.data();
    std::size_t in_left = from.size();
    std::size_t out_left = to.size();
    const std::size_t done = iconv(made_, &in, &in_left, &out, &out_left);
    const int why = done == static_cast<std::size_t>(-1) ? errno : 0;
    from = from.last(in_left);
    to = to.last(out_left);
    return why;
  }

 private:
  iconv_t made_;
};

const char* iconv_name(std::string_view encoding) {
  return encoding == "utf-16be" ? "UTF-16BE" : "UTF-16LE";
}

class utf16_source final : public byte_source {
 public:
  utf16_source(std::unique_ptr<byte_source> units, std::string_view encoding)
      : units_(std::move(units)),
        big_(encoding == "utf-16be"),
        to_utf8_("UTF-8", iconv_name(encoding)) {}

  result<std::size_t> read(std::span<char> room) override {
    while (given_ == ready_.size()) {
      const result<void> filled = fill();
      if (!filled) return filled.error();
      if (held_.empty()) return std::size_t{0};
      convert_held();
    }
    const std::size_t size = std::min(room.size(), ready_.size() - given_);
    std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(given_), size, room.begin());
    given_ += size;
    return size;
  }
  [[nodiscard]] std::int64_t read_of_file() const override { return units_->read_of_file(); }

 private:
  result<void> fill() {
    while (!at_end_ && held_.size() < block_bytes / 2) {
      const std::size_t before = held_.size();
      held_.resize(before + block_bytes);
      const result<std::size_t> got = units_->read(std::span(held_).subspan(before));
      if (!got) return got.error();
      held_.resize(before + *got);
      at_end_ = *got == 0;
    }
    if (std::exchange(begun_, true)) return {};
    const std::string_view other = big_ ? "\xFF\xFE" : "\xFE\xFF";
    if (!std::string_view(held_.data(), held_.size()).starts_with(other)) return {};
    return fault{"CSV_ENCODING_UNSUPPORTED",
                 std::string("the file begins with the byte order mark of ") +
                     (big_ ? "utf-16le" : "utf-16be") + ": say so in csv.encoding"};
  }

  /// A unit of two bytes has at most three in UTF-8.
  void convert_held() {
    ready_.resize(2 * held_.size() + 1);
    given_ = 0;
    std::span<char> from(held_);
    std::span<char> room(ready_);
    const int why = to_utf8_.convert(from, room);
    if (why == EILSEQ || (why == EINVAL && at_end_)) {
      room.front() = no_utf8;
      room = room.subspan(1);
      from = from.subspan(std::min(unit_bytes, from.size()));
    }
    ready_.resize(ready_.size() - room.size());
    held_.erase(held_.begin(), held_.end() - static_cast<std::ptrdiff_t>(from.size()));
  }

  std::unique_ptr<byte_source> units_;
  bool big_;
  conversion to_utf8_;
  std::vector<char> held_;   ///< units that are not converted yet
  std::vector<char> ready_;  ///< UTF-8
  std::size_t given_ = 0;    ///< of it, handed out
  bool at_end_ = false;
  bool begun_ = false;
};

}  // namespace

bool is_utf16(std::string_view encoding) {
  return encoding == "utf-16le" || encoding == "utf-16be";
}

std::unique_ptr<byte_source> utf8_of(std::unique_ptr<byte_source> units,
                                     std::string_view encoding) {
  return std::make_unique<utf16_source>(std::move(units), encoding);
}

std::string as_utf16(std::string_view text, std::string_view encoding) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  std::string marked = text.starts_with(mark) ? std::string() : std::string(mark);
  marked += text;
  conversion from_utf8(iconv_name(encoding), "UTF-8");
  std::string out(unit_bytes * marked.size(), '\0');
  std::span<char> from(marked);
  std::span<char> room(out);
  while (!from.empty() && from_utf8.convert(from, room) == EILSEQ) {
    from = from.subspan(1);  // a row of no characters has none to give back
  }
  out.resize(out.size() - room.size());
  return out;
}

}  // namespace patchbay
