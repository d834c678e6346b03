#include "packed_change.hpp"

#include <cstring>
#include <type_traits>

namespace patchbay::intake {
namespace {

class packer {
 public:
  template <class Number>
  requires std::is_trivially_copyable_v<Number>
  void put(const Number& number) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof number);
    std::memcpy(bytes_.data() + at, &number, sizeof number);
  }
  void put(const std::string& text) {
    put(text.size());
    bytes_ += text;
  }
  void put(const value& one) { put(one.json); }
  void put(const std::optional<value>& one) {
    put(one.has_value());
    if (one) put(*one);
  }
  template <class First, class Second>
  void put(const std::pair<First, Second>& pair) {
    put(pair.first);
    put(pair.second);
  }
  template <class Many>
  requires requires(const Many& many) { many.begin(); }
  void put_all(const Many& many) {
    put(many.size());
    for (const auto& one : many) put(one);
  }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class unpacker {
 public:
  explicit unpacker(std::string_view bytes) : left_(bytes) {}

  template <class Number>
  requires std::is_trivially_copyable_v<Number>
  void get(Number& number) {
    std::memcpy(&number, left_.data(), sizeof number);
    left_.remove_prefix(sizeof number);
  }
  void get(std::string& text) {
    std::size_t size = 0;
    get(size);
    text.assign(left_.substr(0, size));
    left_.remove_prefix(size);
  }
  void get(value& one) { get(one.json); }
  void get(std::optional<value>& one) {
    bool there = false;
    get(there);
    if (there) get(one.emplace());
  }
  template <class First, class Second>
  void get(std::pair<First, Second>& pair) {
    get(pair.first);
    get(pair.second);
  }
  template <class Map>
  void get_map(Map& map) {
    std::size_t size = 0;
    get(size);
    for (; size > 0; --size) {
      typename Map::key_type key;
      get(key);
      typename Map::mapped_type mapped;
      get(mapped);
      map.emplace_hint(map.end(), std::move(key), std::move(mapped));
    }
  }

 private:
  std::string_view left_;
};

}  // namespace

std::string pack(const planned_change& change) {
  packer out;
  const staged_row& row = change.staged;
  out.put(row.key);
  out.put(row.id);
  out.put(row.wanted.line);
  out.put_all(row.wanted.fields);
  out.put_all(row.wanted.sealed);
  out.put(row.wanted.line_print);
  out.put(row.wanted.canonical_print);
  out.put(row.wanted.counted);
  out.put_all(row.baseline);
  out.put_all(row.waived);
  out.put(change.shown.line);
  out.put_all(change.shown.fields);
  out.put_all(change.clears);
  out.put(change.changes_wanted);
  out.put(change.was_pending);
  return out.take();
}

planned_change unpack(std::string_view bytes) {
  planned_change change;
  unpacker in(bytes);
  staged_row& row = change.staged;
  in.get(row.key);
  in.get(row.id);
  in.get(row.wanted.line);
  in.get_map(row.wanted.fields);
  in.get_map(row.wanted.sealed);
  in.get(row.wanted.line_print);
  in.get(row.wanted.canonical_print);
  in.get(row.wanted.counted);
  in.get_map(row.baseline);
  in.get_map(row.waived);
  change.shown.key = row.key;
  change.shown.id = row.id;
  in.get(change.shown.line);
  in.get_map(change.shown.fields);
  std::size_t cleared = 0;
  in.get(cleared);
  change.clears.resize(cleared);
  for (std::string& name : change.clears) in.get(name);
  in.get(change.changes_wanted);
  in.get(change.was_pending);
  return change;
}

}  // namespace patchbay::intake
