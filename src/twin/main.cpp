// patchbay-twin: the simulator of the API as a program. Reads its arguments, starts the server,
// waits for a signal.
#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "patchbay/twin/admin.hpp"
#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/seed.hpp"
#include "patchbay/twin/server.hpp"

namespace patchbay::twin {

namespace {

constexpr int exit_usage = 64;
constexpr int exit_cannot_start = 69;
constexpr int exit_disk = 74;

/// The arguments as they were typed.
struct arguments {
  std::string listen = "127.0.0.1:0";
  std::string customers = "100";
  std::uint64_t duplicates = 0;
  std::string ca_file;
  std::string client_id = "sandbox-client";
  std::string client_secret = "sandbox-secret";
  std::string client_secret_file;
  std::string mode = "live";
  std::string limits;
  bool no_limits = false;
  bool refused_free = false;
  std::string token_life = "2h";
  std::string latency;
  std::vector<std::string> faults;
  std::string certificate = "good";
  bool plain_http = false;
  std::string log;
  std::string state;
  std::string organization = "sandbox";
  std::uint64_t seed = 1;
};

/// What the arguments mean.
struct setup {
  server_options front;
  rules_options api;
  roster customers;
  std::vector<fault_rule> faults;
};

fault usage(const std::string& why) {
  return {"TWIN_USAGE", why};
}

std::string closing_words() {
  return "Customers, --customers:\n"
         "  N         generated, the same at every start: references C-000001 and on, e-mails,\n"
         "            reference_origin SAP, groups GOLD SILVER BRONZE STANDARD, metadata with\n"
         "            credit_limit, loyalty, name, segment\n"
         "  FILE.csv  comma-separated with a header line; columns: id (ten letters; made up when\n"
         "            missing), email, reference, reference_origin, shopper_reference, "
         "profile_id,\n"
         "            tax_exemption_code, customer_group (its code), tags (names with | between),\n"
         "            status, metadata (a JSON object), metadata.KEY (one key)\n"
         "  FILE      lines of JSON with the same names, as --state and GET /twin/state write "
         "them\n"
         "\nFaults, --fault KIND[,CONDITION=…]…, for PATCH and GET requests:\n"
         "  reset-before reset-after reset-mid-body never-answer never-arrive apply-late slow\n"
         "  html-500 empty-502 empty-503 timeout-408 conflict-409 locked-423 throttled-429\n"
         "  denied-401 forbidden-403 redirect-302 revoke-token no-rate-headers not-applied\n"
         "  lower-case-email refuse-value\n"
         "  conditions: probability=0.01 method=GET|PATCH|TOKEN times=3 after=5\n"
         "  customer=ID|REFERENCE field=email|metadata.KEY|… value=… error=taken|invalid|blank\n"
         "  delay=20s (slow, apply-late) applied=yes (error answers: changed all the same)\n"
         "  such as  --fault reset-after,probability=0.01,method=PATCH\n"
         "           --fault refuse-value,field=email,customer=C-000007,error=taken\n"
         "\nThe side door, on the same port, without a token and counted in no window:\n" +
         std::string(admin_guide()) +
         "\nTry it:\n"
         "  patchbay-twin --listen 127.0.0.1:8443 --ca-file ca.pem &\n"
         "  curl --cacert ca.pem https://localhost:8443/oauth/token -d "
         "grant_type=client_credentials \\\n"
         "       -u sandbox-client:sandbox-secret\n"
         "  curl --cacert ca.pem -g -H \"Authorization: Bearer TOKEN\" \\\n"
         "       'https://localhost:8443/api/customers?filter[q][reference_eq]=C-000007'\n"
         "\nSIGUSR1 writes the --state file now; SIGTERM and SIGINT write it and end with exit "
         "code 0.\n"
         "Exit codes: 64 the arguments are wrong, 69 it cannot listen, 74 a file cannot be "
         "written.";
}

void declare(CLI::App& app, arguments& into) {
  app.add_option("--listen", into.listen, "loopback ADDRESS:PORT; port 0: a free one")
      ->capture_default_str();
  app.add_option("--customers", into.customers, "a number to generate, or a file (see below)")
      ->capture_default_str();
  app.add_option("--duplicate-references", into.duplicates,
                 "generate so many more, with the references of the first");
  app.add_option("--ca-file", into.ca_file,
                 "where the certificate to trust is written; default: a temporary file");
  app.add_option("--client-id", into.client_id, "the only client that gets a token")
      ->capture_default_str();
  app.add_option("--client-secret", into.client_secret, "its secret")->capture_default_str();
  app.add_option("--client-secret-file", into.client_secret_file, "the same, from a file");
  app.add_option("--mode", into.mode, "test or live: the token's flag and the default limits")
      ->check(CLI::IsMember({"test", "live"}))
      ->capture_default_str();
  app.add_option(
      "--limits", into.limits,
      "sliding windows of GET and PATCH, each: 200/60s,50/10s (the longest is the average "
      "that the headers show, the others are hidden); default: those of --mode");
  app.add_flag("--no-limits", into.no_limits, "no windows but the token endpoint's")
      ->excludes("--limits");
  app.add_flag("--refused-free", into.refused_free, "a 429 does not itself count in the windows");
  app.add_option("--token-life", into.token_life, "how long a token lives")->capture_default_str();
  app.add_option("--latency", into.latency, "of the network, by chance: 20ms, or 5ms-120ms");
  app.add_option("--fault", into.faults, "what goes wrong (see below); can be repeated")
      ->take_all();
  app.add_option("--certificate", into.certificate,
                 "good, wrong-host, self-signed or expired: what the server shows of itself")
      ->check(CLI::IsMember({"good", "wrong-host", "self-signed", "expired"}))
      ->capture_default_str();
  app.add_flag("--plain-http", into.plain_http, "without TLS");
  app.add_option("--log", into.log, "append every request to this file, a line of JSON each");
  app.add_option("--state", into.state, "write all customers to this file at the end");
  app.add_option("--organization", into.organization, "the slug in the token")
      ->capture_default_str();
  app.add_option("--seed", into.seed, "of chance: faults, latency, trace ids")
      ->capture_default_str();
}

template <class Number>
bool whole_number(std::string_view text, Number& into) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), into);
  return !text.empty() && failure == std::errc() && end == text.data() + text.size();
}

result<window_limits> read_limits(const std::string& text) {
  window_limits limits;
  for (const std::string& one : pieces_of(text, ',')) {
    const std::size_t slash = std::min(one.find('/'), one.size());
    window_limit limit;
    const result<nanoseconds> per = read_duration(one.substr(std::min(slash + 1, one.size())));
    if (!whole_number(one.substr(0, slash), limit.requests) || limit.requests < 1 || !per ||
        *per <= nanoseconds(0)) {
      return usage("--limits: '" + one + "' is not like 200/60s");
    }
    limit.per = *per;
    limits.push_back(limit);
  }
  if (limits.empty()) return usage("--limits: expected something like 200/60s,50/10s");
  return limits;
}

/// Why the latency cannot be read; empty: it was.
std::string read_latency(const std::string& text, server_options& into) {
  if (text.empty()) return {};
  const std::size_t dash = std::min(text.find('-'), text.size());
  const result<nanoseconds> least = read_duration(text.substr(0, dash));
  const result<nanoseconds> most =
      dash < text.size() ? read_duration(text.substr(dash + 1)) : least;
  if (!least || !most || *least > *most) return "--latency: '" + text + "' is not like 5ms-120ms";
  into.latency_min = *least;
  into.latency_max = *most;
  return {};
}

std::string read_listen(const std::string& text, server_options& into) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || !whole_number(text.substr(colon + 1), into.port)) {
    return "--listen: '" + text + "' is not like 127.0.0.1:8443";
  }
  into.address = text.substr(0, colon);
  if (into.address.starts_with('[') && into.address.ends_with(']')) {
    into.address = into.address.substr(1, into.address.size() - 2);
  }
  return {};
}

certificate_kind certificate_of(const std::string& name) {
  if (name == "wrong-host") return certificate_kind::wrong_host;
  if (name == "self-signed") return certificate_kind::self_signed;
  return name == "expired" ? certificate_kind::expired : certificate_kind::good;
}

std::string read_secret(const arguments& from, std::string& into) {
  into = from.client_secret;
  if (from.client_secret_file.empty()) return {};
  std::ifstream file(from.client_secret_file);
  if (!std::getline(file, into) || into.empty()) {
    return "--client-secret-file: " + from.client_secret_file + " has no secret in its first line";
  }
  return {};
}

result<roster> read_customers(const arguments& from) {
  constexpr std::uint64_t most = 5'000'000;
  std::uint64_t count = 0;
  if (!whole_number(from.customers, count)) return roster_from(from.customers);
  if (count > most) return usage("--customers: at most " + std::to_string(most) + " are generated");
  return generated_roster(count, from.duplicates);
}

result<setup> understood(const arguments& from) {
  setup made;
  std::string wrong = read_listen(from.listen, made.front);
  if (wrong.empty()) wrong = read_latency(from.latency, made.front);
  if (wrong.empty()) wrong = read_secret(from, made.api.client_secret);
  if (!wrong.empty()) return usage(wrong);
  made.front.ca_file = from.ca_file;
  made.front.log_file = from.log;
  made.front.certificate = certificate_of(from.certificate);
  made.front.plain_http = from.plain_http;
  made.api.client_id = from.client_id;
  made.api.organization = from.organization;
  made.api.test_mode = from.mode == "test";
  made.api.refused_count = !from.refused_free;
  made.api.seed = from.seed;
  const result<nanoseconds> life = read_duration(from.token_life);
  if (!life || *life < std::chrono::seconds(1)) return usage("--token-life: at least 1s");
  made.api.token_life = std::chrono::floor<std::chrono::seconds>(*life);
  if (from.no_limits) made.api.limits.emplace();
  if (!from.limits.empty()) {
    result<window_limits> limits = read_limits(from.limits);
    if (!limits) return limits.error();
    made.api.limits = *limits;
  }
  for (const std::string& text : from.faults) {
    result<fault_rule> rule = read_fault_rule(text);
    if (!rule) return rule.error();
    made.faults.push_back(std::move(*rule));
  }
  result<roster> customers = read_customers(from);
  if (!customers) return customers.error();
  made.customers = std::move(*customers);
  return made;
}

/// Written aside and renamed, so that a reader never sees half of it.
bool write_state(server& of, const std::string& file) {
  if (file.empty()) return true;
  std::string lines;
  of.with_rules([&](rules& api) { lines = state_lines(api.customers()); });
  const std::string aside = file + ".part";
  std::ofstream into(aside, std::ios::trunc | std::ios::binary);
  into << lines;
  into.close();
  std::error_code failure;
  if (into) std::filesystem::rename(aside, file, failure);
  if (into && !failure) return true;
  std::cerr << "patchbay-twin: " << file << ": cannot be written\n";
  return false;
}

void announce(server& of, const arguments& typed, std::size_t customers) {
  std::cout << "base_url=" << of.base_url() << "\ntoken_url=" << of.token_url()
            << "\nca_file=" << std::filesystem::absolute(of.ca_file()).string()
            << "\nclient_id=" << typed.client_id << "\nmode=" << typed.mode
            << "\ncustomers=" << customers << "\nadmin_url=" << of.origin() << "/twin/"
            << std::endl;
}

int run(const arguments& typed) {
  // Blocked before any thread starts, so that all of them leave the signals to sigwait.
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int one : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&awaited, one);
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  result<setup> made = understood(typed);
  if (!made) {
    std::cerr << "patchbay-twin: " << made.error().message << '\n';
    return exit_usage;
  }
  const std::size_t customers = made->customers.size();
  auto started = server::start(made->front, made->api, std::move(made->customers));
  if (!started) {
    std::cerr << "patchbay-twin: " << started.error().message << '\n';
    return started.error().code == "TWIN_FILE_FAILED" ? exit_disk : exit_cannot_start;
  }
  server& of = **started;
  for (fault_rule& one : made->faults) of.add_fault(std::move(one));
  announce(of, typed, customers);
  for (int signal = 0; sigwait(&awaited, &signal) == 0 && signal == SIGUSR1;) {
    write_state(of, typed.state);
  }
  const bool kept = write_state(of, typed.state);
  of.stop();
  return kept ? 0 : exit_disk;
}

}  // namespace

}  // namespace patchbay::twin

int main(int argc, char** argv) {
  patchbay::twin::arguments typed;
  CLI::App app(
      "A simulator of the Commerce Layer customers API on loopback TLS: token endpoint, "
      "customers,\n"
      "customer groups, tags, sliding rate limits, and faults on request. Nothing is kept on disk\n"
      "unless asked for. Prints base_url=, token_url=, ca_file= and client_id= when it is ready.",
      "patchbay-twin");
  app.set_version_flag("--version", "patchbay-twin " PATCHBAY_VERSION);
  app.footer(patchbay::twin::closing_words());
  patchbay::twin::declare(app, typed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    const int code = app.exit(wrong);
    return code == 0 ? 0 : patchbay::twin::exit_usage;
  }
  return patchbay::twin::run(typed);
}
