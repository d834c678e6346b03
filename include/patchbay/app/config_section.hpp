// Reads the mappings of a configuration tree into values. Faults are gathered, not returned: a
// reader goes on with the default, so that one start shows everything that is wrong. The keys that
// a section was asked for are the keys it knows: finish() refuses all others, which is why the
// list of keys cannot drift from the code that reads them. Single thread, lives during a load.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/app/config_tree.hpp"

namespace patchbay {

/// What a parser made of a node: a value, or why not.
template <class T>
struct config_reading {
  std::optional<T> value = {};
  std::string expected = {};          ///< "a whole number from 1 to 64"
  std::string nearest = {};           ///< "did you mean"
  std::string code = "CONFIG_VALUE";  ///< CONFIG_WRONG_TYPE: not even the right kind of node
  std::string why = {};               ///< a whole sentence instead of "expected …, found …"
};

/// The faults of a file, and where each key that was read stands.
class config_notes {
 public:
  explicit config_notes(std::string file) : file_(std::move(file)) {}

  void add(config_place at, std::string code, std::string key, std::string message);
  void add(placed_fault found, config_place at);
  void keep_place(std::string key, config_place at) { places_[std::move(key)] = at; }
  /// In the order of the file.
  [[nodiscard]] config_faults sorted() const;
  [[nodiscard]] bool clean() const { return faults_.empty(); }
  [[nodiscard]] const std::map<std::string, config_place>& places() const { return places_; }
  [[nodiscard]] config_place place_of(const std::string& key) const;

 private:
  std::string file_;
  config_faults faults_;
  std::map<std::string, config_place> places_;
};

class config_section {
 public:
  /// `at`: where a missing key is reported (the key that opens the section).
  config_section(config_notes& notes, const config_node& node, std::string name, config_place at);

  /// nullptr when the key is absent, or has no value (then that is noted).
  const config_node* find(std::string_view key);
  /// As find(), but absence is CONFIG_MISSING. `expected` says what belongs there.
  const config_node* demand(std::string_view key, std::string_view expected);

  /// Reads an optional key; true when it is there and good. Otherwise `into` stays.
  template <class T, class Parser>
  bool read(std::string_view key, T& into, const Parser& parse) {
    const config_node* node = find(key);
    return node != nullptr && take(key, *node, into, parse);
  }
  template <class T, class Parser>
  bool demand(std::string_view key, T& into, const Parser& parse) {
    const config_node* node = demand(key, parse.expected());
    return node != nullptr && take(key, *node, into, parse);
  }
  /// A section inside this one; absent: an empty one, whose keys then have their defaults.
  [[nodiscard]] config_section section(std::string_view key);
  [[nodiscard]] config_section demand_section(std::string_view key, std::string_view expected);

  [[nodiscard]] std::string full_name(std::string_view key) const;
  [[nodiscard]] bool present(std::string_view key) const;
  /// The key as it stands, or the section when it is absent.
  [[nodiscard]] config_place place_of(std::string_view key) const;
  [[nodiscard]] const std::vector<config_member>& members() const { return node_->members; }
  [[nodiscard]] config_notes& notes() const { return *notes_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] config_place place() const { return at_; }
  /// The section itself is absent or no mapping, which is noted: its keys are not missed too.
  [[nodiscard]] bool broken() const { return broken_; }
  /// CONFIG_VALUE at the key.
  void refuse(std::string_view key, std::string message) const;
  /// Makes a key known without reading it.
  void know(std::string_view key) { known_.emplace_back(key); }
  /// CONFIG_UNKNOWN_KEY for each key that nobody asked for.
  void finish() const;

 private:
  template <class T, class Parser>
  bool take(std::string_view key, const config_node& node, T& into, const Parser& parse) {
    auto made = parse(node);
    if (!made.value) {
      note_misread(key, node,
                   {.code = std::move(made.code),
                    .message = std::move(made.why),
                    .expected = std::move(made.expected),
                    .nearest = std::move(made.nearest)});
      return false;
    }
    notes_->keep_place(full_name(key), node.place);
    into = std::move(*made.value);
    return true;
  }
  [[nodiscard]] const config_member* member(std::string_view key) const;
  void note_misread(std::string_view key, const config_node& node, placed_fault found) const;

  config_notes* notes_;
  const config_node* node_;
  std::string name_;
  config_place at_;
  std::vector<std::string> known_;
  bool broken_ = false;
};

/// What stands there, for "found …": `"many"`, a list, a mapping, nothing.
[[nodiscard]] std::string found_text(const config_node& node);

}  // namespace patchbay
