// Gzip through zlib's stream interface.
#include "engine/io/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace convlens::io {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window, gzip's own header and checksum
constexpr std::size_t kFirstBuffer = std::size_t{1} << 16;

class Inflater {
 public:
  Inflater() { is_ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK; }
  ~Inflater() {
    if (is_ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  bool is_ready() const { return is_ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool is_ready_ = false;
};

uInt chunk(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max() / 2));
}

Error cut_short(const std::string& name) {
  return Error{name + " is cut short: its compressed data ends early; fetch or copy it again"};
}

Error damaged(const std::string& name, const char* zlib_words) {
  return Error{name + " is damaged: its compressed data cannot be unpacked (" +
               (zlib_words ? zlib_words : "unknown reason") + "); fetch or copy it again"};
}

// Unpacks one member, appending to out[filled...]; consumes its bytes.
Status unpack_member(std::span<const std::uint8_t>& bytes, const std::string& name, std::uint64_t most,
                     std::vector<std::uint8_t>& out, std::size_t& filled) {
  Inflater inflater;
  if (!inflater.is_ready()) throw std::bad_alloc();
  z_stream& stream = inflater.stream();
  while (filled < most) {
    if (filled == out.size()) {
      out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(2 * out.size(), kFirstBuffer), most)));
    }
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = chunk(bytes.size());
    stream.next_out = out.data() + filled;
    stream.avail_out = chunk(out.size() - filled);
    const uInt offered = stream.avail_in, room = stream.avail_out;
    const int state = inflate(&stream, Z_NO_FLUSH);
    bytes = bytes.subspan(offered - stream.avail_in);
    filled += room - stream.avail_out;
    if (state == Z_STREAM_END) return Done{};
    if (state == Z_MEM_ERROR) throw std::bad_alloc();
    if (state == Z_BUF_ERROR || (state == Z_OK && bytes.empty() && stream.avail_out != 0)) return cut_short(name);
    if (state != Z_OK) return damaged(name, stream.msg);
  }
  return Done{};
}

}  // namespace

bool is_gzip(std::span<const std::uint8_t> bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

Result<std::vector<std::uint8_t>> gunzip(std::span<const std::uint8_t> bytes, const std::string& name,
                                         std::uint64_t most) {
  if (!is_gzip(bytes)) return Error{name + " is not a gzip file; unpack it with the program that packed it"};
  try {
    std::vector<std::uint8_t> out;
    std::size_t filled = 0;
    while (is_gzip(bytes) && filled < most) {
      const Status unpacked = unpack_member(bytes, name, most, out, filled);
      if (!unpacked) return unpacked.error();
    }
    // Tapes and some servers pad with zeros.
    if (filled < most && std::any_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; })) {
      return Error{name + " has " + std::to_string(bytes.size()) +
                   " bytes after its compressed data; it is damaged: fetch or copy it again"};
    }
    out.resize(filled);
    return out;
  } catch (const std::bad_alloc&) {
    return Error{name + " does not fit into memory when unpacked; close other programs or use a smaller file"};
  }
}

std::vector<std::uint8_t> gzip(std::span<const std::uint8_t> bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::vector<std::uint8_t> out(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  std::size_t filled = 0;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    stream.next_in = const_cast<Bytef*>(bytes.data());
    stream.avail_in = chunk(bytes.size());
    stream.next_out = out.data() + filled;
    stream.avail_out = chunk(out.size() - filled);
    const uInt offered = stream.avail_in, room = stream.avail_out;
    state = deflate(&stream, offered == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    bytes = bytes.subspan(offered - stream.avail_in);
    filled += room - stream.avail_out;
  }
  deflateEnd(&stream);
  out.resize(filled);
  return out;
}

}  // namespace convlens::io
