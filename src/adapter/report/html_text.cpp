#include "html_text.hpp"

#include <cstdio>

#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {

std::string escaped(std::string_view text) {
  const std::string clean = printable(text);
  std::string out;
  out.reserve(clean.size() + clean.size() / 8);
  for (const char c : clean) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
        break;
    }
  }
  return out;
}

std::string element(std::string_view tag, std::string_view attributes, std::string_view inner) {
  std::string out = "<";
  out += tag;
  if (!attributes.empty()) (out += ' ') += attributes;
  ((out += '>') += inner) += "</";
  (out += tag) += ">\n";
  return out;
}

std::string number_text(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.2f", number);
  return text;
}

}  // namespace patchbay
