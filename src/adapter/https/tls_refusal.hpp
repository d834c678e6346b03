// Why a TLS handshake failed, in words an operator can act on. Verification itself is OpenSSL's;
// here its verdict is only noted (OpenSSL forgets the certificate that it refused) and told.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ssl/verify_context.hpp>
#include <boost/system/error_code.hpp>
#include <openssl/x509.h>

#include "patchbay/adapter/https/origin.hpp"

namespace patchbay {

/// The first objection of a verification.
struct certificate_objection {
  int code = 0;                    ///< X509_V_ERR_…; 0: none
  int depth = 0;                   ///< 0: the server's own certificate
  std::string subject;             ///< of the certificate at fault
  std::string issuer;              ///< of the certificate at fault
  std::string from;                ///< when it begins to be valid
  std::string until;               ///< when it ends to be valid
  std::vector<std::string> names;  ///< hosts for which it was made
};

/// Called by OpenSSL for each certificate of the chain; passes its verdict on unchanged.
bool note_objection(bool accepted, boost::asio::ssl::verify_context& context,
                    certificate_objection& found);

/// The sentence for a handshake that was refused for good: by us (certificate, version) or by
/// the server (version, ciphers, name). nullopt: the connection broke, another try may do.
[[nodiscard]] std::optional<std::string> refusal_of(const boost::system::error_code& failed,
                                                    const certificate_objection& found,
                                                    const origin& where);

/// C = IT, O = Shop, CN = shop.example.com
[[nodiscard]] std::string name_text(const X509_NAME* name);

}  // namespace patchbay
