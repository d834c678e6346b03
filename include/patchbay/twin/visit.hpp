// One request on its way through the rules: shared by the files that make up `rules`, and by
// nobody else. Lives for one call of rules::answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "patchbay/twin/query.hpp"
#include "patchbay/twin/resource.hpp"
#include "patchbay/twin/rules.hpp"

namespace patchbay::twin {

struct visit {
  const request& what;
  instant arrival;
  wall_time wall;
  target where;
  std::vector<std::string> segments;  ///< of the path below base_path: customers, <id>
  bool for_token = false;
  logged_request entry;
  std::vector<fault_rule> met;
  std::string trace_id;
  std::optional<window_limit> average;  ///< for the rate headers; nullopt: no limits
  int average_left = 0;
  served out;

  [[nodiscard]] bool meets(fault_kind kind) const;
  void refuse(const std::vector<api_error>& errors);
  void refuse(int status, const std::string& title, const std::string& code);
  void throttle();
  void answer_with(int status, std::string_view content_type, std::string body);
};

constexpr std::string_view json_api = "application/vnd.api+json";
constexpr std::string_view plain_json = "application/json; charset=utf-8";

}  // namespace patchbay::twin
