#include "record_scan.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace patchbay {

/// Bit n of each: what byte n of the block is.
struct block_marks {
  std::uint64_t quotes = 0;
  std::uint64_t feeds = 0;
  std::uint64_t returns = 0;
  std::uint64_t delimiters = 0;

  void keep(std::uint64_t which) {
    quotes &= which;
    feeds &= which;
    returns &= which;
    delimiters &= which;
  }
};

namespace {

#if defined(__SSE2__)
block_marks marks_of(const char* block, char quote, char delimiter) {
  block_marks marks;
  for (unsigned part = 0; part < 4; ++part) {
    __m128i bytes;
    std::memcpy(&bytes, block + part * sizeof bytes, sizeof bytes);
    const auto equal = [&bytes, part](char to) {
      const int found = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(to)));
      return static_cast<std::uint64_t>(static_cast<std::uint32_t>(found)) << (part * 16U);
    };
    marks.quotes |= equal(quote);
    marks.feeds |= equal('\n');
    marks.returns |= equal('\r');
    marks.delimiters |= equal(delimiter);
  }
  return marks;
}
#else
block_marks marks_of(const char* block, char quote, char delimiter) {
  block_marks marks;
  for (unsigned n = 0; n < scan_block_bytes; ++n) {
    const auto equal = [block, n](char to) {
      return static_cast<std::uint64_t>(block[n] == to) << n;
    };
    marks.quotes |= equal(quote);
    marks.feeds |= equal('\n');
    marks.returns |= equal('\r');
    marks.delimiters |= equal(delimiter);
  }
  return marks;
}
#endif

/// Bit n: an odd number of bits 0 … n is set.
std::uint64_t parity(std::uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

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
  bool regular = true;     ///< the block before: its last quote is one that opens or closes
  bool undecided = false;  ///< a quote at the window's end: closing, or the first of two
};

std::size_t record_scan::cut(std::string_view window, bool last, std::vector<raw_record>& records) {
  walk at{.window = window, .last = last, .records = records, .line = place_.line};
  place_.in_quotes = false;
  if (escape_ != '\0' || comment_ != '\0') return cut_slowly(at);
  for (std::size_t block = 0; block < window.size(); block += scan_block_bytes) {
    block_marks found = marks_of(window.data() + block, quote_, delimiter_);
    if (quote_ == '\0') found.quotes = 0;
    found.keep(only_first(~std::uint64_t{0}, window.size() - block));
    const bool was_regular = at.regular;
    at.regular = cut_regular(at, block, found);
    if (at.regular) continue;
    std::uint64_t marks = found.quotes | found.feeds | found.returns;
    if (was_regular && !place_.in_quotes && block > at.begin && window[block - 1] == quote_ &&
        (found.quotes & 1U) != 0) {
      place_.in_quotes = true;  // the blocks part a doubled quote
      marks &= marks - 1;
    }
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

/// A block in which each quote that opens stands where one may (at the beginning of a cell, or as
/// the second of two): then quotes need no visit, only line ends outside them do. False: not so,
/// nothing was done.
bool record_scan::cut_regular(walk& at, std::size_t block, const block_marks& found) {
  if (at.resume > block) return false;
  const std::uint64_t before = place_.in_quotes ? ~std::uint64_t{0} : 0;
  const std::uint64_t inside = parity(found.quotes) ^ before;
  const std::uint64_t opening = found.quotes & inside;
  const char last = block > at.begin ? at.window[block - 1] : '\n';
  const bool after_mark =
      last == '\n' || last == '\r' || last == delimiter_ || (last == quote_ && at.regular);
  const std::uint64_t may_open =
      ((found.delimiters | found.feeds | found.returns | found.quotes) << 1U) |
      static_cast<std::uint64_t>(after_mark);
  if ((opening & ~may_open) != 0) return false;

  // A line inside quotes ends with CR, LF, or both as one.
  const std::uint64_t pairs = (found.returns << 1U) | static_cast<std::uint64_t>(last == '\r');
  const std::uint64_t inner = (found.returns | (found.feeds & ~pairs)) & inside;
  const std::uint64_t ends = (found.feeds | found.returns) & ~inside;
  std::uint64_t counted = 0;
  place_.in_quotes = false;
  for (std::uint64_t left = ends; left != 0; left &= left - 1) {
    const auto bit = static_cast<unsigned>(std::countr_zero(left));
    const std::uint64_t up_to = left ^ (left - 1);
    if (inner != 0) at.line += std::popcount(inner & up_to & ~counted);
    counted = up_to;
    visit(at, block + bit);
  }
  if (inner != 0) at.line += std::popcount(inner & ~counted);
  const std::uint64_t seconds =
      (found.quotes << 1U) | static_cast<std::uint64_t>(last == quote_ && block > at.begin);
  if (const std::uint64_t first_of_cell = opening & ~seconds; first_of_cell != 0) {
    const auto bit = 63U - static_cast<unsigned>(std::countl_zero(first_of_cell));
    place_.quote_line =
        inner == 0 ? at.line : at.line - std::popcount(inner & ~((std::uint64_t{2} << bit) - 1));
  }
  place_.in_quotes = (inside >> 63U) != 0;
  return true;
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

std::size_t record_scan::cut_slowly(walk& at) {
  std::size_t position = 0;
  while (position < at.window.size()) {
    const char c = at.window[position];
    if (!place_.in_quotes && comment_ != '\0' && c == comment_ && position == at.begin) {
      if (!pass_comment(at, position)) return at.begin;
    } else if (escape_ != '\0' && c == escape_) {
      if (position + 1 == at.window.size() && !at.last) return at.begin;
      const bool feeds = position + 1 < at.window.size() && at.window[position + 1] == '\n';
      at.line += feeds ? 1 : 0;
      position += 2;
    } else if (place_.in_quotes) {
      if (!pass_quoted(at, position)) return at.begin;
    } else {
      if (c == '\n' || c == '\r' || (c == quote_ && quote_ != '\0')) visit(at, position);
      ++position;
    }
  }
  if (at.last && !place_.in_quotes && at.begin < at.window.size()) {
    end_record(at, at.window.size());
  }
  return at.begin;
}

/// False: its end is not in the window.
bool record_scan::pass_comment(walk& at, std::size_t& position) {
  const std::size_t end = at.window.find_first_of("\r\n", position);
  if (end == std::string_view::npos && !at.last) return false;
  position = std::min(end, at.window.size());
  at.begin = position;
  if (position == at.window.size()) return true;
  visit(at, position);
  ++position;
  return true;
}

/// Inside quotes: a quote closes, or is the first of two. False: the window does not say which.
bool record_scan::pass_quoted(walk& at, std::size_t& position) {
  const char c = at.window[position];
  if (c == '\n' || c == '\r' || c == quote_) visit(at, position);
  if (at.undecided) return false;
  position = std::max(position + 1, at.resume);
  return true;
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
