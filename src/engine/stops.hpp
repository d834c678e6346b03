// The stops that both reading and delivering can come to, each with its sentence in one place.
// Private to engine/. Pure.
#pragma once

#include "patchbay/model/stop.hpp"
#include "patchbay/model/verdict.hpp"

namespace patchbay {

[[nodiscard]] stop drained_stop();
[[nodiscard]] stop deadline_stop();
[[nodiscard]] stop blackout_stop();
[[nodiscard]] stop nobody_answers(bool connected);
[[nodiscard]] stop quota_is_spent();
[[nodiscard]] stop reads_too_slow();
[[nodiscard]] stop token_not_accepted();
[[nodiscard]] stop forbidden_by(const verdict& said);
/// 3xx, 406, 415, and refusals of requests that cannot be wrong.
[[nodiscard]] stop misused_by(const verdict& said);

}  // namespace patchbay
