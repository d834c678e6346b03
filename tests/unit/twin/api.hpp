// A twin under test and the requests that tests put to it, on a clock that only they move.
#pragma once

#include <chrono>
#include <string>

#include "patchbay/model/levels.hpp"
#include "patchbay/protocol/json_text.hpp"
#include "patchbay/twin/json_object.hpp"
#include "patchbay/twin/rules.hpp"
#include "patchbay/twin/seed.hpp"

namespace patchbay::twin {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// 2026-11-23T00:00:00Z
constexpr wall_time test_day{seconds(1'795'392'000)};

struct api {
  explicit api(rules_options options = {}, std::uint64_t customers = 100)
      : rules_(std::move(options), generated_roster(customers)) {
    token_ = token();
  }

  served send(request what) {
    if (what.authorization.empty()) what.authorization = "Bearer " + token_;
    return rules_.answer(what, now_, test_day + std::chrono::floor<milliseconds>(now_));
  }

  served get(const std::string& path_and_query) {
    return send({.kind = request_class::get,
                 .method = "GET",
                 .target = "/api/" + path_and_query,
                 .accept = "application/vnd.api+json",
                 .content_type = {},
                 .body = {},
                 .authorization = {}});
  }

  /// `content` are the members of data beside type and id: `"attributes":{…}`.
  served patch(const std::string& id, const std::string& content, const std::string& query = "") {
    return send({.kind = request_class::patch,
                 .method = "PATCH",
                 .target = "/api/customers/" + id + query,
                 .accept = "application/vnd.api+json",
                 .content_type = "application/vnd.api+json",
                 .body = R"({"data":{"type":"customers","id":")" + id + "\"," + content + "}}",
                 .authorization = {}});
  }

  served ask_token(const std::string& body, const std::string& authorization = "none") {
    return send({.kind = request_class::token,
                 .method = "POST",
                 .target = "/oauth/token",
                 .accept = "application/json",
                 .content_type = "application/json",
                 .body = body,
                 .authorization = authorization});
  }

  std::string token() { return text_at(ask_token(credentials).answer.body, {"access_token"}); }

  /// The plain text at a path of an answer's body; "(absent)" when there is none.
  static std::string text_at(const std::string& body, const std::vector<std::string>& path) {
    const auto found = metadata_at(body, path);
    return found ? plain_text(*found) : "(absent)";
  }
  static std::string code_of(const served& got) {
    const auto errors = metadata_at(got.answer.body, {"errors"});
    const auto entries = errors ? elements_of(errors->json) : std::vector<std::string>{};
    return entries.empty() ? "(none)" : text_at(entries.front(), {"code"});
  }
  static std::vector<std::string> listed(const served& got) {
    const auto found = metadata_at(got.answer.body, {"data"});
    return found ? elements_of(found->json) : std::vector<std::string>{};
  }

  static constexpr const char* credentials =
      R"({"grant_type":"client_credentials","client_id":"sandbox-client",)"
      R"("client_secret":"sandbox-secret"})";

  instant now_{seconds(1000)};
  rules rules_;
  std::string token_;
};

}  // namespace patchbay::twin
