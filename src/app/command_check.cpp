// `patchbay check`: configuration, folders, rights, secret, TLS, token, a first read, the clock;
// each with what to do. Writes nothing but the slots that its requests lease.
#include <chrono>
#include <cmath>
#include <filesystem>

#include <unistd.h>

#include "patchbay/adapter/report/check_text.hpp"
#include "patchbay/adapter/system/secret_file.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"
#include "patchbay/protocol/replies.hpp"
#include "patchbay/protocol/requests.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr double clock_may_differ_s = 60;

struct findings {
  std::vector<checked_thing> checks;
  std::vector<exit_code> codes;

  void fine(std::string name, std::string message) {
    checks.push_back({std::move(name), true, {}, std::move(message)});
  }
  void wrong(std::string name, const fault& why, exit_code code) {
    checks.push_back({std::move(name), false, why.code, why.message});
    codes.push_back(code);
  }
};

bool usable(const fs::path& folder) {
  return ::access(folder.c_str(), R_OK | W_OK | X_OK) == 0;
}

fault unusable(const fs::path& folder) {
  return {"FOLDER_UNUSABLE", folder.string() +
                                 " cannot be read and written by this user: look at its owner and "
                                 "rights, or run as the user of the service"};
}

void check_folder(findings& found, const std::string& name, const fs::path& folder) {
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) {
    return found.wrong(
        name,
        {"FOLDER_MISSING",
         folder.string() + " is no directory: make it, owned by the user that runs patchbay"},
        exit_code::configuration);
  }
  if (!usable(folder)) return found.wrong(name, unusable(folder), exit_code::configuration);
  const fs::space_info space = fs::space(folder, failed);
  const auto free_mb = failed ? 0 : space.available / (1024 * 1024);
  found.fine(name, folder.string() + ", " + std::to_string(free_mb) + " MB free");
}

/// One that is not there yet can be made if the nearest folder above it lets us.
void check_state(findings& found, const fs::path& state) {
  std::error_code failed;
  fs::path above = state;
  while (!fs::exists(above, failed) && above.has_relative_path()) above = above.parent_path();
  if (above == state) return check_folder(found, "state.path", state);
  if (!fs::is_directory(above, failed) || !usable(above)) {
    return found.wrong("state.path", unusable(above), exit_code::configuration);
  }
  found.fine("state.path", state.string() + " will be made at the first start");
}

void check_machine(findings& found, const settings& config, bool with_secret) {
  found.fine("configuration",
             config.file.string() + ", " + std::to_string(config.jobs.size()) + " job(s)");
  check_state(found, config.state_path);
  for (const job_spec& job : config.jobs) {
    check_folder(found, job.name + " directory", job.source.directory);
  }
  // Without network the path may be empty: an operator's shell lacks the service's variables.
  if (!with_secret && config.api.client_secret_file.empty()) return;
  const result<std::string> secret = read_secret_file(config.api.client_secret_file);
  if (secret) {
    found.fine("client secret", config.api.client_secret_file.string());
  } else {
    found.wrong("client secret", secret.error(), exit_code::configuration);
  }
}

/// Seconds by which our clock is ahead of the server's `Date`; nullopt: it said none.
std::optional<double> clock_ahead_s(const reply& answer, wall_time now) {
  std::tm read{};
  const std::string date = answer.header("date");
  if (::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &read) == nullptr) return std::nullopt;
  const auto there = std::chrono::system_clock::from_time_t(::timegm(&read));
  return std::chrono::duration<double>(now - there).count();
}

asio::awaitable<void> check_api(composition& all, findings& found) {
  const unless_stopped<bool> token = co_await all.sending().probe_token();
  if (!token) {
    const stop& why = token.error();
    found.wrong("token", {why.code, why.message}, code_of(why.why));
    co_return;
  }
  found.fine("token", "TLS verified, client accepted");
  const std::vector<std::string> nobody{"aaaaaaaaaa"};
  request ask = customers_by(path_of_url(all.config().api.base_url), match_by::id, nobody, 1, {});
  const unless_stopped<reply> answer = co_await all.sending().reader().read(std::move(ask));
  if (!answer) {
    const stop& why = answer.error();
    found.wrong("read", {why.code, why.message}, code_of(why.why));
    co_return;
  }
  const std::string limit = answer->header("x-ratelimit-limit");
  found.fine("read", "customers can be read" +
                         (limit.empty() ? std::string()
                                        : ", limit " + limit + " in " +
                                              answer->header("x-ratelimit-interval") + " s"));
  const auto ahead = clock_ahead_s(*answer, all.time().wall());
  if (ahead && std::abs(*ahead) > clock_may_differ_s) {
    found.wrong("clock",
                {"CLOCK_OFF", "this machine's clock differs from the API's by " +
                                  std::to_string(std::llround(std::abs(*ahead))) +
                                  " s: schedules and reports would be wrong; start a time service"},
                exit_code::configuration);
  } else {
    found.fine("clock", ahead ? "agrees with the API's" : "the API says no time to compare with");
  }
}

}  // namespace

exit_code run_check(command_context context) {
  findings found;
  const bool network = !context.ask.no_network;
  check_machine(found, context.config(), network);
  if (network && found.codes.empty()) {
    auto built = composition::build(context.loaded, reach::read, context.watcher);
    if (!built) {
      found.wrong("configuration", {built.error().code, built.error().message},
                  exit_code::configuration);
    } else {
      composition& all = **built;
      all.run(check_api(all, found), [&all] { all.sending().drain(); });
    }
  }
  print(context, context.ask.json ? checks_json(found.checks) : checks_text(found.checks));
  return worst(found.codes);
}

}  // namespace patchbay
