// The rules that must always hold, each as a function from evidence to objections; no objection
// is silence. Pure: knows the twin and its log, what the store holds, and the journal; nothing of
// how the engine works.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "journal.hpp"
#include "patchbay/model/drop.hpp"
#include "patchbay/model/window.hpp"
#include "patchbay/twin/request_log.hpp"
#include "patchbay/twin/roster.hpp"

namespace patchbay::sim {

using objections = std::vector<std::string>;
using request_log = std::deque<twin::logged_request>;

/// In any span of a window, by arrival at the server, no more requests than its limit.
[[nodiscard]] objections check_windows(const request_log& log, request_class kind,
                                       const window_limits& limits);
/// No 429 but those that the API was told to give.
[[nodiscard]] objections check_no_429(const request_log& log);
/// Never two PATCHes of one customer in flight at once.
[[nodiscard]] objections check_one_in_flight(const journal& all);
/// A field whose value was confirmed durably, and is in no doubt, is not sent again with it.
/// Metadata goes as a whole: it is judged together.
[[nodiscard]] objections check_nothing_repeated(const journal& all);
/// A customer that is settled durably is not sent anything before an admit raises what is wanted.
[[nodiscard]] objections check_settled_rests(const journal& all);
/// A PATCH that writes metadata holds the other system's key, as it was within the last
/// `good_for` before it left.
[[nodiscard]] objections check_foreign_metadata(const journal& all, nanoseconds good_for);
/// No PATCH carries one of these texts.
[[nodiscard]] objections check_never_sent(const request_log& log,
                                          const std::set<std::string>& texts);
/// Every row of every drop is in exactly one class; `read` is the number of the file's rows.
[[nodiscard]] objections check_totals(const drop_record& drop, std::int64_t rows);
/// `acknowledged` of a settled customer is what the API holds; `drifted`: but for these fields of
/// these keys, which somebody else has written.
[[nodiscard]] objections check_acknowledged(
    const twin::roster& customers, const std::vector<customer_levels>& levels,
    const std::set<std::pair<std::string, std::string>>& drifted = {});

}  // namespace patchbay::sim
