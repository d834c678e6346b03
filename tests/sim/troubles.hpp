// What goes wrong in one seed's story: in the API and the network, on the disk and the clocks, and
// by others who work beside the engine.
#pragma once

#include "scenario.hpp"

namespace patchbay::sim {

/// The drops and the configuration are there; it may move the storm's end.
void make_troubles(scenario& made, chance& luck);
/// Somebody has patchbay take back, or take over, what it did.
void undo_now_and_then(scenario& made, chance& luck);
void drift_away(scenario& made, chance& luck);

}  // namespace patchbay::sim
