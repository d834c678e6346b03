// The part of `check` that asks this machine alone: configuration, folders, rights, space, secrets,
// zones, the state and its owner. Writes nothing.
#pragma once

#include "findings.hpp"
#include "patchbay/app/settings.hpp"
#include "patchbay/port/clock.hpp"

namespace patchbay {

/// `with_secret`: the client's secret is needed, so that it is wrong when it is not named.
void check_machine(findings& found, const settings& config, const clock& time, bool with_secret);

}  // namespace patchbay
