#include "certificates.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace patchbay::testing {
namespace {

using key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509 = std::unique_ptr<X509, decltype(&X509_free)>;
using bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

std::string text_of(BIO* written) {
  char* begin = nullptr;
  const long size = BIO_get_mem_data(written, &begin);
  return {begin, static_cast<std::size_t>(size)};
}

bio reader(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free_all};
}

void add(X509* to, X509* issuer, int kind, const std::string& text) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, kind, text.c_str());
  if (made == nullptr) throw std::runtime_error("cannot make the extension " + text);
  X509_add_ext(to, made, -1);
  X509_EXTENSION_free(made);
}

x509 blank(const certificate_wish& wish, EVP_PKEY* own) {
  x509 made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  unsigned char serial[8];
  RAND_bytes(serial, sizeof serial);
  serial[0] = static_cast<unsigned char>(serial[0] & 0x7FU);
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      BN_bin2bn(serial, sizeof serial, nullptr), &BN_free);
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get()));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wish.begins_s);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wish.ends_s);
  X509_set_pubkey(made.get(), own);
  const std::string subject = wish.subject;
  std::vector<unsigned char> bytes(subject.begin(), subject.end());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, bytes.data(),
                             static_cast<int>(bytes.size()), -1, 0);
  return made;
}

certificate signed_with(X509* made, X509* issuer, EVP_PKEY* signing, EVP_PKEY* own,
                        const certificate_wish& wish) {
  X509_set_issuer_name(made, X509_get_subject_name(issuer));
  add(made, issuer, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "CA:FALSE");
  std::string names;
  for (const std::string& name : wish.names) names += (names.empty() ? "" : ",") + name;
  if (!wish.authority && !names.empty()) add(made, issuer, NID_subject_alt_name, names);
  if (X509_sign(made, signing, EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
  const bio chain(BIO_new(BIO_s_mem()), &BIO_free_all);
  PEM_write_bio_X509(chain.get(), made);
  const bio secret(BIO_new(BIO_s_mem()), &BIO_free_all);
  PEM_write_bio_PrivateKey(secret.get(), own, nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(chain.get()), text_of(secret.get())};
}

}  // namespace

certificate self_signed(const certificate_wish& wish) {
  const key own(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const x509 made = blank(wish, own.get());
  return signed_with(made.get(), made.get(), own.get(), own.get(), wish);
}

certificate issued_by(const certificate& authority, const certificate_wish& wish) {
  const bio chain = reader(authority.chain_pem);
  const x509 issuer(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
  const bio secret = reader(authority.key_pem);
  const key signing(PEM_read_bio_PrivateKey(secret.get(), nullptr, nullptr, nullptr),
                    &EVP_PKEY_free);
  const key own(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const x509 made = blank(wish, own.get());
  return signed_with(made.get(), issuer.get(), signing.get(), own.get(), wish);
}

}  // namespace patchbay::testing
