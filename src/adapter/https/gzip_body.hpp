// Unpacks the body of a reply with `Content-Encoding: gzip` (RFC 1952), by zlib.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

enum class gzip_fault { damaged, too_large };

/// The failure, or nullopt and the text in `into`; never more than `most` bytes are made.
[[nodiscard]] std::optional<gzip_fault> gunzip(std::string_view packed, std::size_t most,
                                               std::string& into);

}  // namespace patchbay
