#include "patchbay/adapter/report/letters_text.hpp"

#include <string_view>
#include <vector>

#include "json_writer.hpp"
#include "patchbay/adapter/report/text_layout.hpp"

namespace patchbay {
namespace {

std::string place_of(const dead_letter& letter) {
  std::string place = printable(letter.file);
  if (letter.line > 0) place += ":" + std::to_string(letter.line);
  if (!letter.column.empty()) place += ":" + printable(letter.column);
  return place;
}

std::string retry_of(const dead_letter& letter, wall_time now) {
  if (letter.next_retry == wall_time{}) return "when its row changes";
  const double seconds = std::chrono::duration<double>(letter.next_retry - now).count();
  return seconds <= 0 ? "with the next run"
                      : day_text(letter.next_retry) + " (in " + span_text(seconds) + ")";
}

}  // namespace

std::string dead_letters_json(std::span<const dead_letter> letters) {
  json_writer out;
  out.open();
  out.number("schema_version", 1);
  out.open_list("dead_letters");
  for (const dead_letter& letter : letters) {
    out.open();
    out.text("key", letter.key);
    out.text_or_null("id", letter.id);
    out.text("job", letter.job);
    out.text_or_null("drop", letter.file);
    out.number_or_null("line", letter.line);
    out.text_or_null("column", letter.column);
    out.text_or_null("field", letter.field);
    out.text("code", letter.code);
    out.text("message", letter.message);
    out.text_or_null("request_id", letter.request_id);
    out.number("attempts", letter.attempts);
    out.time("since", letter.since);
    out.time("next_retry", letter.next_retry);
    out.close();
  }
  out.close_list();
  out.close();
  return out.line();
}

namespace {

/// A spreadsheet takes what begins like this for a formula (OWASP, CSV injection).
std::string csv_cell(const std::string& text) {
  std::string cell = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    cell += '\'';
  }
  for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + '"';
}

std::string csv_row(const std::vector<std::string>& cells) {
  std::string row;
  for (const std::string& one : cells) row += (row.empty() ? "" : ",") + csv_cell(one);
  return row + "\r\n";
}

}  // namespace

std::string dead_letters_csv(std::span<const dead_letter> letters) {
  const auto moment = [](wall_time at) { return at == wall_time{} ? "" : utc_text(at); };
  std::string out = csv_row({"key", "id", "job", "drop", "line", "column", "field", "code",
                             "message", "request_id", "attempts", "since", "next_retry"});
  for (const dead_letter& one : letters) {
    out += csv_row({one.key, one.id, one.job, one.file, std::to_string(one.line), one.column,
                    one.field, one.code, one.message, one.request_id, std::to_string(one.attempts),
                    moment(one.since), moment(one.next_retry)});
  }
  return out;
}

std::string refusal_text(const dead_letter& letter, wall_time now, std::size_t indent) {
  return wrapped(printable(letter.message) + " [" + printable(letter.code) + "]", indent,
                 report_columns) +
         wrapped("refused since " + day_text(letter.since) + ", tried " +
                     counted(letter.attempts, "time", "times") + ", next try " +
                     retry_of(letter, now),
                 indent, report_columns);
}

std::string dead_letters_text(std::span<const dead_letter> letters, wall_time now) {
  if (letters.empty()) return "There are no dead letters.\n";
  std::string out;
  for (const dead_letter& letter : letters) {
    std::string head = printable(letter.key);
    if (!letter.field.empty()) head += "  " + printable(letter.field);
    out += clipped(head + "  " + place_of(letter), report_columns) + "\n";
    out += refusal_text(letter, now, 4);
  }
  out += "\n" + counted(static_cast<std::int64_t>(letters.size()), "dead letter", "dead letters") +
         "\n";
  out += "  patchbay dead-letters show KEY     one of them, with the API's request id\n";
  out +=
      "  patchbay dead-letters retry KEY    once more as it is (whoever runs, or the next sync)\n";
  out += "  patchbay dead-letters drop KEY     keep the API's value until the ERP says another\n";
  return out;
}

std::string dead_letter_text(const dead_letter& letter, wall_time now) {
  std::vector<std::vector<std::string>> rows{{"customer", printable(letter.key)}};
  const auto add = [&rows](const char* name, const std::string& text) {
    if (!text.empty()) rows.push_back({name, printable(text)});
  };
  add("id", letter.id);
  add("job", letter.job);
  add("row", place_of(letter));
  add("field", letter.field);
  add("code", letter.code);
  add("request id", letter.request_id);
  add("since", day_text(letter.since));
  add("attempts", std::to_string(letter.attempts));
  add("next try", retry_of(letter, now));
  return table(rows, 0) + "\n" + wrapped(printable(letter.message), 0, report_columns);
}

}  // namespace patchbay
