#include "patchbay/app/settings.hpp"

#include <cstdlib>

#include "patchbay/app/config_units.hpp"
#include "patchbay/app/settings_parts.hpp"

namespace patchbay {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

using loaded = boost::system::result<loaded_settings, config_faults>;

constexpr duration_value keep_span{.least = hours(1)};

void read_state(config_section section, const settings_desk& desk, settings& into) {
  if (section.present("url")) {
    section.know("url");
    section.notes().add(section.place_of("url"), "STATE_URL_UNSUPPORTED", section.full_name("url"),
                        "state.url: this version keeps its state in a folder of this machine and "
                        "has no shared store; take state.url away and set state.path");
  }
  section.demand("path", into.state_path, desk.path());
  into.key_file = into.state_path / "seal.key";
  section.read("key_file", into.key_file, desk.path());
  section.read("history", into.history, keep_span);
  section.finish();
}

void read_report(config_section section, const settings_desk& desk, settings& into) {
  into.report_directory = into.state_path / "reports";
  section.read("directory", into.report_directory, desk.path());
  section.read("keep", into.report_keep, keep_span);
  section.finish();
}

bool numeric_port(std::string_view text) {
  const auto port = parse_whole(text);
  return port && *port <= 65'535 && text.size() <= 5;
}

void read_http(config_section section, const settings_desk& desk, settings& into) {
  std::string listen;
  if (section.read("listen", listen, text_value{"host:port or unix:/path"})) {
    constexpr std::string_view unix_prefix = "unix:";
    if (listen.starts_with(unix_prefix)) {
      const config_node path{.is = config_node::kind::scalar,
                             .text = listen.substr(unix_prefix.size())};
      auto made = desk.path()(path);
      if (!made.value) section.refuse("listen", made.why);
      if (made.value) into.http_listen = std::string(unix_prefix) + made.value->string();
    } else {
      const std::size_t colon = listen.rfind(':');
      if (colon == std::string::npos || colon == 0 ||
          !numeric_port(std::string_view(listen).substr(colon + 1))) {
        section.refuse(
            "listen",
            "expected host:port such as 127.0.0.1:9464, or unix:/path, found \"" + listen + "\"");
      } else if (!stays_here("http://" + listen)) {
        section.refuse(
            "listen",
            "\"" + listen +
                "\" could be reached from other machines, and nobody is "
                "asked who they are: expected 127.0.0.1:9464, [::1]:9464 or unix:/path; for "
                "others put a proxy with a login before it");
      }
      into.http_listen = listen;
    }
  }
  section.finish();
}

void read_metrics(config_section section, const settings_desk& desk, settings& into) {
  std::filesystem::path file;
  if (section.read("textfile", file, desk.path())) {
    if (file.extension() != ".prom") {
      section.refuse("textfile", "node_exporter reads files that end in .prom");
    }
    into.metrics_textfile = file;
  }
  section.finish();
}

void read_log(config_section section, settings& into) {
  std::string level = into.log_level;
  section.read(
      "level", into.log_level,
      choice_value<std::string>{
          {{"error", "error"}, {"warning", "warning"}, {"info", "info"}, {"debug", "debug"}}});
  section.read(
      "format", into.log_format,
      choice_value<std::string>{{{"text", "text"}, {"json", "json"}, {"journal", "journal"}}});
  section.finish();
}

void read_limits(config_section section, input_limits& into) {
  constexpr std::int64_t megabyte = 1 << 20;
  section.read("drop", into.drop_bytes, size_value{.least = 1, .most = 1LL << 44});
  std::int64_t ratio = static_cast<std::int64_t>(into.decompressed_ratio);
  section.read("decompressed_ratio", ratio, whole_value{1, 100'000});
  into.decompressed_ratio = static_cast<double>(ratio);
  section.read("line", into.line_bytes, size_value{.least = 64, .most = 1024 * megabyte});
  section.read("cell", into.cell_bytes, size_value{.least = 1, .most = 1024 * megabyte});
  section.read("columns", into.columns, whole_value{1, 100'000});
  section.read("reply_head", into.reply_head_bytes, size_value{.least = 1024, .most = 128 * 1024});
  section.read("reply_body", into.reply_body_bytes,
               size_value{.least = 64 * 1024, .most = 1024 * megabyte});
  if (into.cell_bytes > into.line_bytes) {
    section.refuse("cell", "a cell of " + size_text(into.cell_bytes) +
                               " cannot stand in a line of " + size_text(into.line_bytes) +
                               ": make limits.line larger");
  }
  section.finish();
}

void read_jobs(config_section& root, const settings_desk& desk, settings& into) {
  const config_node* jobs = root.demand("jobs", "a list of jobs, each beginning with - name:");
  if (jobs == nullptr) return;
  config_notes& notes = root.notes();
  if (jobs->is != config_node::kind::sequence) {
    notes.add({.code = "CONFIG_WRONG_TYPE",
               .message = "jobs: expected a list of jobs, each beginning with - name:, found " +
                          found_text(*jobs),
               .key = "jobs",
               .expected = "a list"},
              jobs->place);
    return;
  }
  if (jobs->elements.empty()) {
    notes.add(jobs->place, "CONFIG_MISSING", "jobs", "jobs: expected at least one job");
  }
  for (std::size_t i = 0; i < jobs->elements.size(); ++i) {
    const config_node& element = jobs->elements[i];
    const std::string name = "jobs[" + std::to_string(i) + "]";
    if (element.is == config_node::kind::null) {
      notes.add(element.place, "CONFIG_MISSING", name, name + " has no value");
      continue;
    }
    into.jobs.emplace_back();
    read_job({notes, element, name, element.place}, desk, into.jobs.back());
  }
  check_jobs(into.jobs, notes);
}

loaded load_tree(const config_node& tree, const std::filesystem::path& file,
                 const settings_surroundings& around) {
  config_notes notes(file.string());
  std::error_code error;
  std::filesystem::path whole = std::filesystem::absolute(file, error);
  if (error) whole = file;
  const settings_desk desk{around, whole.parent_path()};
  loaded_settings made;
  settings& into = made.values;
  into.file = whole.lexically_normal();

  config_section root(notes, tree, "", {1, 1});
  read_api(root.demand_section("api",
                               "the section api: with base_url, token_url, client_id and "
                               "client_secret_file"),
           desk, into.api);
  read_state(root.demand_section("state", "the section state: with path"), desk, into);
  read_report(root.section("report"), desk, into);
  read_http(root.section("http"), desk, into);
  read_metrics(root.section("metrics"), desk, into);
  read_log(root.section("log"), into);
  read_limits(root.section("limits"), into.limits);
  read_jobs(root, desk, into);
  root.finish();

  if (!notes.clean()) return notes.sorted();
  for (job_spec& job : into.jobs) {
    job.digest = plan_digest(into.api, job);
    job.mapping_digest = mapping_digest(into.api, job);
  }
  made.places = notes.places();
  return made;
}

}  // namespace

loaded load_settings(const std::filesystem::path& file, const settings_surroundings& around) {
  auto tree = read_config(file);
  if (!tree) return std::move(tree).error();
  return load_tree(*tree, file, around);
}

loaded parse_settings(std::string_view text, const std::filesystem::path& file,
                      const settings_surroundings& around) {
  auto tree = parse_config(text, file.string());
  if (!tree) return std::move(tree).error();
  return load_tree(*tree, file, around);
}

placed_fault placed_at(const loaded_settings& loaded, const std::string& key, std::string code,
                       std::string message) {
  const auto found = loaded.places.find(key);
  const bool known = found != loaded.places.end();
  return {.code = std::move(code),
          .message = key + ": " + std::move(message),
          .file = loaded.values.file.string(),
          .line = known ? found->second.line : 0,
          .column = known ? found->second.column : 0,
          .key = key};
}

environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* text = std::getenv(name.c_str());
    if (text == nullptr) return {};
    return std::string(text);
  };
}

}  // namespace patchbay
