// Reads the twin's log and the end of a night, and proves what must always hold; every violation
// as a sentence. Knows nothing of how patchbay works.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "night.hpp"

namespace patchbay::sim {

/// In any window, as the server sees it, never more requests than the limit; and no 429 earned.
[[nodiscard]] std::vector<std::string> windows_overrun(const std::deque<twin::logged_request>& log,
                                                       const window_limits& limits);
/// At most one PATCH in flight for each id, within the life of a process.
[[nodiscard]] std::vector<std::string> doubled_flights(const std::deque<flight>& flights);
/// A change whose settle was durable is not sent again before the ERP says something else.
[[nodiscard]] std::vector<std::string> sent_again(const std::deque<flight>& flights,
                                                  const std::vector<settled_span>& settled);
/// The API holds what the ERP said last; what others keep in metadata is still there.
[[nodiscard]] std::vector<std::string> not_as_wanted(const twin::roster& customers,
                                                     const erp_rows& wanted);
/// `acknowledged` of a settled customer is what the API holds.
[[nodiscard]] std::vector<std::string> wrongly_acknowledged(
    const twin::roster& customers, const std::vector<customer_levels>& levels);

/// All of it.
[[nodiscard]] std::vector<std::string> violations_of(const night& passed);

}  // namespace patchbay::sim
