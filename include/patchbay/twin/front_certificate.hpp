// Certificates made at start: an authority that tests trust, and a leaf for localhost and
// 127.0.0.1 that is good or wrong in one way. Keys live in memory only.
#pragma once

#include <string>

#include "patchbay/model/fault.hpp"
#include "patchbay/twin/server.hpp"

namespace patchbay::twin {

struct certificates {
  std::string authority_pem;  ///< what a client is to trust
  std::string leaf_pem;
  std::string key_pem;  ///< of the leaf
};

/// TWIN_CERTIFICATE_FAILED when the crypto library cannot make them.
[[nodiscard]] result<certificates> make_certificates(certificate_kind kind);

}  // namespace patchbay::twin
