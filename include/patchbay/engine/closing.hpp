// Closing a run: after delivery, the reports of its drops are brought up to date from the store
// (totals, rejects, carried work, outcome) and kept. Loop thread.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/delivery.hpp"
#include "patchbay/engine/pickup.hpp"

namespace patchbay {

/// How the drops of a job stood when the run began; what `carried` is measured against.
struct run_start {
  std::string run;
  wall_time at{};
  std::vector<drop_record> drops;
  std::vector<dead_letter> letters;
  request_counts requests;
  bool list_all = false;  ///< rejects, not only the first thousand
};

/// 20261123T021500Z-erp-customers; -2, -3 … when that run is already in the store.
[[nodiscard]] boost::asio::awaitable<run_start> begin_run(pickup_parts parts, const job_spec& job,
                                                          const api_reader& api);

/// One report a drop; one with `drop` empty for work on older drops alone; none when there was
/// nothing to do.
struct closed_run {
  std::vector<run_report> reports;
  std::vector<drop_record> older;  ///< admitted before this run, and counted otherwise since
};
[[nodiscard]] boost::asio::awaitable<closed_run> close_run(pickup_parts parts, const job_spec& job,
                                                           run_start begun, picked_up picked,
                                                           delivered did);

/// Of those before, as they are after: the ones whose rows count otherwise.
[[nodiscard]] std::vector<drop_record> recounted(const std::vector<drop_record>& before,
                                                 const std::vector<drop_record>& after);
/// Of a drop alone, whatever else its run did.
[[nodiscard]] run_outcome outcome_of(const drop_record& admitted);
/// What was told of a drop, as of now: totals, what the API does not have, what is refused.
/// Blocking, on the store's lane.
void tell_again(run_report& told, const drop_record& now, pickup_parts& parts);

}  // namespace patchbay
