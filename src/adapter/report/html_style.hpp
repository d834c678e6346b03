// The report page's look and its one script. Private to adapter/report.
#pragma once

namespace patchbay {

extern const char* const html_style;
/// Filters the listed changes and rejects while somebody types.
extern const char* const html_script;
/// Of html_script, as the Content-Security-Policy wants it; a test compares them.
extern const char* const html_script_hash;

}  // namespace patchbay
