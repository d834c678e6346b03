// Certificates for tests, made with OpenSSL in memory: an authority, and leaves that are good or
// wrong in one way. Values, any thread.
#pragma once

#include <string>
#include <vector>

namespace patchbay::testing {

struct certificate {
  std::string chain_pem;
  std::string key_pem;
};

struct certificate_wish {
  std::string subject = "localhost";
  std::vector<std::string> names{"DNS:localhost", "IP:127.0.0.1"};
  long begins_s = -3600;  ///< from now
  long ends_s = 3600;     ///< from now
  bool authority = false;
};

[[nodiscard]] certificate self_signed(const certificate_wish& wish);
[[nodiscard]] certificate issued_by(const certificate& authority, const certificate_wish& wish);

}  // namespace patchbay::testing
