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

}  // namespace patchbay
