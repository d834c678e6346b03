// The first step of picking up: every file that a pass has to decide on, claimed and registered
// in the store, with what its marker says. Private to engine/. Loop thread.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "patchbay/engine/pickup.hpp"

namespace patchbay {

/// One file on its way: its record in the store, and the folder in which it lies now.
struct claimed_drop {
  drop_record record;
  folder lies_in = folder::working;
  result<std::optional<drop_marker>> marker = std::optional<drop_marker>();
};

/// A file that was not taken: it stays where it is, and is no drop of the store.
struct refused_file {
  std::string file;  ///< empty: the folder itself
  fault why;
};

struct claimed_drops {
  std::vector<claimed_drop> drops;  ///< in the order in which they count
  std::vector<refused_file> refused;
};

/// Left over from a killed process, approved, held for a gap, and what is waiting now.
[[nodiscard]] boost::asio::awaitable<claimed_drops> claim_drops(pickup_parts parts,
                                                                const job_spec& job,
                                                                pickup_options options);

}  // namespace patchbay
