#include "patchbay/app/config_tree.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <unordered_set>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace patchbay {
namespace {

constexpr std::size_t most_levels = 32;

config_place place_of(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

/// Turns events into a tree and keeps the first fault; after it, events only pass by.
class tree_builder : public YAML::EventHandler {
 public:
  tree_builder(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      fail(place_of(mark), "CONFIG_SYNTAX", "",
           "the configuration is one document: take the second \"---\" away");
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_decoration(mark, "", anchor);
    if (awaits_key()) {
      fail(place_of(mark), "CONFIG_WRONG_TYPE", full_name(),
           "a key must be text: put null and ~ in quotes to use them as a key");
    }
    add({.is = config_node::kind::null, .place = place_of(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse_decoration(mark, "", 1);
    add({.is = config_node::kind::null, .place = place_of(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_decoration(mark, tag, anchor);
    if (!closed_on_its_line(mark)) {
      fail(place_of(mark), "CONFIG_SYNTAX", full_name(),
           "the quote that begins here is not closed on this line");
    }
    if (awaits_key()) {
      name_next(value, place_of(mark));
    } else {
      add({.is = config_node::kind::scalar,
           .place = place_of(mark),
           .text = value,
           .quoted = tag == "!"});
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, config_node::kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, config_node::kind::mapping);
  }
  void OnMapEnd() override { close(); }

  config_node root;
  config_faults faults;

 private:
  struct frame {
    config_node node = {};
    std::string key = {};  ///< mapping: of the member that comes next
    config_place key_place = {};
    bool named = false;
    std::unordered_set<std::string> keys = {};
  };

  [[nodiscard]] bool awaits_key() const {
    return !open_.empty() && open_.back().node.is == config_node::kind::mapping &&
           !open_.back().named;
  }

  [[nodiscard]] std::string full_name() const {
    std::string name;
    for (const frame& level : open_) {
      if (level.node.is == config_node::kind::sequence) {
        name += "[" + std::to_string(level.node.elements.size()) + "]";
      } else if (level.named) {
        name += (name.empty() ? "" : ".") + level.key;
      }
    }
    return name;
  }

  /// yaml-cpp takes a quote that is never closed for one that ends with the file.
  [[nodiscard]] bool closed_on_its_line(const YAML::Mark& mark) const {
    if (mark.pos < 0 || static_cast<std::size_t>(mark.pos) >= text_.size()) return true;
    std::size_t at = static_cast<std::size_t>(mark.pos);
    const char quote = text_[at];
    if (quote != '"' && quote != '\'') return true;
    for (++at; at < text_.size() && text_[at] != '\n'; ++at) {
      if (text_[at] == '\\' && quote == '"') {
        ++at;
      } else if (text_[at] == quote) {
        if (quote == '"' || at + 1 >= text_.size() || text_[at + 1] != quote) return true;
        ++at;
      }
    }
    return false;
  }

  void fail(config_place at, std::string code, std::string key, std::string message) {
    if (!faults.empty()) return;
    faults.push_back({.code = std::move(code),
                      .message = std::move(message),
                      .file = file_,
                      .line = at.line,
                      .column = at.column,
                      .key = std::move(key)});
  }

  void refuse_decoration(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) {
      fail(place_of(mark), "CONFIG_ALIAS", full_name(),
           "anchors (&) and aliases (*) are not allowed: write the value out, or put it in quotes "
           "if the sign is part of it");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      fail(place_of(mark), "CONFIG_TAG", full_name(),
           "tags (!) are not allowed: put the value in quotes if the sign is part of it");
    }
  }

  void name_next(const std::string& key, config_place at) {
    frame& level = open_.back();
    level.key = key;
    level.key_place = at;
    level.named = true;
    if (level.keys.insert(key).second) return;
    std::int64_t before = 0;
    for (const config_member& member : level.node.members) {
      if (member.key == key) before = member.place.line;
    }
    fail(at, "CONFIG_DUPLICATE_KEY", full_name(),
         full_name() + " stands here a second time, first in line " + std::to_string(before) +
             ": keep one of them");
  }

  void add(config_node node) {
    if (!faults.empty()) return;
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    frame& level = open_.back();
    if (level.node.is == config_node::kind::sequence) {
      level.node.elements.push_back(std::move(node));
    } else if (level.named) {
      level.node.members.push_back({level.key, level.key_place, std::move(node)});
      level.named = false;
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            config_node::kind is) {
    refuse_decoration(mark, tag, anchor);
    if (awaits_key()) {
      fail(place_of(mark), "CONFIG_WRONG_TYPE", full_name(),
           "a key must be text, not a list or a mapping");
    }
    if (open_.size() >= most_levels) {
      fail(place_of(mark), "CONFIG_TOO_DEEP", full_name(),
           "more than " + std::to_string(most_levels) + " levels");
    }
    if (!faults.empty()) return;
    open_.push_back({.node = {.is = is, .place = place_of(mark)}});
  }

  void close() {
    if (!faults.empty()) return;
    config_node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  std::string_view text_;
  const std::string& file_;
  std::vector<frame> open_;
  int documents_ = 0;
};

config_faults single(std::string code, std::string message, const std::string& file,
                     std::int64_t line = 0, std::int64_t column = 0) {
  return {placed_fault{.code = std::move(code),
                       .message = std::move(message),
                       .file = file,
                       .line = line,
                       .column = column}};
}

config_faults broken_yaml(const YAML::Exception& broken, const std::string& file) {
  const config_place at = place_of(broken.mark);
  const bool alias = broken.msg.find("anchor") != std::string::npos;
  return single(alias ? "CONFIG_ALIAS" : "CONFIG_SYNTAX",
                alias ? "anchors (&) and aliases (*) are not allowed"
                      : "this is not valid YAML here: " + broken.msg,
                file, at.line, at.column);
}

}  // namespace

void throw_exception_from_error(const config_faults& error, const boost::source_location&) {
  throw std::logic_error(error.empty() ? "config_faults" : error.front().message);
}

boost::system::result<config_node, config_faults> parse_config(std::string_view text,
                                                               const std::string& file) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    const std::string_view before = text.substr(0, nul);
    return single("CONFIG_SYNTAX", "a NUL byte: this is not a text file", file,
                  1 + std::count(before.begin(), before.end(), '\n'), 1);
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::istringstream stream{std::string(text)};
  tree_builder builder(text, file);
  try {
    YAML::Parser parser(stream);
    while (builder.faults.empty() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& broken) {
    if (builder.faults.empty()) return broken_yaml(broken, file);
  }
  if (!builder.faults.empty()) return std::move(builder.faults);
  if (builder.root.is != config_node::kind::mapping) {
    return single("CONFIG_WRONG_TYPE",
                  "the configuration is empty or no mapping: it begins with api:, state: and jobs:",
                  file, 1, 1);
  }
  return std::move(builder.root);
}

boost::system::result<config_node, config_faults> read_config(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    return single("CONFIG_FILE_MISSING",
                  "there is no such configuration file: name yours with --config FILE", file);
  }
  if (std::filesystem::is_directory(status)) {
    return single("CONFIG_FILE_UNREADABLE", "this is a directory, not a configuration file", file);
  }
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  if (stream) {
    text.resize(most_config_bytes + 1);
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
  }
  if (!stream.eof() && !stream) {
    return single("CONFIG_FILE_UNREADABLE",
                  "the configuration file cannot be read: does this user have the right to?", file);
  }
  if (text.size() > most_config_bytes) {
    return single("CONFIG_TOO_LARGE", "the configuration file is larger than 1 MB", file);
  }
  return parse_config(text, file);
}

}  // namespace patchbay
