// The .npz container through libzip, in memory. The arrays inside are npy.cpp's.
#include "engine/io/npz.h"

#include <zip.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <set>
#include <string_view>
#include <utility>

#include "engine/io/file.h"
#include "engine/io/npy.h"

namespace convlens::io {
namespace {

constexpr std::string_view kEnding = ".npy";
// Deflate packs at most 1032 to 1; a member that claims more than that would only exhaust memory.
constexpr std::uint64_t kMaxRatio = 1032;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Member = std::unique_ptr<zip_file_t, CloseMember>;
using Source = std::unique_ptr<zip_source_t, FreeSource>;

class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ~ZipError() { zip_error_fini(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  zip_error_t* get() { return &error_; }
  std::string words() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_;
};

Error damaged(const std::string& name, const std::string& what) {
  return Error{name + " is a damaged .npz file: " + what + "; write it again with numpy.savez"};
}

// Member names go into sentences: no line breaks, no endless text.
std::string shown(std::string_view text) {
  std::string words(text.substr(0, 60));
  for (char& letter : words) {
    if (static_cast<unsigned char>(letter) < 0x20) letter = ' ';
  }
  return words + (text.size() > 60 ? "..." : "");
}

Result<std::vector<std::uint8_t>> read_member(zip_t* archive, zip_uint64_t index, const zip_stat_t& info,
                                              std::uint64_t archive_size, const std::string& name) {
  const std::string member_name = shown(info.name);
  if (info.comp_size > archive_size || info.size > (info.comp_size + 1) * kMaxRatio) {
    return damaged(name, member_name + " claims " + std::to_string(info.size) + " bytes, more than it can hold");
  }
  if (info.encryption_method != ZIP_EM_NONE) {
    return Error{name + " is encrypted; write it again without a password"};
  }
  const Member member(zip_fopen_index(archive, index, 0));
  if (!member) return damaged(name, member_name + " cannot be opened (" + zip_strerror(archive) + ")");
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(info.size));
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const zip_int64_t got = zip_fread(member.get(), bytes.data() + filled, bytes.size() - filled);
    if (got <= 0) return damaged(name, member_name + " cannot be unpacked (" + zip_file_strerror(member.get()) + ")");
    filled += static_cast<std::size_t>(got);
  }
  // The checksum is looked at when the end has been read.
  std::uint8_t beyond = 0;
  if (zip_fread(member.get(), &beyond, 1) != 0) {
    return damaged(name, member_name + " is not what its checksum and size say");
  }
  return bytes;
}

Result<std::vector<NamedTensor>> parse(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (bytes.size() < 4 || bytes[0] != 'P' || bytes[1] != 'K') {
    return Error{name + " is not a NumPy .npz file; write one with numpy.savez(name, **arrays)"};
  }
  ZipError error;
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, error.get());
  if (!source) throw std::bad_alloc();
  const Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, error.get()));
  if (!archive) {
    zip_source_free(source);
    return damaged(name, "its archive cannot be opened (" + error.words() + ")");
  }
  std::vector<NamedTensor> tensors;
  std::set<std::string> names;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<zip_uint64_t>(i);
    zip_stat_t info;
    constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(archive.get(), index, 0, &info) != 0 || (info.valid & kNeeded) != kNeeded) {
      return damaged(name, "its member " + std::to_string(i) + " cannot be found");
    }
    std::string member_name = info.name;
    if (!member_name.ends_with(kEnding)) {
      return Error{name + " holds " + shown(member_name) +
                   ", which is not a .npy array; write it again with numpy.savez"};
    }
    const Result<std::vector<std::uint8_t>> member = read_member(archive.get(), index, info, bytes.size(), name);
    if (!member) return member.error();
    Result<NpyArray> array = parse_npy(*member, name + ": " + shown(member_name));
    if (!array) return array.error();
    member_name.resize(member_name.size() - kEnding.size());
    if (!names.insert(member_name).second) return damaged(name, "it holds " + shown(member_name) + " twice");
    tensors.push_back({std::move(member_name), std::move(array->shape), std::move(array->values)});
  }
  return tensors;
}

Status check_writable(std::span<const NamedTensor> tensors) {
  std::set<std::string_view> names;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name.empty()) return Error{"an array of an .npz file needs a name"};
    if (!names.insert(tensor.name).second) {
      return Error{"two arrays are called " + shown(tensor.name) + "; give each its own name"};
    }
    std::int64_t count = 1;
    bool fits = true;
    for (const std::int64_t size : tensor.shape) {
      fits = fits && size >= 0 && (size == 0 || count <= std::numeric_limits<std::int64_t>::max() / size);
      if (fits) count *= size;
    }
    if (!fits || count != std::ssize(tensor.values)) {
      return Error{"the shape of the array " + shown(tensor.name) + " does not fit its " +
                   std::to_string(tensor.values.size()) + " values"};
    }
  }
  return Done{};
}

bool add_member(zip_t* archive, const std::string& member_name, std::span<const std::uint8_t> bytes,
                NpzPacking packing) {
  zip_source_t* member = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  if (!member) return false;
  const zip_int64_t index = zip_file_add(archive, member_name.c_str(), member, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(member);
    return false;
  }
  const auto at = static_cast<zip_uint64_t>(index);
  const zip_int32_t method = packing == NpzPacking::kDeflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
  // 1 January 1980, midnight: zip's first moment, so that the same arrays give the same bytes.
  return zip_set_file_compression(archive, at, method, 0) == 0 && zip_file_set_dostime(archive, at, 0, 0x21, 0) == 0;
}

// What has been written to an in-memory archive.
Result<std::vector<std::uint8_t>> contents(zip_source_t* source) {
  const Error failed{"packing the .npz archive failed; there may be too little memory"};
  zip_stat_t info;
  if (zip_source_stat(source, &info) != 0 || (info.valid & ZIP_STAT_SIZE) == 0) return failed;
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(info.size));
  if (zip_source_open(source) != 0) return failed;
  const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (got != static_cast<zip_int64_t>(bytes.size())) return failed;
  return bytes;
}

}  // namespace

Result<std::vector<NamedTensor>> read_npz(const std::filesystem::path& path) {
  const Result<std::vector<std::uint8_t>> bytes = read_file(path);
  if (!bytes) return bytes.error();
  return parse_npz(*bytes, path.string());
}

Result<std::vector<NamedTensor>> parse_npz(std::span<const std::uint8_t> bytes, const std::string& name) {
  try {
    return parse(bytes, name);
  } catch (const std::bad_alloc&) {
    return Error{name + " does not fit into memory; close other programs or use a smaller file"};
  }
}

Result<std::vector<std::uint8_t>> npz_bytes(std::span<const NamedTensor> tensors, NpzPacking packing) {
  const Status writable = check_writable(tensors);
  if (!writable) return writable.error();
  if (tensors.empty()) {  // libzip writes no empty archives; this is NumPy's: the end record alone
    std::vector<std::uint8_t> end(22, 0);
    std::copy_n("PK\x05\x06", 4, end.begin());
    return end;
  }
  ZipError error;
  const Source source(zip_source_buffer_create(nullptr, 0, 0, error.get()));
  if (!source) throw std::bad_alloc();
  zip_source_keep(source.get());  // closing the archive gives back one of the two
  Archive archive(zip_open_from_source(source.get(), ZIP_TRUNCATE, error.get()));
  if (!archive) {
    zip_source_free(source.get());
    return Error{"packing the .npz archive failed (" + error.words() + ")"};
  }
  std::vector<std::vector<std::uint8_t>> members;  // libzip reads them when the archive is closed
  for (const NamedTensor& tensor : tensors) {
    members.push_back(npy_bytes(tensor.shape, tensor.values));
    if (!add_member(archive.get(), tensor.name + std::string(kEnding), members.back(), packing)) {
      return Error{"packing " + shown(tensor.name) + " failed (" + zip_strerror(archive.get()) + ")"};
    }
  }
  if (zip_close(archive.get()) != 0) {
    return Error{std::string("packing the .npz archive failed (") + zip_strerror(archive.get()) + ")"};
  }
  static_cast<void>(archive.release());  // closing it has freed it
  return contents(source.get());
}

Status write_npz(const std::filesystem::path& path, std::span<const NamedTensor> tensors, NpzPacking packing) {
  const Result<std::vector<std::uint8_t>> bytes = npz_bytes(tensors, packing);
  if (!bytes) return Error{"cannot write " + path.string() + ": " + bytes.error().message};
  return write_file(path, *bytes);
}

}  // namespace convlens::io
