// What goes back to the producer: the refused rows of a drop, byte for byte in its own dialect,
// encoding and order of columns, with two columns more that say why. Corrected and dropped again,
// such a file is a delta whatever the job's mode, and the two columns are passed over.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "patchbay/model/job.hpp"
#include "patchbay/port/drop_reader.hpp"

namespace patchbay {

struct refusal_note {
  std::string code;
  std::string detail;
};
/// By the physical line on which the row begins.
using refused_lines = std::map<std::int64_t, refusal_note>;

/// The names of the two columns.
constexpr const char* error_column = "patchbay_error";
constexpr const char* detail_column = "patchbay_detail";

/// The whole text of the file; lines that the drop does not have are passed over. The faults of
/// drop_opener and of reading.
[[nodiscard]] result<std::string> rejected_rows(drop_reader& drop, const csv_spec& dialect,
                                                const refused_lines& refused);

}  // namespace patchbay
