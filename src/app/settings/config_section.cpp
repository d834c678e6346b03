#include "patchbay/app/config_section.hpp"

#include <algorithm>
#include <tuple>

#include "patchbay/model/nearest.hpp"

namespace patchbay {
namespace {

const config_node nothing;

constexpr std::size_t most_shown = 60;

bool speaks_of_secret(std::string_view key) {
  return key.find("secret") != std::string_view::npos || key.find("token") == 0 || key == "api_key";
}

}  // namespace

std::string found_text(const config_node& node) {
  switch (node.is) {
    case config_node::kind::null:
      return "nothing";
    case config_node::kind::sequence:
      return "a list";
    case config_node::kind::mapping:
      return "a mapping";
    case config_node::kind::scalar:
      break;
  }
  if (node.text.size() > most_shown) return "\"" + node.text.substr(0, most_shown) + "…\"";
  return "\"" + node.text + "\"";
}

void config_notes::add(config_place at, std::string code, std::string key, std::string message) {
  add({.code = std::move(code), .message = std::move(message), .key = std::move(key)}, at);
}

void config_notes::add(placed_fault found, config_place at) {
  found.file = file_;
  found.line = at.line;
  found.column = at.column;
  faults_.push_back(std::move(found));
}

config_faults config_notes::sorted() const {
  config_faults sorted = faults_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return sorted;
}

config_place config_notes::place_of(const std::string& key) const {
  const auto found = places_.find(key);
  return found == places_.end() ? config_place{} : found->second;
}

config_section::config_section(config_notes& notes, const config_node& node, std::string name,
                               config_place at)
    : notes_(&notes), node_(&node), name_(std::move(name)), at_(at) {
  if (node.is == config_node::kind::mapping) return;
  node_ = &nothing;
  broken_ = &node != &nothing;
  if (node.is == config_node::kind::null) return;
  notes.add({.code = "CONFIG_WRONG_TYPE",
             .message = name_ + ": expected a mapping (key: value), found " + found_text(node),
             .key = name_,
             .expected = "a mapping"},
            node.place);
}

const config_member* config_section::member(std::string_view key) const {
  for (const config_member& candidate : node_->members) {
    if (candidate.key == key) return &candidate;
  }
  return nullptr;
}

bool config_section::present(std::string_view key) const {
  return member(key) != nullptr;
}

config_place config_section::place_of(std::string_view key) const {
  const config_member* found = member(key);
  return found == nullptr ? at_ : found->place;
}

const config_node* config_section::find(std::string_view key) {
  know(key);
  const config_member* found = member(key);
  if (found == nullptr) return nullptr;
  if (found->node.is == config_node::kind::null) {
    notes_->add(found->place, "CONFIG_MISSING", full_name(key),
                full_name(key) + " has no value: give it one, or take the key away");
    return nullptr;
  }
  return &found->node;
}

const config_node* config_section::demand(std::string_view key, std::string_view expected) {
  if (broken_) return nullptr;
  if (!present(key)) {
    know(key);
    notes_->add({.code = "CONFIG_MISSING",
                 .message = full_name(key) + " is missing: expected " + std::string(expected),
                 .key = full_name(key),
                 .expected = std::string(expected)},
                at_);
    return nullptr;
  }
  return find(key);
}

config_section config_section::section(std::string_view key) {
  const config_node* node = find(key);
  config_section made(*notes_, node == nullptr ? nothing : *node, full_name(key), place_of(key));
  made.broken_ = made.broken_ || (node == nullptr && present(key));
  return made;
}

config_section config_section::demand_section(std::string_view key, std::string_view expected) {
  const config_node* node = demand(key, expected);
  config_section made(*notes_, node == nullptr ? nothing : *node, full_name(key), place_of(key));
  made.broken_ = made.broken_ || node == nullptr;
  return made;
}

std::string config_section::full_name(std::string_view key) const {
  return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

void config_section::refuse(std::string_view key, std::string message) const {
  const config_member* found = member(key);
  const config_place at = found == nullptr ? at_ : found->node.place;
  notes_->add(at, "CONFIG_VALUE", full_name(key), full_name(key) + ": " + std::move(message));
}

void config_section::note_misread(std::string_view key, const config_node& node,
                                  placed_fault found) const {
  found.key = full_name(key);
  if (found.message.empty()) {
    found.message = "expected " + found.expected + ", found " + found_text(node);
  }
  if (!found.nearest.empty()) found.message += "; did you mean \"" + found.nearest + "\"?";
  found.message = found.key + ": " + found.message;
  notes_->add(std::move(found), node.place);
}

void config_section::finish() const {
  for (const config_member& written : node_->members) {
    if (std::find(known_.begin(), known_.end(), written.key) != known_.end()) continue;
    const std::string near = nearest(written.key, known_).value_or("");
    std::string message = "unknown key " + full_name(written.key);
    if (speaks_of_secret(written.key)) {
      message +=
          ": a secret never stands in the configuration; put it into a file of its own and "
          "name that in api.client_secret_file";
    } else if (!near.empty()) {
      message += "; did you mean \"" + near + "\"?";
    } else if (!known_.empty()) {
      message += "; known here: ";
      for (const std::string& key : known_) message += (&key == &known_[0] ? "" : ", ") + key;
    }
    notes_->add({.code = "CONFIG_UNKNOWN_KEY",
                 .message = std::move(message),
                 .key = full_name(written.key),
                 .nearest = near},
                written.place);
  }
}

}  // namespace patchbay
