// One connection that asks for pages: a request, its reply, the next. Private to adapter/web;
// loop thread.
#pragma once

#include <memory>

#include "web_terms.hpp"

namespace patchbay {

/// Lives until the connection ends. Beyond the limit of connections it says 503.
void begin_session(web_stream stream, const std::shared_ptr<web_terms>& terms);

}  // namespace patchbay
