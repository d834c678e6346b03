#include "patchbay/adapter/report/check_text.hpp"

#include <algorithm>

#include "json_writer.hpp"

namespace patchbay {

namespace {

const char* name_of(check_grade grade) {
  switch (grade) {
    case check_grade::fine:
      return "ok";
    case check_grade::warning:
      return "warning";
    case check_grade::wrong:
      return "failed";
  }
  return "";
}

std::string mark_of(check_grade grade) {
  switch (grade) {
    case check_grade::fine:
      return "ok    ";
    case check_grade::warning:
      return "WARN  ";
    case check_grade::wrong:
      return "FAIL  ";
  }
  return "";
}

}  // namespace

std::string checks_json(std::span<const checked_thing> checks) {
  json_writer out;
  out.open();
  out.number("schema_version", 1);
  out.truth("fine", std::none_of(checks.begin(), checks.end(), [](const checked_thing& one) {
              return one.grade == check_grade::wrong;
            }));
  out.open_list("checks");
  for (const checked_thing& one : checks) {
    out.open();
    out.text("name", one.name);
    out.truth("fine", one.grade != check_grade::wrong);
    out.text("grade", name_of(one.grade));
    out.text_or_null("code", one.code);
    out.text("message", one.message);
    out.close();
  }
  out.close_list();
  out.close();
  return out.line();
}

std::string checks_text(std::span<const checked_thing> checks) {
  std::string out;
  std::size_t width = 0;
  for (const checked_thing& one : checks) width = std::max(width, width_of(one.name));
  for (const checked_thing& one : checks) {
    out += mark_of(one.grade) + padded(one.name, width) + "  " + printable(one.message);
    if (one.grade != check_grade::fine) out += " [" + one.code + "]";
    out += "\n";
  }
  return out;
}

}  // namespace patchbay
