// What a verified TLS connection showed of the server: for `check`, which says how long its
// certificates last. Plain data; OpenSSL stays in adapter/https.
#pragma once

#include <string>

#include "patchbay/model/instant.hpp"

namespace patchbay {

struct tls_facts {
  std::string protocol;  ///< TLSv1.3
  std::string subject;   ///< of the server's own certificate
  std::string issuer;
  int chain = 0;           ///< certificates up to the trust root
  std::string ends;        ///< the subject of the one that ends first
  wall_time ends_at = {};  ///< when it does
};

}  // namespace patchbay
