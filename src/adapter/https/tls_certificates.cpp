#include "tls_certificates.hpp"

#include <ctime>

#include <openssl/x509.h>

#include "tls_refusal.hpp"

namespace patchbay {
namespace {

wall_time end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return {};
  return wall_time(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

tls_facts facts_of(const SSL* session) {
  tls_facts made;
  made.protocol = SSL_get_version(session);
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(session);
  made.chain = chain == nullptr ? 0 : sk_X509_num(chain);
  for (int i = 0; i < made.chain; ++i) {
    const X509* const one = sk_X509_value(chain, i);
    if (i == 0) {
      made.subject = name_text(X509_get_subject_name(one));
      made.issuer = name_text(X509_get_issuer_name(one));
    }
    const wall_time end = end_of(one);
    if (i > 0 && end >= made.ends_at) continue;
    made.ends_at = end;
    made.ends = name_text(X509_get_subject_name(one));
  }
  return made;
}

}  // namespace patchbay
