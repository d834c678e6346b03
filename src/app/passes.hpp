// What sync, adopt and revert have in common: one pass over some jobs, as the owner; and the dry
// run of it. They differ in which drops they begin with.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {

/// One job's part of a pass.
struct asked_pass {
  const job_spec* job = nullptr;
  std::optional<std::filesystem::path> drop;  ///< this file alone; nullopt: what has been dropped
  std::vector<skipped_field> skipped;         ///< told in its report
};

struct pass_request {
  /// Called once the state is open and, where something is sent, owned.
  std::function<result<std::vector<asked_pass>>(composition&)> make;
  std::string nothing;  ///< what is said when there was nothing to do
  /// Of these jobs it is told, too, what waits for somebody.
  std::vector<const job_spec*> jobs = {};
};

/// Of each job what has been dropped, or the file that was named.
[[nodiscard]] std::vector<asked_pass> whole_jobs(const std::vector<const job_spec*>& jobs,
                                                 const invocation& ask);

/// What is said when there was nothing to do.
[[nodiscard]] std::string nothing_done(composition& all, const pass_request& asked);

[[nodiscard]] exit_code sync_passes(command_context context, const pass_request& asked);
[[nodiscard]] exit_code plan_passes(command_context context, const pass_request& asked);

}  // namespace patchbay
