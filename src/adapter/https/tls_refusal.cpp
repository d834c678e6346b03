#include "tls_refusal.hpp"

#include <memory>
#include <string_view>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace patchbay {
namespace {

std::string text_of(BIO* written) {
  char* begin = nullptr;
  const long size = BIO_get_mem_data(written, &begin);
  return size > 0 ? std::string(begin, static_cast<std::size_t>(size)) : std::string();
}

using bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

std::string shown(const ASN1_TIME* time) {
  const bio out(BIO_new(BIO_s_mem()), &BIO_free_all);
  ASN1_TIME_print(out.get(), time);
  return text_of(out.get());
}

std::string_view bytes_of(const ASN1_STRING* text) {
  const void* begin = ASN1_STRING_get0_data(text);
  return {static_cast<const char*>(begin), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_of(std::string_view raw) {
  namespace ip = boost::asio::ip;
  if (raw.size() == sizeof(ip::address_v4::bytes_type)) {
    ip::address_v4::bytes_type octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<unsigned char>(raw[i]);
    return ip::address_v4(octets).to_string();
  }
  if (raw.size() == sizeof(ip::address_v6::bytes_type)) {
    ip::address_v6::bytes_type octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<unsigned char>(raw[i]);
    return ip::address_v6(octets).to_string();
  }
  return "?";
}

/// Host names and addresses of the certificate, control characters blotted out.
std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  void* extension = X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr);
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(extension), &GENERAL_NAMES_free);
  constexpr int most = 10;
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()) && i < most; ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(all.get(), i);
    if (one->type == GEN_DNS) names.emplace_back(bytes_of(one->d.dNSName));
    if (one->type == GEN_IPADD) names.push_back(address_of(bytes_of(one->d.iPAddress)));
  }
  for (std::string& name : names) {
    for (char& sign : name) {
      if (static_cast<unsigned char>(sign) < ' ' || sign == '\x7f') sign = '?';
    }
  }
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "no host" : all;
}

std::string whose(const certificate_objection& found) {
  return found.depth == 0 ? "its certificate"
                          : "a certificate of its chain (" + found.subject + ")";
}

std::string objection_text(const certificate_objection& found, const origin& where) {
  constexpr std::string_view refused = " is refused: ";
  const std::string host = where.shown() + std::string(refused);
  switch (found.code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return host + "wrong host name: its certificate is made for " + joined(found.names) +
             ", not for " + where.host + "; check the URL in the configuration";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return host + "its certificate is self-signed (" + found.subject +
             "); if it is the right one, name it in api.ca_file";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return host + whose(found) + " has expired on " + found.until +
             "; it must be renewed (or this machine's clock is wrong)";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return host + whose(found) + " is not yet valid, it begins on " + found.from +
             "; check this machine's clock";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return host + "unknown issuer: its certificate comes from " + found.issuer +
             ", which this machine does not trust; name that authority in api.ca_file if it is "
             "yours";
    default:
      return host + whose(found) +
             " is not accepted: " + X509_verify_cert_error_string(found.code) +
             "; ask who runs that server";
  }
}

}  // namespace

std::string name_text(const X509_NAME* name) {
  const bio out(BIO_new(BIO_s_mem()), &BIO_free_all);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  return text_of(out.get());
}

bool note_objection(bool accepted, boost::asio::ssl::verify_context& context,
                    certificate_objection& found) {
  if (accepted || found.code != 0) return accepted;
  X509_STORE_CTX* chain = context.native_handle();
  found.code = X509_STORE_CTX_get_error(chain);
  found.depth = X509_STORE_CTX_get_error_depth(chain);
  const X509* certificate = X509_STORE_CTX_get_current_cert(chain);
  if (certificate == nullptr) return accepted;
  found.subject = name_text(X509_get_subject_name(certificate));
  found.issuer = name_text(X509_get_issuer_name(certificate));
  found.from = shown(X509_get0_notBefore(certificate));
  found.until = shown(X509_get0_notAfter(certificate));
  found.names = names_of(certificate);
  return accepted;
}

std::optional<std::string> refusal_of(const boost::system::error_code& failed,
                                      const certificate_objection& found, const origin& where) {
  if (found.code != 0) return objection_text(found, where);
  if (failed.category() != boost::asio::error::get_ssl_category()) return std::nullopt;
  const std::string host = where.shown() + " is refused: ";
  switch (ERR_GET_REASON(static_cast<unsigned int>(failed.value()))) {
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
      return host + "its TLS version is too old; TLS 1.2 or newer is needed";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
      return host + "it does not speak TLS at this port; check the URL in the configuration";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
      return host + "it shares no TLS cipher with us; its TLS is too old";
    case SSL_R_TLSV1_UNRECOGNIZED_NAME:
      return host + "wrong host name: the server says that it does not serve " + where.host +
             "; check the URL in the configuration";
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return host + "its certificate could not be verified";
    default:
      return std::nullopt;
  }
}

}  // namespace patchbay
