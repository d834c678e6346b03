// The JSON of a run: what `sync --json`, `plan --json` and `report --format json` print, what
// stands in `.ack.json` and in the store. One line, members in the order of docs/formats.md,
// additive only. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/report.hpp"

namespace patchbay {

/// One line with its line end. What is not known is null (id, key, line, column, field,
/// request_id, a time that has not come); an unknown `from` is absent, for null is a value.
/// `truncated`, `error` and `reason` stand there only where they say something.
[[nodiscard]] std::string run_json(const run_report& report);

/// Reads lines of run_json() again, unknown members are passed over. RUN_UNREADABLE.
[[nodiscard]] result<std::vector<run_report>> parse_runs(std::string_view lines);

/// As in `totals`.
[[nodiscard]] std::string_view class_name(row_class which);

}  // namespace patchbay
