// One stream of server-sent events: who listens gets the changed parts of the page, and a sign of
// life in between. Private to adapter/web; loop thread.
#pragma once

#include <memory>
#include <string>

#include "web_terms.hpp"

namespace patchbay {

/// Takes the connection over; lives until it ends. `head`: the reply's head, whole.
void begin_events(web_stream stream, const std::shared_ptr<web_terms>& terms, std::string head);

}  // namespace patchbay
