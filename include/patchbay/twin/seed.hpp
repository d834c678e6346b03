// Where the twin's customers come from: generated from their number, or read from a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "patchbay/model/fault.hpp"
#include "patchbay/model/instant.hpp"
#include "patchbay/twin/roster.hpp"

namespace patchbay::twin {

/// Ten letters, different for every number below 10^15.
[[nodiscard]] std::string id_of(std::uint64_t number);

/// Customer `number` (from 1), the same at every start: reference C-000001, reference_origin SAP,
/// e-mail <first>.<last>.<number>@<domain> in lower case,
/// metadata {"credit_limit":<number>,"loyalty":{"card":"…","points":…},"segment":"A|B|C"}.
/// Every fifth is in no group, the others in GOLD, SILVER, BRONZE or STANDARD.
[[nodiscard]] customer generated_customer(std::uint64_t number, const roster& groups);

/// Customers 1 to `count`, with the groups GOLD, SILVER, BRONZE, STANDARD, WHOLESALE and the tags
/// vip, newsletter, b2b, blocked. `duplicates` further customers repeat the references of the
/// first.
[[nodiscard]] roster generated_roster(std::uint64_t count, std::uint64_t duplicates = 0);

/// A .csv (RFC 4180, comma, header) or JSON lines file; see `patchbay-twin --help`.
/// TWIN_FILE_MISSING, TWIN_FILE_INVALID with line.
[[nodiscard]] result<roster> roster_from(const std::filesystem::path& file);

/// One customer as a line of JSON, readable by roster_from.
[[nodiscard]] std::string customer_line(const customer& one, const roster& groups);
/// All customers, a line each, in the order of their ids.
[[nodiscard]] std::string state_lines(const roster& customers);
/// One line of JSON (as above) to a customer; unknown groups and tags are added to `groups`.
/// Members that the line does not name keep the values of `base`.
[[nodiscard]] result<customer> customer_from(std::string_view line, customer base, roster& groups);

}  // namespace patchbay::twin
