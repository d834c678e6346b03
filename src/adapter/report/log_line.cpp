#include "log_line.hpp"

#include <array>
#include <cstdio>

#include "json_writer.hpp"
#include "log_events.hpp"

namespace patchbay {
namespace {

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view faint = "\x1b[2m";
constexpr std::string_view plain = "\x1b[0m";

std::string_view name_of(severity how) {
  switch (how) {
    case severity::debug:
      return "debug";
    case severity::info:
      return "info";
    case severity::warning:
      return "warning";
    case severity::error:
      return "error";
  }
  return "";
}

/// Syslog's levels.
char priority_of(severity how) {
  switch (how) {
    case severity::debug:
      return '7';
    case severity::info:
      return '6';
    case severity::warning:
      return '4';
    case severity::error:
      return '3';
  }
  return '3';
}

std::string_view colour_of(severity how) {
  switch (how) {
    case severity::debug:
      return faint;
    case severity::info:
      return "";
    case severity::warning:
      return yellow;
    case severity::error:
      return red;
  }
  return "";
}

std::string precise_text(wall_time when) {
  const auto rest = when - std::chrono::floor<std::chrono::seconds>(when);
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), ".%03dZ", static_cast<int>(rest.count()));
  std::string out = utc_text(when);
  out.pop_back();
  return out + text.data();
}

/// ` event=drop_held job=erp drop="my drop.csv"`.
std::string pairs_of(const log_entry& entry) {
  std::string out = " event=" + printable(entry.event);
  for (const auto& [name, text] : entry.fields) {
    const std::string clean = printable(text);
    const bool bare = !clean.empty() && clean.find_first_of(" \"=") == std::string::npos;
    out += " " + printable(name) + "=" + (bare ? clean : string_value(clean).json);
  }
  return out;
}

std::string json_line(const log_entry& entry) {
  json_writer out;
  out.open();
  out.text("time", precise_text(entry.when));
  out.text("level", name_of(entry.how));
  out.text("event", entry.event);
  out.text("message", entry.text);
  if (!entry.fields.empty()) {
    out.open("fields");
    for (const auto& [name, text] : entry.fields) out.text(name, text);
    out.close();
  }
  out.close();
  std::string line = out.line();
  line.pop_back();
  return line;
}

/// The journal's names: capital letters, digits and underscores, a letter first.
std::string journal_name(std::string_view name) {
  if (name == "run") return "RUN_ID";
  if (name == "id") return "CUSTOMER_ID";
  std::string out;
  for (const char c : name.substr(0, 60)) {
    const bool small = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += small ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return out.empty() || out[0] < 'A' || out[0] > 'Z' ? "FIELD_" + out : out;
}

std::string text_line(const log_entry& entry, const log_options& options) {
  std::string line;
  if (!options.terminal) line += utc_text(entry.when) + " ";
  const bool named = !options.terminal || entry.how >= severity::warning;
  const std::string_view colour = options.colour ? colour_of(entry.how) : "";
  line += colour;
  if (named) line += std::string(name_of(entry.how)) + ": ";
  line += printable(entry.text);
  if (options.details || !options.terminal) line += pairs_of(entry);
  if (!colour.empty()) line += plain;
  return line;
}

}  // namespace

std::string log_line(const log_entry& entry, const log_options& options) {
  switch (options.format) {
    case log_format::text:
      return text_line(entry, options);
    case log_format::json:
      return json_line(entry);
    case log_format::journal:
      return std::string("<") + priority_of(entry.how) + ">" + printable(entry.text) +
             pairs_of(entry);
  }
  return {};
}

std::string journal_datagram(const log_entry& entry) {
  constexpr std::size_t longest_message = 8192;
  constexpr std::size_t longest_value = 1024;
  std::string out = "MESSAGE=" + clipped(printable(entry.text), longest_message) + "\n";
  out += std::string("PRIORITY=") + priority_of(entry.how) + "\n";
  out += "SYSLOG_IDENTIFIER=patchbay\n";
  out += "EVENT=" + printable(entry.event) + "\n";
  if (const std::string_view id = message_id_of(entry.event); !id.empty()) {
    out += "MESSAGE_ID=" + std::string(id) + "\n";
  }
  for (const auto& [name, text] : entry.fields) {
    out += journal_name(name) + "=" + clipped(printable(text), longest_value) + "\n";
  }
  return out;
}

}  // namespace patchbay
