// Words that status says as text, as JSON and as a page. Private to adapter/report; pure.
#pragma once

#include <string>
#include <string_view>

#include "patchbay/model/status.hpp"

namespace patchbay {

[[nodiscard]] std::string_view method_name(request_class kind);

enum class grain { seconds, minutes };
/// "in 2 h", "3 min ago". Whole minutes, so that an idle page does not change every second.
[[nodiscard]] std::string apart_text(wall_time when, wall_time now, grain fine);

/// "approve customers_2.csv", "retry the dead letters of a customer": the key only where it may be
/// shown.
[[nodiscard]] std::string asked_text(const asked_for& asked, bool with_key);

/// The last run of the job that was made for real; nullptr: none.
[[nodiscard]] const run_summary* last_run(const status_report& status, const std::string& job);

}  // namespace patchbay
