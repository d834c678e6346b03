#include "patchbay/adapter/report/error_text.hpp"

#include "json_writer.hpp"

namespace patchbay {

std::string error_json(const placed_fault& error) {
  json_writer out;
  out.open();
  out.number("schema_version", 1);
  out.open("error");
  out.text("code", error.code);
  out.text("message", error.message);
  if (!error.file.empty()) out.text("file", error.file);
  if (error.line > 0) {
    out.number("line", error.line);
    out.number("column", error.column);
  }
  out.close();
  out.close();
  return out.line();
}

std::string error_json(const fault& error) {
  placed_fault placed;
  placed.code = error.code;
  placed.message = error.message;
  return error_json(placed);
}

std::string error_text(std::span<const placed_fault> errors) {
  std::string out;
  for (const placed_fault& error : errors) {
    if (!error.file.empty()) {
      out += printable(error.file) + ":";
      if (error.line > 0) {
        out += std::to_string(error.line) + ":" + std::to_string(error.column) + ":";
      }
      out += " ";
    }
    out += printable(error.message) + " [" + error.code + "]\n";
  }
  return out;
}

std::string error_text(const fault& error) {
  return printable(error.message) + " [" + error.code + "]\n";
}

}  // namespace patchbay
