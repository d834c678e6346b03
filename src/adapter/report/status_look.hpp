// What the status page has beside the look of reports, and the script that keeps it true. Private
// to adapter/report.
#pragma once

namespace patchbay {

extern const char* const status_look;
/// Takes new parts over from the stream of events, and says when it is cut off.
extern const char* const status_life;

}  // namespace patchbay
