// The rules of pace, from our own requests: an outage is met with patience, 429s with ever longer
// pauses, and nothing goes round in circles. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "evidence.hpp"
#include "patchbay/adapter/rehearsal/network.hpp"
#include "patchbay/model/job.hpp"

namespace patchbay::sim {

/// The target of a neighbour's requests.
constexpr const char* of_neighbour = "neighbour";

/// A request of ours, whatever became of it.
struct tried {
  instant at{0};
  request_class kind = request_class::get;
  int process = 0;
};

/// When the engines of each process began; by process.
using births = std::map<int, std::vector<instant>>;
/// In an outage a process makes no more requests of a class than finding out takes, and slow probes
/// from there on; an engine that begins finds out for itself.
[[nodiscard]] objections check_patience(const std::vector<tried>& tries, request_class kind,
                                        const outage& down, const births& engines,
                                        const api_spec& api);
/// While a process hears nothing but 429s for a class, it waits after each: 1 s, 2 s … 60 s. An
/// engine that begins (`engines`) knows nothing of those before.
[[nodiscard]] objections check_429_pace(const std::vector<heard>& all, request_class kind,
                                        const births& engines);
/// Not more requests, and not more operations on the store, than could be of use.
[[nodiscard]] objections check_no_hot_loop(std::int64_t made, std::int64_t most, const char* what);

}  // namespace patchbay::sim
