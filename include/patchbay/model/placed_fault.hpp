// A fault with its place in a file, as a configuration has it: everything that a person needs to
// mend it, and that `--json` shows of it. Plain data.
#pragma once

#include <cstdint>
#include <string>

namespace patchbay {

/// `message` is a whole sentence that already holds key, expectation and suggestion; the place is
/// not in it. Never carries a secret.
struct placed_fault {
  std::string code = {};
  std::string message = {};
  std::string file = {};      ///< empty: the fault has no file
  std::int64_t line = 0;      ///< from 1; 0: unknown
  std::int64_t column = 0;    ///< from 1; 0: unknown
  std::string key = {};       ///< full name: api.sessions, jobs[0].fields.email; empty: none
  std::string expected = {};  ///< "a whole number from 1 to 64"; empty: nothing in particular
  std::string nearest = {};   ///< "did you mean"; empty: nothing is near
};

}  // namespace patchbay
