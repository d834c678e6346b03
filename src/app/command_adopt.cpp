// `patchbay adopt`: what the API says now becomes what is acknowledged; what then differs from what
// is wanted is a plan like any other.
#include "own_drop.hpp"
#include "passes.hpp"
#include "patchbay/engine/adopting.hpp"

namespace patchbay {

exit_code run_adopt(command_context context) {
  const auto jobs = jobs_asked_for(context.ask, context.config());
  if (!jobs) return fail(context, exit_code::usage, jobs.error());
  own_drop_folder folder;
  pass_request asked;
  asked.nothing = "No customer is known yet, there is nothing to adopt.\n";
  asked.make = [&jobs, &folder](composition& all) -> result<std::vector<asked_pass>> {
    std::vector<asked_pass> passes;
    for (const job_spec* job : *jobs) {
      std::int64_t customers = 0;
      const auto fill = [&all, &customers, job](std::ostream& out) {
        customers = write_adopt_drop(all.store(), *job, out);
      };
      auto file = folder.write("adopt-" + job->name + ".csv", fill);
      if (!file) return file.error();
      if (customers > 0) passes.push_back({job, std::move(*file), {}});
    }
    return passes;
  };
  return context.ask.dry_run ? plan_passes(context, asked) : sync_passes(context, asked);
}

}  // namespace patchbay
