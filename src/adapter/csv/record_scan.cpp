#include "record_scan.hpp"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace patchbay {
namespace {

/// Bit n: byte n of the block is a quote, CR or LF.
#if defined(__SSE2__)
std::uint64_t marks_of(const char* block, char quote) {
  const __m128i quotes = _mm_set1_epi8(quote);
  const __m128i feeds = _mm_set1_epi8('\n');
  const __m128i returns = _mm_set1_epi8('\r');
  std::uint64_t marks = 0;
  for (unsigned part = 0; part < 4; ++part) {
    __m128i bytes;
    std::memcpy(&bytes, block + part * sizeof bytes, sizeof bytes);
    const __m128i found =
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, feeds), _mm_cmpeq_epi8(bytes, returns)));
    const auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(found));
    marks |= static_cast<std::uint64_t>(bits) << (part * 16U);
  }
  return marks;
}
#else
std::uint64_t marks_of(const char* block, char quote) {
  std::uint64_t marks = 0;
  for (unsigned n = 0; n < scan_block_bytes; ++n) {
    const bool found = block[n] == quote || block[n] == '\n' || block[n] == '\r';
    marks |= static_cast<std::uint64_t>(found) << n;
  }
  return marks;
}
#endif

std::uint64_t only_first(std::uint64_t marks, std::size_t bytes) {
  return bytes >= scan_block_bytes ? marks : marks & ((std::uint64_t{1} << bytes) - 1);
}

}  // namespace

/// One pass over one window.
struct record_scan::walk {
  std::string_view window;
  bool last = false;
  std::vector<raw_record>& records;
  std::size_t begin = 0;   ///< of the record being read
  std::size_t resume = 0;  ///< marks before it are done with (the second of a doubled quote)
  std::int64_t line = 1;   ///< physical line at the position
  bool undecided = false;  ///< a quote at the window's end: closing, or the first of two
};

std::size_t record_scan::cut(std::string_view window, bool last, std::vector<raw_record>& records) {
  walk at{.window = window, .last = last, .records = records, .line = place_.line};
  place_.in_quotes = false;
  for (std::size_t block = 0; block < window.size(); block += scan_block_bytes) {
    std::uint64_t marks =
        only_first(marks_of(window.data() + block, quote_), window.size() - block);
    while (marks != 0) {
      const std::size_t position = block + static_cast<std::size_t>(std::countr_zero(marks));
      marks &= marks - 1;
      if (position < at.resume) continue;
      visit(at, position);
      if (at.undecided) return at.begin;
    }
  }
  if (last && !place_.in_quotes && at.begin < window.size()) end_record(at, window.size());
  return at.begin;
}

void record_scan::visit(walk& at, std::size_t position) {
  const char mark = at.window[position];
  if (mark == quote_ && quote_ != '\0') {
    visit_quote(at, position);
    return;
  }
  if (mark == '\0') return;  // a dialect without quotes marks NUL too
  if (place_.in_quotes) {
    const bool second_of_two = mark == '\n' && at.window[position - 1] == '\r';
    if (!second_of_two) ++at.line;
    return;
  }
  if (mark == '\n' && place_.after_cr && position == at.begin) {
    at.begin = position + 1;
    place_.after_cr = false;
    return;
  }
  end_record(at, position);
  place_.after_cr = mark == '\r';
}

void record_scan::visit_quote(walk& at, std::size_t position) {
  if (!place_.in_quotes) {
    const bool opens = position == at.begin || at.window[position - 1] == delimiter_;
    if (!opens) return;
    place_.in_quotes = true;
    place_.quote_line = at.line;
    return;
  }
  if (position + 1 == at.window.size() && !at.last) {
    at.undecided = true;
    return;
  }
  const bool doubled = position + 1 < at.window.size() && at.window[position + 1] == quote_;
  if (doubled) {
    at.resume = position + 2;
  } else {
    place_.in_quotes = false;
  }
}

void record_scan::end_record(walk& at, std::size_t position) {
  if (position > at.begin) {
    at.records.push_back({at.window.substr(at.begin, position - at.begin), place_.line});
  }
  at.begin = position + 1 < at.window.size() ? position + 1 : at.window.size();
  place_.line = ++at.line;
  place_.after_cr = false;
}

}  // namespace patchbay
