#include "patchbay/twin/front_certificate.hpp"

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace patchbay::twin {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* one) const {
    Free(one);
  }
};
using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;

constexpr long day_s = 86'400;

/// What one certificate says.
struct draft {
  const char* name = "";
  long serial = 1;
  long begins_s = -day_s;  ///< from now
  long ends_s = 30 * day_s;
  const char* alternative_names = nullptr;  ///< nullptr: an authority
};

bool extend(X509* one, X509* issuer, int kind, const char* text) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, one, nullptr, nullptr, 0);
  const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, kind, text));
  return extension && X509_add_ext(one, extension.get(), -1) == 1;
}

/// `issuer` nullptr: signed by itself.
certificate_ptr make(const draft& of, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  certificate_ptr made(X509_new());
  if (!made || key == nullptr) return nullptr;
  X509* one = made.get();
  const auto* name = reinterpret_cast<const unsigned char*>(of.name);
  X509_NAME* subject = X509_get_subject_name(one);
  X509* signer = issuer != nullptr ? issuer : one;
  bool done = X509_set_version(one, 2) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(one), of.serial) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(one), of.begins_s) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(one), of.ends_s) != nullptr &&
              X509_set_pubkey(one, key) == 1 &&
              X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
              X509_set_issuer_name(one, X509_get_subject_name(signer)) == 1;
  if (of.alternative_names == nullptr) {
    done = done && extend(one, signer, NID_basic_constraints, "critical,CA:TRUE") &&
           extend(one, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    done = done && extend(one, signer, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(one, signer, NID_key_usage, "critical,digitalSignature") &&
           extend(one, signer, NID_ext_key_usage, "serverAuth") &&
           extend(one, signer, NID_subject_alt_name, of.alternative_names);
  }
  done = done && extend(one, signer, NID_subject_key_identifier, "hash") &&
         X509_sign(one, issuer_key != nullptr ? issuer_key : key, EVP_sha256()) > 0;
  return done ? std::move(made) : nullptr;
}

std::string pem_of(X509* one, EVP_PKEY* key) {
  const bio_ptr written(BIO_new(BIO_s_mem()));
  const bool done = one != nullptr ? PEM_write_bio_X509(written.get(), one) == 1
                                   : PEM_write_bio_PrivateKey(written.get(), key, nullptr, nullptr,
                                                              0, nullptr, nullptr) == 1;
  char* begin = nullptr;
  const long size = BIO_get_mem_data(written.get(), &begin);
  return done ? std::string(begin, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

result<certificates> make_certificates(certificate_kind kind) {
  const key_ptr authority_key(EVP_EC_gen("P-256"));
  const key_ptr leaf_key(EVP_EC_gen("P-256"));
  const certificate_ptr authority =
      make({.name = "patchbay-twin authority"}, authority_key.get(), nullptr, nullptr);
  draft leaf{.name = "localhost",
             .serial = 2,
             .alternative_names = "DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1"};
  if (kind == certificate_kind::wrong_host) leaf.alternative_names = "DNS:elsewhere.invalid";
  if (kind == certificate_kind::wrong_host) leaf.name = "elsewhere.invalid";
  if (kind == certificate_kind::expired) {
    leaf.begins_s = -3 * day_s;
    leaf.ends_s = -day_s;
  }
  const bool alone = kind == certificate_kind::self_signed;
  const certificate_ptr made = make(leaf, leaf_key.get(), alone ? nullptr : authority.get(),
                                    alone ? nullptr : authority_key.get());
  if (!authority || !made) {
    return fault{"TWIN_CERTIFICATE_FAILED", "the crypto library could not make a certificate"};
  }
  return certificates{.authority_pem = pem_of(authority.get(), nullptr),
                      .leaf_pem = pem_of(made.get(), nullptr),
                      .key_pem = pem_of(nullptr, leaf_key.get())};
}

}  // namespace patchbay::twin
