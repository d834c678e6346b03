// `patchbay check`: everything that a night needs, each item with its result and what to do. Writes
// nothing to the API, and to the state nothing but the slots that its reads lease.
#include <boost/asio/io_context.hpp>

#include "check_api.hpp"
#include "check_machine.hpp"
#include "patchbay/app/commands.hpp"
#include "patchbay/app/composition.hpp"

namespace patchbay {

exit_code run_check(command_context context) {
  findings found;
  const bool network = !context.ask.no_network;
  boost::asio::io_context unused;
  check_machine(found, context.config(), real_clock(unused), network);
  if (network && found.codes.empty()) {
    // Each item is tried once: what fails now is told now.
    loaded_settings once = context.loaded;
    once.values.api.retry.give_up = milliseconds(0);
    auto built = composition::build(once, reach::read, context.watcher);
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
