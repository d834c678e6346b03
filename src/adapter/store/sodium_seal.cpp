#include "patchbay/adapter/store/sodium_seal.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace patchbay {
namespace {

constexpr std::size_t key_size = crypto_kdf_KEYBYTES;
static_assert(crypto_secretbox_KEYBYTES == 32 && crypto_generichash_KEYBYTES == 32);
constexpr char context[crypto_kdf_CONTEXTBYTES + 1] = "patchbay";

std::string to_hex(const unsigned char* bytes, std::size_t size) {
  std::string hex(size * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes, size);
  hex.pop_back();
  return hex;
}

/// Makes the key durably and at once as a whole: a process killed in the middle must not leave a
/// part of a key, nor may another one read it. Not made where somebody else was quicker. Why it
/// could not be made, as errno; 0: it is there.
int make_key(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::string fresh = path.string() + ".XXXXXX";
  const int file = ::mkostemp(fresh.data(), O_CLOEXEC);  // 0600
  if (file < 0) return errno;
  unsigned char key[key_size];
  crypto_kdf_keygen(key);
  errno = EIO;  // said of a write that stops in the middle
  const bool fine =
      ::write(file, key, sizeof key) == static_cast<ssize_t>(sizeof key) && ::fsync(file) == 0;
  int why = fine ? 0 : errno;
  sodium_memzero(key, sizeof key);
  ::close(file);
  if (fine && ::link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST) why = errno;
  ::unlink(fresh.c_str());
  const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
  const int made_in = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (made_in >= 0) {
    ::fsync(made_in);
    ::close(made_in);
  }
  return why;
}

}  // namespace

result<sodium_seal> sodium_seal::open_key(const std::filesystem::path& key_file) {
  if (sodium_init() < 0) return fault{"SEAL_KEY_DAMAGED", "libsodium cannot be initialised"};
  std::error_code ignored;
  if (!std::filesystem::exists(key_file, ignored)) {
    if (const int why = make_key(key_file); why != 0) {
      return fault{"SEAL_KEY_MISSING", "state.key_file " + key_file.string() +
                                           ": cannot make it: " + std::strerror(why)};
    }
  }
  const int file = ::open(key_file.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return fault{"SEAL_KEY_MISSING",
                 "state.key_file " + key_file.string() + ": " + std::strerror(errno)};
  }
  struct stat status {};
  unsigned char key[key_size + 1];
  const bool known = ::fstat(file, &status) == 0;
  const ssize_t got = ::read(file, key, sizeof key);
  ::close(file);
  if (!known || (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fault{"SEAL_KEY_READABLE",
                 "state.key_file " + key_file.string() + " can be read by others: chmod 600 it"};
  }
  if (got != static_cast<ssize_t>(key_size)) {
    return fault{"SEAL_KEY_DAMAGED", "state.key_file " + key_file.string() + " does not hold " +
                                         std::to_string(key_size) + " bytes"};
  }
  const sodium_seal made = from(key);
  sodium_memzero(key, sizeof key);
  return made;
}

result<sodium_seal> sodium_seal::for_this_process() {
  if (sodium_init() < 0) return fault{"SEAL_KEY_DAMAGED", "libsodium cannot be initialised"};
  unsigned char key[key_size];
  crypto_kdf_keygen(key);
  const sodium_seal made = from(key);
  sodium_memzero(key, sizeof key);
  return made;
}

sodium_seal sodium_seal::from(const unsigned char* key) {
  sodium_seal made;
  crypto_kdf_derive_from_key(made.box_.data(), made.box_.size(), 1, context, key);
  crypto_kdf_derive_from_key(made.hash_.data(), made.hash_.size(), 2, context, key);
  crypto_kdf_derive_from_key(made.name_.data(), made.name_.size(), 3, context, key);
  return made;
}

std::string sodium_seal::pseudonym(std::string_view key) const {
  constexpr std::size_t shown = 8;
  unsigned char hash[crypto_generichash_BYTES_MIN];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(key.data()),
                     key.size(), name_.data(), name_.size());
  return to_hex(hash, shown);
}

value sodium_seal::veil(const value& plain) const {
  unsigned char hash[crypto_generichash_BYTES];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(plain.json.data()),
                     plain.json.size(), hash_.data(), hash_.size());
  return {"\"#" + to_hex(hash, sizeof hash) + "\""};
}

std::string sodium_seal::close(const value& plain) const {
  std::vector<unsigned char> sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES +
                                    plain.json.size());
  randombytes_buf(sealed.data(), crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(sealed.data() + crypto_secretbox_NONCEBYTES,
                        reinterpret_cast<const unsigned char*>(plain.json.data()),
                        plain.json.size(), sealed.data(), box_.data());
  return to_hex(sealed.data(), sealed.size());
}

result<value> sodium_seal::open(std::string_view sealed) const {
  const fault broken{"SEAL_BROKEN",
                     "a sealed value cannot be opened: state.key_file is another one, or the state "
                     "is damaged; drop the file again after putting the key back"};
  constexpr std::size_t least = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (sealed.size() < 2 * least) return broken;
  std::vector<unsigned char> bytes(sealed.size() / 2);
  std::size_t size = 0;
  if (sodium_hex2bin(bytes.data(), bytes.size(), sealed.data(), sealed.size(), nullptr, &size,
                     nullptr) != 0 ||
      size < least) {
    return broken;
  }
  std::string plain(size - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES, '\0');
  if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                 bytes.data() + crypto_secretbox_NONCEBYTES,
                                 size - crypto_secretbox_NONCEBYTES, bytes.data(),
                                 box_.data()) != 0) {
    return broken;
  }
  return value{plain};
}

}  // namespace patchbay
