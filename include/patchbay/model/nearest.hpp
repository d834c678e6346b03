// "Did you mean": the known word nearest to one that is not known. Pure, any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patchbay {

/// The candidate with the fewest insertions, deletions, replacements and swaps of neighbours, case
/// aside; the first of equals. nullopt: none within a third of the word's length (at least one
/// letter), so that nothing absurd is suggested.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 std::span<const std::string> candidates);

}  // namespace patchbay
