// A YAML document as a tree that knows where everything stands. Built from yaml-cpp's events and
// not from its nodes, because the nodes accept duplicate keys and have already followed aliases.
// Refused at the door: duplicate keys, anchors, aliases, tags, several documents, files over 1 MB,
// more than 32 levels. Single thread, at start and at SIGHUP.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/result.hpp>

#include "patchbay/model/placed_fault.hpp"

namespace patchbay {

/// Line and column from 1.
struct config_place {
  std::int64_t line = 1;
  std::int64_t column = 1;
};

struct config_member;

struct config_node {
  enum class kind { null, scalar, sequence, mapping };
  kind is = kind::null;
  config_place place = {};
  std::string text = {};                    ///< scalar
  bool quoted = false;                      ///< scalar: "8" is text, 8 a number
  std::vector<config_node> elements = {};   ///< sequence
  std::vector<config_member> members = {};  ///< mapping, keys are unique, in the order of the file
};

struct config_member {
  std::string key;
  config_place place;  ///< of the key
  config_node node;
};

/// One fault or more, in the order of the file; the first is the one that scripts are told.
using config_faults = std::vector<placed_fault>;
[[noreturn]] void throw_exception_from_error(const config_faults& error,
                                             const boost::source_location&);

inline constexpr std::size_t most_config_bytes = 1U << 20U;

/// CONFIG_FILE_MISSING, CONFIG_FILE_UNREADABLE, CONFIG_TOO_LARGE and whatever parse_config() finds.
[[nodiscard]] boost::system::result<config_node, config_faults> read_config(
    const std::filesystem::path& file);

/// CONFIG_SYNTAX, CONFIG_DUPLICATE_KEY, CONFIG_ALIAS, CONFIG_TAG, CONFIG_TOO_DEEP. `file` is only
/// a name for the faults. The root is a mapping (CONFIG_WRONG_TYPE).
[[nodiscard]] boost::system::result<config_node, config_faults> parse_config(
    std::string_view text, const std::string& file);

}  // namespace patchbay
