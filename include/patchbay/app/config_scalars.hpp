// Parsers of single values for config_section: each says what it expects in words. They are
// values (a bound is a member), so that the line that reads a key shows its bounds.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patchbay/app/config_section.hpp"

namespace patchbay {

/// Looks an environment variable up; nullopt: not set.
using environment = std::function<std::optional<std::string>(const std::string&)>;

/// Any scalar that is not empty; what it is for stands in `meaning`.
struct text_value {
  std::string_view meaning = "text";
  bool may_be_empty = false;
  [[nodiscard]] std::string expected() const { return std::string(meaning); }
  config_reading<std::string> operator()(const config_node& node) const;
};

struct whole_value {
  std::int64_t least = 0;
  std::int64_t most = INT64_MAX;
  [[nodiscard]] std::string expected() const;
  config_reading<std::int64_t> operator()(const config_node& node) const;
};

struct truth_value {
  [[nodiscard]] std::string expected() const { return "true or false"; }
  config_reading<bool> operator()(const config_node& node) const;
};

struct duration_value {
  std::chrono::milliseconds least{0};
  std::chrono::milliseconds most = std::chrono::hours(24 * 36'525);
  [[nodiscard]] std::string expected() const;
  config_reading<std::chrono::milliseconds> operator()(const config_node& node) const;
};

struct size_value {
  std::int64_t least = 1;
  std::int64_t most = INT64_MAX;
  [[nodiscard]] std::string expected() const;
  config_reading<std::int64_t> operator()(const config_node& node) const;
};

struct share_value {
  double most = 1;
  [[nodiscard]] std::string expected() const;
  config_reading<double> operator()(const config_node& node) const;
};

/// One printable ASCII character, or a tab.
struct character_value {
  [[nodiscard]] std::string expected() const { return "a single character"; }
  config_reading<char> operator()(const config_node& node) const;
};

/// A file or folder: ${VARIABLE} is replaced, a relative path starts at `base`.
struct path_value {
  const environment& variables;
  std::filesystem::path base;
  [[nodiscard]] std::string expected() const { return "a path"; }
  config_reading<std::filesystem::path> operator()(const config_node& node) const;
};

/// One of a few words.
template <class Choice>
struct choice_value {
  std::vector<std::pair<std::string_view, Choice>> choices;

  [[nodiscard]] std::string expected() const {
    std::string words;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (i > 0) words += i + 1 == choices.size() ? " or " : ", ";
      words += choices[i].first;
    }
    return words;
  }
  config_reading<Choice> operator()(const config_node& node) const {
    config_reading<Choice> made{.expected = expected()};
    if (node.is != config_node::kind::scalar) made.code = "CONFIG_WRONG_TYPE";
    for (const auto& [word, choice] : choices) {
      if (node.is == config_node::kind::scalar && node.text == word) made.value = choice;
    }
    if (!made.value) made.nearest = near(node.text);
    return made;
  }

 private:
  [[nodiscard]] std::string near(const std::string& text) const {
    std::vector<std::string> words;
    for (const auto& choice : choices) words.emplace_back(choice.first);
    return nearest_word(text, words);
  }
  static std::string nearest_word(const std::string& text, const std::vector<std::string>& words);
};

[[nodiscard]] std::string nearest_or_empty(const std::string& text,
                                           const std::vector<std::string>& words);

template <class Choice>
std::string choice_value<Choice>::nearest_word(const std::string& text,
                                               const std::vector<std::string>& words) {
  return nearest_or_empty(text, words);
}

/// Replaces ${NAME}; `$` alone stays. Fails on an unknown variable and on a `${` without end.
[[nodiscard]] config_reading<std::string> expanded(std::string_view text,
                                                   const environment& variables);

}  // namespace patchbay
