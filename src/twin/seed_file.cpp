// Customers out of files, and into them: JSON lines both ways, CSV in.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "patchbay/model/levels.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::twin {

namespace {

using row = std::vector<std::string>;

fault invalid(const std::string& why) {
  return {"TWIN_FILE_INVALID", why};
}

/// One record of RFC 4180 from `at` on; false at the end of the text.
bool next_row(std::string_view text, std::size_t& at, std::size_t& line, row& into) {
  into.assign(1, "");
  if (at >= text.size()) return false;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"') {
      into.back() += c;
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      into.emplace_back();
    } else if (!quoted && c == '\n') {
      ++at;
      return true;
    } else if (quoted || c != '\r') {
      into.back() += c;
    }
  }
  return true;
}

/// A cell as JSON: numbers, true, false, objects and arrays as they are, the rest as text.
std::string json_of_cell(const std::string& cell) {
  const result<value> read = canonical_json(cell);
  return read ? read->json : string_value(cell).json;
}

/// A CSV row as the line of JSON that customer_from reads.
result<std::string> line_of(const row& header, const row& cells) {
  if (cells.size() != header.size()) {
    return invalid(std::to_string(cells.size()) + " cells under " + std::to_string(header.size()) +
                   " columns");
  }
  json_object line;
  std::string metadata = "{}";
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string& name = header[i];
    if (name == "metadata") {
      if (!cells[i].empty()) metadata = cells[i];
    } else if (name.starts_with("metadata.")) {
      if (cells[i].empty()) continue;
      const result<std::string> grown =
          with_metadata(metadata, pieces_of(name.substr(9), '.'), value{json_of_cell(cells[i])});
      if (!grown) return invalid("metadata: " + grown.error().message);
      metadata = *grown;
    } else if (name == "tags") {
      std::vector<std::string> names = pieces_of(cells[i], '|');
      for (std::string& one : names) one = string_value(one).json;
      line.add("tags", json_array(names));
    } else if (!cells[i].empty()) {
      line.add(string_value(name).json.substr(1, string_value(name).json.size() - 2),
               string_value(cells[i]).json);
    }
  }
  return line.add("metadata", metadata).text();
}

/// Adds the customer that `line` describes; the fault says what is wrong with it.
result<bool> add_line(roster& into, std::string_view line) {
  customer base;
  base.id = id_of(into.size() + 1);
  base.created_at = wall_time(std::chrono::seconds(1'704'067'200));
  base.updated_at = base.created_at;
  result<customer> read = customer_from(line, std::move(base), into);
  if (!read) return read.error();
  const std::string id = read->id;
  if (!into.add(std::move(*read))) return invalid("the id " + id + " or its e-mail stands twice");
  return true;
}

result<bool> read_csv(std::string_view text, roster& into) {
  std::size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  std::size_t line = 1;
  row header;
  row cells;
  if (!next_row(text, at, line, header)) return invalid("it is empty: it needs a header line");
  for (std::size_t begins = line; next_row(text, at, line, cells); begins = line) {
    if (cells.size() == 1 && cells[0].empty()) continue;
    const result<std::string> written = line_of(header, cells);
    const result<bool> added = written ? add_line(into, *written) : result<bool>(written.error());
    if (!added) return invalid("line " + std::to_string(begins) + ": " + added.error().message);
  }
  return true;
}

result<bool> read_json_lines(std::string_view text, roster& into) {
  std::size_t number = 0;
  for (const std::string& line : pieces_of(text, '\n')) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const result<bool> added = add_line(into, line);
    if (!added) return invalid("line " + std::to_string(number) + ": " + added.error().message);
  }
  return true;
}

/// Sets one member of a line of JSON; the text says what is wrong, empty: nothing.
std::string set_member(customer& one, const std::string& name, const value& given, roster& groups) {
  if (name == "id" || name == "status" || name == "password") {
    if (!is_string(given)) return name + " must be a text";
    (name == "id" ? one.id : name == "status" ? one.status : one.password) = plain_text(given);
  } else if (name == "customer_group") {
    one.group_id = is_null(given) ? "" : groups.add_group(plain_text(given)).id;
  } else if (name == "tags") {
    one.tag_ids.clear();
    for (const std::string& each : elements_of(given.json)) {
      one.tag_ids.push_back(groups.add_tag(plain_text(value{each})).id);
    }
  } else if (name == "metadata") {
    if (!given.json.starts_with('{')) return "metadata must be an object";
    one.metadata = given;
  } else if (value* kept = attribute(one, name)) {
    *kept = is_null(given) || is_string(given) ? given : string_value(given.json);
  } else if (name != "created_at" && name != "updated_at" && name != "has_password") {
    return "a customer has no '" + name +
           "'; it has id, email, reference, reference_origin, shopper_reference, profile_id, "
           "tax_exemption_code, metadata, customer_group, tags, status, password";
  }
  return {};
}

bool is_id(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  return text.size() == 10 && std::all_of(text.begin(), text.end(), letter);
}

}  // namespace

result<customer> customer_from(std::string_view line, customer base, roster& groups) {
  const result<field_values> members = parse_values(line);
  if (!members) return invalid("not a JSON object: " + members.error().message);
  for (const auto& [name, given] : *members) {
    const std::string wrong = set_member(base, name, given, groups);
    if (!wrong.empty()) return invalid(wrong);
  }
  if (!is_id(base.id)) return invalid("the id '" + base.id + "' is not ten letters");
  return base;
}

result<roster> roster_from(const std::filesystem::path& file) {
  std::ifstream opened(file, std::ios::binary);
  if (!opened) return fault{"TWIN_FILE_MISSING", file.string() + ": cannot be read"};
  std::ostringstream whole;
  whole << opened.rdbuf();
  const std::string text = whole.str();
  roster read;
  const bool csv = file.extension() == ".csv";
  const result<bool> done = csv ? read_csv(text, read) : read_json_lines(text, read);
  if (!done) return fault{done.error().code, file.string() + ": " + done.error().message};
  read.settle_order();
  return read;
}

std::string customer_line(const customer& one, const roster& groups) {
  std::vector<std::string> tags;
  for (const std::string& id : one.tag_ids) {
    if (const tag* worn = groups.tag_by_id(id)) tags.push_back(string_value(worn->name).json);
  }
  const group* joined = groups.group_by_id(one.group_id);
  return json_object()
      .add_text("id", one.id)
      .add("email", one.email.json)
      .add("reference", one.reference.json)
      .add("reference_origin", one.reference_origin.json)
      .add("shopper_reference", one.shopper_reference.json)
      .add("profile_id", one.profile_id.json)
      .add("tax_exemption_code", one.tax_exemption_code.json)
      .add("customer_group", joined == nullptr ? "null" : string_value(joined->code).json)
      .add("tags", json_array(tags))
      .add("metadata", one.metadata.json)
      .add_text("status", one.status)
      .add_bool("has_password", !one.password.empty())
      .add_text("created_at", iso_time(one.created_at))
      .add_text("updated_at", iso_time(one.updated_at))
      .text();
}

std::string state_lines(const roster& customers) {
  std::string lines;
  for (const customer* one : customers.all()) lines += customer_line(*one, customers) + '\n';
  return lines;
}

}  // namespace patchbay::twin
