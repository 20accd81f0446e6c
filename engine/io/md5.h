// MD5 sums (RFC 1321): to see whether a file has arrived whole, not to see whether somebody tampered with it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace convlens::io {

// 32 lower-case hexadecimal digits.
std::string md5_hex(std::span<const std::uint8_t> bytes);

}  // namespace convlens::io
