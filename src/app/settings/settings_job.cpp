#include <algorithm>

#include "patchbay/app/config_units.hpp"
#include "patchbay/app/settings_parts.hpp"
#include "patchbay/model/encodings.hpp"
#include "patchbay/model/nearest.hpp"
#include "patchbay/policy/blackout.hpp"
#include "patchbay/policy/calendar.hpp"

namespace patchbay {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_name = 64;

/// A job's name is part of run names, of metrics and of file names.
bool safe_name(std::string_view name) {
  constexpr std::string_view inner =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  constexpr std::size_t may_begin = 62;  // letters and digits
  return !name.empty() && name.size() <= most_name &&
         name.find_first_not_of(inner) == std::string_view::npos &&
         inner.find(name[0]) < may_begin && name.back() != '.';
}

void read_name(config_section& section, std::string& into) {
  if (!section.demand("name", into, text_value{"the job's name"})) return;
  if (safe_name(into)) return;
  section.refuse("name",
                 "expected up to 64 letters, digits, \"-\", \"_\" and \".\", beginning with "
                 "a letter or digit (the name is used in file names), found \"" +
                     into + "\"");
}

/// The first that is none is named.
struct blackouts_value {
  [[nodiscard]] std::string expected() const {
    return "a list of days and hours such as [\"Fri 18:00-22:00\", \"12-24 00:00-24:00\"]";
  }

  config_reading<std::vector<std::string>> operator()(const config_node& node) const {
    config_reading<std::vector<std::string>> made{.expected = expected()};
    if (node.is != config_node::kind::sequence) {
      made.code = "CONFIG_WRONG_TYPE";
      return made;
    }
    std::vector<std::string> found;
    for (const config_node& element : node.elements) {
      const config_reading<std::string> text = text_value{expected()}(element);
      if (!text.value) return {.expected = expected(), .code = text.code};
      if (const auto hours = blackout::parse(*text.value); !hours) {
        made.why = hours.error().message;
        return made;
      }
      found.push_back(*text.value);
    }
    made.value = std::move(found);
    return made;
  }
};

void read_times(config_section& section, const settings_desk& desk, job_spec& into) {
  std::string text;
  if (section.read("timezone", text, text_value{"a time zone such as Europe/Rome"})) {
    if (desk.around.zones.find(text) == nullptr) {
      const std::string near = nearest(text, desk.around.zones.names()).value_or("");
      section.refuse("timezone", "unknown time zone \"" + text +
                                     "\", expected a name such as "
                                     "Europe/Rome" +
                                     (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
    }
    into.timezone = text;
  }
  if (section.read("schedule", text, text_value{"a cron expression such as \"15 2 * * 1-5\""})) {
    if (const auto cron = cron_schedule::parse(text); !cron) {
      section.refuse("schedule", "no cron expression: " + cron.error().message);
    }
    into.schedule = text;
  }
  if (section.read("deadline", text, text_value{"a time of day such as \"06:00\""})) {
    if (const auto time = parse_time_of_day(text); !time) {
      section.refuse("deadline", time.error().message);
    }
    into.deadline = text;
  }
  section.read("jitter", into.jitter,
               duration_value{.least = milliseconds(0), .most = std::chrono::hours(24)});
  if (into.jitter.count() > 0 && !into.schedule) {
    section.refuse("jitter", "it spreads the moments of a schedule, and this job has none");
  }
  section.read("blackout", into.blackout, blackouts_value{});
}

void read_match(config_section section, mapping_spec& into) {
  section.demand(
      "by", into.by,
      choice_value<match_by>{
          {{"id", match_by::id}, {"reference", match_by::reference}, {"email", match_by::email}}});
  section.demand("column", into.key_column, text_value{"the header name of the key's column"});
  section.read("transform", into.key_transforms, transforms_value{});
  section.finish();
}

void read_complete(config_section& section, source_spec& into) {
  std::string text;
  const std::string expected = "rename, marker or quiet:DURATION such as quiet:30s";
  if (!section.read("complete", text, text_value{expected})) return;
  constexpr std::string_view quiet_prefix = "quiet:";
  if (text == "rename") {
    into.complete = completion::rename;
  } else if (text == "marker") {
    into.complete = completion::marker;
  } else if (text.starts_with(quiet_prefix)) {
    const auto span = parse_duration(std::string_view(text).substr(quiet_prefix.size()));
    if (!span || span->count() < 100 || *span > std::chrono::hours(24)) {
      section.refuse("complete",
                     "expected quiet: and a duration from 100ms to 1d, found \"" + text + "\"");
      return;
    }
    into.complete = completion::quiet;
    into.quiet_for = *span;
  } else {
    section.refuse("complete", "expected " + expected + ", found \"" + text + "\"");
  }
}

void read_encoding(config_section& section, std::string& into) {
  std::string text;
  if (!section.read("encoding", text, text_value{"an encoding such as utf-8 or windows-1252"})) {
    return;
  }
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  const std::vector<std::string>& known = known_encodings();
  if (std::find(known.begin(), known.end(), text) == known.end()) {
    const std::string near = nearest_or_empty(text, known);
    section.refuse("encoding", "unknown encoding \"" + text +
                                   "\", expected utf-8, utf-16le, utf-16be, us-ascii, windows-1250 "
                                   "to windows-1258 or iso-8859-1 to iso-8859-16" +
                                   (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  into = text;
}

/// One character, or the word none.
struct character_or_none {
  [[nodiscard]] std::string expected() const { return "one character, or none"; }

  config_reading<char> operator()(const config_node& node) const {
    if (node.is == config_node::kind::scalar && node.text == "none") return {.value = '\0'};
    config_reading<char> made = character_value{}(node);
    made.expected = expected();
    return made;
  }
};

void read_csv(config_section section, csv_spec& into) {
  section.read("delimiter", into.delimiter, character_value{});
  section.read("quote", into.quote, character_or_none{});
  section.read("escape", into.escape, character_or_none{});
  section.read("comment", into.comment, character_or_none{});
  read_encoding(section, into.encoding);
  section.read("decimal_comma", into.decimal_comma, truth_value{});
  if (into.quote == into.delimiter) {
    section.refuse("quote", "the quote and the delimiter are the same character");
  }
  if (into.escape == into.quote && into.quote != '\0') {
    section.refuse("escape", "a doubled quote needs no escape: take this key away");
  }
  if (into.escape != '\0' && (into.quote == '\0' || into.escape == into.delimiter)) {
    section.refuse("escape", "an escape needs a quote, and is not the delimiter");
  }
  if (into.comment != '\0' && (into.comment == into.quote || into.comment == into.delimiter ||
                               into.comment == into.escape)) {
    section.refuse("comment", "lines that begin like rows would be taken for comments");
  }
  section.finish();
}

}  // namespace

void read_source(config_section section, const settings_desk& desk, source_spec& into) {
  section.demand("directory", into.directory, desk.path());
  if (section.read("pattern", into.pattern, text_value{"a file name pattern such as *.csv"}) &&
      into.pattern.find('/') != std::string::npos) {
    section.refuse("pattern", "a pattern names files of source.directory: it has no \"/\"");
  }
  read_complete(section, into);
  section.read(
      "mode", into.mode,
      choice_value<drop_mode>{{{"snapshot", drop_mode::snapshot}, {"delta", drop_mode::delta}}});
  section.read("keep", into.keep, duration_value{.least = std::chrono::hours(1)});
  read_csv(section.section("csv"), into.csv);
  section.finish();
}

void read_job(config_section section, const settings_desk& desk, job_spec& into) {
  read_name(section, into.name);
  read_source(section.demand_section("source", "the section source: with directory"), desk,
              into.source);
  read_times(section, desk, into);
  read_match(section.demand_section("match", "the section match: with by and column"),
             into.mapping);
  into.mapping.decimal_comma = into.source.csv.decimal_comma;
  read_fields(section, into.mapping);
  section.read("metadata", into.mapping.metadata,
               choice_value<metadata_rule>{
                   {{"merge", metadata_rule::merge}, {"replace", metadata_rule::replace}}});
  for (const field_spec& field : into.mapping.fields) {
    if (!field.sensitive || field.kind != field_kind::metadata) continue;
    if (into.mapping.metadata != metadata_rule::replace) continue;
    section.refuse("metadata", "replace writes every key each time, but of the sensitive " +
                                   field.name +
                                   " only a hash is kept: say merge, or take sensitive away");
  }
  read_budgets(section.section("budgets"), into.mapping, into.budgets);
  section.finish();
}

}  // namespace patchbay
