#include "patchbay/app/config_scalars.hpp"

#include <cmath>

#include "patchbay/app/config_units.hpp"
#include "patchbay/model/nearest.hpp"

namespace patchbay {
namespace {

template <class T>
config_reading<T> misread(std::string expected, const config_node& node) {
  const bool scalar = node.is == config_node::kind::scalar;
  return {.expected = std::move(expected), .code = scalar ? "CONFIG_VALUE" : "CONFIG_WRONG_TYPE"};
}

/// For values that are not text: the right node, but not even readable as one.
template <class T>
config_reading<T> wrong_type(std::string expected) {
  return {.expected = std::move(expected), .code = "CONFIG_WRONG_TYPE"};
}

bool variable_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    const bool word =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    if (!word) return false;
  }
  return true;
}

}  // namespace

std::string nearest_or_empty(const std::string& text, const std::vector<std::string>& words) {
  return nearest(text, words).value_or("");
}

config_reading<std::string> text_value::operator()(const config_node& node) const {
  if (node.is != config_node::kind::scalar) return wrong_type<std::string>(expected());
  if (node.text.empty() && !may_be_empty) {
    return {.expected = expected(), .why = "is empty: expected " + expected()};
  }
  return {.value = node.text};
}

std::string whole_value::expected() const {
  if (most == INT64_MAX) return "a whole number from " + std::to_string(least);
  return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

config_reading<std::int64_t> whole_value::operator()(const config_node& node) const {
  if (node.is != config_node::kind::scalar || node.quoted) {
    return wrong_type<std::int64_t>(expected());
  }
  const auto number = parse_whole(node.text);
  const bool negative = node.text.size() > 1 && node.text[0] == '-' &&
                        parse_whole(std::string_view(node.text).substr(1));
  if (!number && !negative) return wrong_type<std::int64_t>(expected());
  if (!number || *number < least || *number > most) return misread<std::int64_t>(expected(), node);
  return {.value = *number};
}

config_reading<bool> truth_value::operator()(const config_node& node) const {
  const bool plain = node.is == config_node::kind::scalar && !node.quoted;
  if (plain && node.text == "true") return {.value = true};
  if (plain && node.text == "false") return {.value = false};
  return wrong_type<bool>(expected());
}

std::string duration_value::expected() const {
  return "a duration such as 500ms, 15s, 2h or 90d, from " + duration_text(least) + " to " +
         duration_text(most);
}

config_reading<std::chrono::milliseconds> duration_value::operator()(
    const config_node& node) const {
  if (node.is != config_node::kind::scalar) {
    return wrong_type<std::chrono::milliseconds>(expected());
  }
  const auto span = parse_duration(node.text);
  if (!span) return wrong_type<std::chrono::milliseconds>(expected());
  if (*span < least || *span > most) return misread<std::chrono::milliseconds>(expected(), node);
  return {.value = *span};
}

std::string size_value::expected() const {
  std::string bounds = ", from " + size_text(least);
  if (most != INT64_MAX) bounds += " to " + size_text(most);
  return "a size such as 64MB" + bounds;
}

config_reading<std::int64_t> size_value::operator()(const config_node& node) const {
  if (node.is != config_node::kind::scalar) return wrong_type<std::int64_t>(expected());
  const auto bytes = parse_size(node.text);
  if (!bytes) return wrong_type<std::int64_t>(expected());
  if (*bytes < least || *bytes > most) return misread<std::int64_t>(expected(), node);
  return {.value = *bytes};
}

std::string share_value::expected() const {
  return "a share from 0% to " + std::to_string(std::lround(most * 100)) + "%";
}

config_reading<double> share_value::operator()(const config_node& node) const {
  if (node.is != config_node::kind::scalar) return wrong_type<double>(expected());
  const auto share = parse_share(node.text);
  if (!share) return wrong_type<double>(expected());
  if (*share > most) return misread<double>(expected(), node);
  return {.value = *share};
}

config_reading<char> character_value::operator()(const config_node& node) const {
  if (node.is != config_node::kind::scalar) return wrong_type<char>(expected());
  const bool one = node.text.size() == 1;
  const char c = one ? node.text[0] : '\0';
  if (!one || (c != '\t' && (c < ' ' || c > '~'))) return misread<char>(expected(), node);
  return {.value = c};
}

config_reading<std::string> expanded(std::string_view text, const environment& variables) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = std::min(text.find("${", at), text.size());
    out += text.substr(at, start - at);
    if (start == text.size()) break;
    const std::size_t end = text.find('}', start);
    if (end == std::string_view::npos) return {.why = "\"${\" has no closing \"}\""};
    const std::string name(text.substr(start + 2, end - start - 2));
    if (!variable_name(name)) {
      return {.why = "\"${" + name + "}\" does not name an environment variable"};
    }
    const auto set = variables(name);
    if (!set || set->empty()) {
      return {.why =
                  "the environment variable " + name + " is not set" +
                  (name == "CREDENTIALS_DIRECTORY"
                       ? ": systemd sets it for a unit with LoadCredential=; elsewhere set it to "
                         "the folder of the file, or name the file itself"
                       : "")};
    }
    out += *set;
    at = end + 1;
  }
  return {.value = std::move(out)};
}

config_reading<std::filesystem::path> path_value::operator()(const config_node& node) const {
  if (node.is != config_node::kind::scalar) return wrong_type<std::filesystem::path>(expected());
  if (node.text.empty()) return {.expected = expected(), .why = "is empty: expected a path"};
  auto text = expanded(node.text, variables);
  if (!text.value) return {.expected = expected(), .why = std::move(text.why)};
  const std::filesystem::path path(*text.value);
  return {.value = (path.is_absolute() ? path : base / path).lexically_normal()};
}

}  // namespace patchbay
