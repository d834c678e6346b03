// The parts of the status page, each an element with an id of its own. Private to adapter/report.
// Pure.
#pragma once

#include <string>

#include "patchbay/model/status.hpp"

namespace patchbay {

/// In a word what the page's head says: idle, running, held, failing.
[[nodiscard]] const char* status_word(const status_report& status);

[[nodiscard]] std::string html_summary(const status_report& status);
/// Next run, last success, pending; and how far the run is. `id`: of the element.
[[nodiscard]] std::string html_job_now(const status_report& status, const job_status& job,
                                       const std::string& id);
[[nodiscard]] std::string html_held_drops(const job_status& job, const std::string& id);
[[nodiscard]] std::string html_letters(const job_status& job, const std::string& id);
/// The job's runs of the status' history.
[[nodiscard]] std::string html_job_runs(const status_report& status, const job_status& job,
                                        const std::string& id);
/// What somebody has asked for and nobody has carried out yet; no key of a customer.
[[nodiscard]] std::string html_asked(const status_report& status, const std::string& id);
[[nodiscard]] std::string html_windows(const status_report& status, const std::string& id);

}  // namespace patchbay
