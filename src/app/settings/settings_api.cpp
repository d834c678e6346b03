#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "patchbay/app/config_units.hpp"
#include "patchbay/app/settings_parts.hpp"

namespace patchbay {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

bool loopback(const boost::urls::url_view& url) {
  const std::string host = url.host_address();
  return host == "localhost" || host == "::1" ||
         (url.host_type() == boost::urls::host_type::ipv4 && host.starts_with("127."));
}

}  // namespace

bool stays_here(std::string_view url) {
  const auto parsed = boost::urls::parse_uri(url);
  return parsed && loopback(*parsed);
}

namespace {

/// Checks an address of the API; without a slash at the end.
void read_url(config_section& section, std::string_view key, std::string& into) {
  std::string text;
  if (!section.demand(key, text, text_value{"an https:// address"})) return;
  const auto parsed = boost::urls::parse_uri(text);
  // An address with a password in it is not repeated in the message.
  const bool has_login = text.find('@') != std::string::npos;
  if (has_login) {
    section.refuse(key, "a user name or password does not belong into an address");
    return;
  }
  if (!parsed || parsed->host_address().empty()) {
    section.refuse(key,
                   "expected an address such as https://yourdomain.commercelayer.io/api, "
                   "found \"" +
                       text + "\"");
    return;
  }
  const std::string scheme = parsed->scheme();
  if (scheme != "https" && scheme != "http") {
    section.refuse(key, "expected an https:// address, found \"" + text + "\"");
    return;
  }
  if (scheme == "http" && !loopback(*parsed)) {
    section.notes().add(
        {.code = "HTTP_NOT_LOOPBACK",
         .message = section.full_name(key) +
                    ": plain http would show the token to everyone on the "
                    "way; write https:// (http:// is only for loopback: localhost, 127.0.0.1, "
                    "[::1]), found \"" +
                    text + "\"",
         .key = section.full_name(key),
         .expected = "an https:// address"},
        section.notes().place_of(section.full_name(key)));
    return;
  }
  if (parsed->has_query() || parsed->has_fragment()) {
    section.refuse(key, "an address ends with its path: take what begins with ? or # away");
    return;
  }
  const auto port = parse_whole(std::string_view(parsed->port()));
  if (parsed->has_port() && (!port || *port < 1 || *port > 65'535)) {
    section.refuse(key, "the port is not one from 1 to 65535");
    return;
  }
  while (text.ends_with('/')) text.pop_back();
  into = text;
}

void read_window(config_section& limits, std::string_view key, std::optional<window_limit>& into) {
  if (!limits.present(key)) {
    limits.know(key);
    return;
  }
  config_section section = limits.section(key);
  std::int64_t requests = 0;
  milliseconds per{0};
  const bool counted = section.demand("requests", requests, whole_value{1, 1'000'000});
  const bool timed = section.demand("per", per, duration_value{milliseconds(10), minutes(60)});
  section.finish();
  if (counted && timed) into = window_limit{static_cast<int>(requests), per};
}

void read_retry(config_section section, retry_spec& into) {
  std::int64_t attempts = into.attempts;
  section.read("attempts", attempts, whole_value{1, 100});
  into.attempts = static_cast<int>(attempts);
  section.read("base", into.base, duration_value{milliseconds(1), minutes(10)});
  section.read("cap", into.cap, duration_value{milliseconds(1), minutes(60)});
  section.read("give_up", into.give_up, duration_value{seconds(1), std::chrono::hours(24 * 7)});
  if (into.cap < into.base) {
    section.refuse("cap", "the longest pause (cap) is shorter than the first one (base)");
  }
  section.finish();
}

/// A path of a credential. Where the command needs none, an unset variable leaves it empty.
template <class Path>
void read_credential(config_section& section, std::string_view key, const settings_desk& desk,
                     Path& into) {
  const config_node* node = section.find(key);
  if (node == nullptr) return;
  const bool unset =
      node->is == config_node::kind::scalar && !expanded(node->text, desk.around.variables).value;
  if (unset && !desk.around.needs_credentials) return;
  std::filesystem::path path;
  if (section.read(key, path, desk.path())) into = path;
}

}  // namespace

void read_api(config_section section, const settings_desk& desk, api_spec& into) {
  read_url(section, "base_url", into.base_url);
  read_url(section, "token_url", into.token_url);
  section.demand("client_id", into.client_id, text_value{"the client id of an API credential"});
  if (section.present("client_secret_file")) {
    read_credential(section, "client_secret_file", desk, into.client_secret_file);
  } else {
    section.demand("client_secret_file", "the path of a file that holds the client secret");
  }
  read_credential(section, "ca_file", desk, into.ca_file);
  std::int64_t sessions = into.sessions;
  section.read("sessions", sessions, whole_value{1, 64});
  into.sessions = static_cast<int>(sessions);

  config_section limits = section.section("limits");
  read_window(limits, "average", into.average);
  read_window(limits, "burst", into.burst);
  limits.read("reserve", into.reserve, share_value{.most = 0.9});
  limits.finish();

  config_section timeouts = section.section("timeouts");
  const duration_value span{milliseconds(10), minutes(10)};
  timeouts.read("connect", into.connect_timeout, span);
  timeouts.read("request", into.request_timeout, span);
  timeouts.finish();

  read_retry(section.section("retry"), into.retry);
  section.finish();
}

}  // namespace patchbay
