// Reads a session's verified chain. For https_factory alone.
#pragma once

#include <openssl/ssl.h>

#include "patchbay/adapter/https/tls_facts.hpp"

namespace patchbay {

[[nodiscard]] tls_facts facts_of(const SSL* session);

}  // namespace patchbay
