#include "check_api.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <optional>

#include "patchbay/adapter/report/text_layout.hpp"
#include "patchbay/policy/windows.hpp"
#include "patchbay/protocol/replies.hpp"
#include "patchbay/protocol/requests.hpp"

namespace patchbay {
namespace {

namespace asio = boost::asio;

constexpr double clock_may_differ_s = 60;
constexpr double clock_should_differ_s = 2;
constexpr double days_left_warned = 21;
/// Of the window that X-Ratelimit-Limit describes.
constexpr std::chrono::seconds shown_per{60};

/// Seconds by which our clock is ahead of the server's `Date`, which has no fractions and was
/// written between sending and receiving; nullopt: it said none.
std::optional<double> clock_ahead_s(const reply& answer, wall_time received) {
  std::tm read{};
  const std::string date = answer.header("date");
  if (::strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &read) == nullptr) return std::nullopt;
  const wall_time there = std::chrono::sys_seconds(std::chrono::seconds(::timegm(&read)));
  const double took = std::chrono::duration<double>(answer.received - answer.sent).count();
  const double ahead = std::chrono::duration<double>(received - there).count();
  // What fractions and travelling can explain is no difference.
  if (ahead >= 0) return std::max(0.0, ahead - 1 - took);
  return ahead;
}

void check_clock(findings& found, const reply& answer, wall_time received) {
  const auto ahead = clock_ahead_s(answer, received);
  if (!ahead) return found.fine("clock", "the API says no time to compare with");
  const double off = std::abs(*ahead);
  if (off <= clock_should_differ_s) return found.fine("clock", "agrees with the API's");
  const fault why{"CLOCK_OFF", "this machine's clock is " + span_text(off) +
                                   (*ahead > 0 ? " ahead of" : " behind") +
                                   " the API's: schedules and reports are off by as much; start a "
                                   "time service"};
  if (off > clock_may_differ_s) return found.wrong("clock", why, exit_code::configuration);
  found.warn("clock", why);
}

std::string windows_text(const window_limits& limits) {
  std::string out;
  for (const window_limit& one : limits) {
    const double per = std::chrono::duration<double>(one.per).count();
    out += (out.empty() ? "" : ", ") + grouped(one.requests) + " in " + span_text(per);
  }
  return out;
}

/// What the headers of an answer say, beside what we keep to.
void check_limits(findings& found, const reply& answer, const window_limits& kept) {
  const verdict said = read_verdict(answer, {});
  if (!said.limit || answer.header("x-ratelimit-interval").empty()) {
    return found.warn("limits", {"LIMITS_NOT_SHOWN",
                                 "the answer has no X-Ratelimit headers: patchbay keeps to " +
                                     windows_text(kept) +
                                     " unseen; ask what lies between whether it takes them out"});
  }
  const std::string shown =
      std::to_string(*said.limit) + " in " + answer.header("x-ratelimit-interval") + " s";
  for (const window_limit& one : kept) {
    if (one.per != shown_per || one.requests <= *said.limit) continue;
    return found.warn("limits", {"LIMITS_DIFFER", "the API allows " + shown + ", api.limits " +
                                                      windows_text(kept) +
                                                      ": the lower one is kept, set it right for "
                                                      "honest estimates"});
  }
  found.fine("limits", "the API shows " + shown + ", patchbay keeps to " + windows_text(kept));
}

asio::awaitable<void> check_tls(composition& all, std::string name, https_factory& where,
                                findings& found) {
  const auto seen = co_await where.look(all.config().api.connect_timeout);
  if (!seen) {
    const bool refused = seen.error().why == no_reply::cause::refused_tls;
    found.wrong(name, {refused ? "TLS_REFUSED" : "API_UNREACHABLE", seen.error().message},
                exit_code::unreachable);
    co_return;
  }
  if (!*seen) {
    found.fine(name, "plain http to this machine: there is no certificate");
    co_return;
  }
  const tls_facts& tls = **seen;
  const double seconds = std::chrono::duration<double>(tls.ends_at - all.time().wall()).count();
  const std::string until = "until " + day_text(tls.ends_at) + ", " + span_text(seconds) + " left";
  if (seconds < days_left_warned * 86'400) {
    found.warn(name, {"CERTIFICATE_ENDS", "the certificate " + tls.ends + " is valid " + until +
                                              ": who runs that server has to renew it"});
    co_return;
  }
  found.fine(name, tls.protocol + ", " + std::to_string(tls.chain) + " certificates, " + until +
                       " (" + tls.subject + ")");
}

std::string token_text(const access_token& token) {
  std::string out = token.test_mode ? "test mode" : "live mode";
  if (!token.organization.empty()) out += ", organization " + token.organization;
  return out + ", " + span_text(static_cast<double>(token.expires_in_s)) + " left";
}

asio::awaitable<bool> check_groups(composition& all, findings& found) {
  bool looks_up = false;
  for (const job_spec& job : all.config().jobs) {
    for (const field_spec& field : job.mapping.fields) {
      looks_up = looks_up || field.kind == field_kind::customer_group;
    }
  }
  if (!looks_up) co_return true;
  const std::vector<std::string> nobody{"patchbay-check"};
  request ask = groups_by_code(path_of_url(all.config().api.base_url), nobody, 1);
  const unless_stopped<reply> answer = co_await all.sending().reader().read(std::move(ask));
  if (answer) {
    found.fine("read groups", "customer groups can be read");
  } else {
    found.wrong("read groups", answer.error());
  }
  co_return answer.has_value();
}

}  // namespace

asio::awaitable<void> check_api(composition& all, findings& found) {
  std::string name = "TLS of api.token_url";
  co_await check_tls(all, name, all.auth_line(), found);
  name = "TLS of api.base_url";
  co_await check_tls(all, name, all.api_line(), found);
  if (!found.codes.empty()) co_return;
  const unless_stopped<access_token> token = co_await all.sending().probe_token();
  if (!token) {
    found.wrong("token", token.error());
    co_return;
  }
  found.fine("token", token_text(*token));
  const std::vector<std::string> nobody{"aaaaaaaaaa"};
  request ask = customers_by(path_of_url(all.config().api.base_url), match_by::id, nobody, 1, {});
  const unless_stopped<reply> answer = co_await all.sending().reader().read(std::move(ask));
  const wall_time received = all.time().wall();
  if (!answer) {
    found.wrong("read", answer.error());
    co_return;
  }
  found.fine("read", "customers can be read");
  check_clock(found, *answer, received);
  const api_spec& api = all.config().api;
  check_limits(found, *answer, windows_for(api, request_class::get, token->test_mode, {}));
  co_await check_groups(all, found);
}

}  // namespace patchbay
