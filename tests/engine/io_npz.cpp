// .npz archives: NumPy's own, ours, and broken ones; and the gzip files beside them.
#include <doctest/doctest.h>
#include <zip.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/random.h"
#include "engine/io/file.h"
#include "engine/io/gzip.h"
#include "engine/io/npy.h"
#include "engine/io/npz.h"
#include "tests/support/temporary_folder.h"

namespace convlens::io {
namespace {

using Bytes = std::vector<std::uint8_t>;

const std::vector<NamedTensor> kModel = {{"conv.weight", {2, 1, 1, 2}, {1, -2, 0.5f, 4}},
                                         {"conv.bias", {2}, {7, 8}},
                                         {"empty", {0, 3}, {}},
                                         {"scalar", {}, {9}}};

// numpy 1.24: savez_compressed(f, **{"conv1.weight": arange(6, dtype=float32).reshape(1, 2, 3) / 2, "step":
// float64(7)})
constexpr std::string_view kFromNumpy =
    "504b030414000000080000002100ed553d775a0000009800000010001400636f6e76312e7765696768742e6e7079010010009800000000"
    "0000005a000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774b"
    "cc294e058a17672416a402f91a863a0a463a0ac69a3a0ab50ae4012e0608b067606800e20340cce0c0c0a0e00000504b03041400000008"
    "00000021006c2c2111470000008800000008001400737465702e6e707901001000880000000000000047000000000000009bec17ea1b10"
    "c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a9a3a0ab5"
    "0a14012e063090710000504b0102140314000000080000002100ed553d775a000000980000001000000000000000000000008001000000"
    "00636f6e76312e7765696768742e6e7079504b01021403140000000800000021006c2c2111470000008800000008000000000000000000"
    "000080019c000000737465702e6e7079504b05060000000002000200740000001d0100000000";

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string failure(const Bytes& bytes) {
  const Result<std::vector<NamedTensor>> arrays = parse_npz(bytes, "m.npz");
  return arrays ? "no error" : arrays.error().message;
}

bool says(const std::string& message, const std::string& words) {
  return message.find("m.npz") != std::string::npos && message.find(words) != std::string::npos &&
         message.find('\n') == std::string::npos;
}

// A zip archive of any members, as another program may write it.
Bytes archive_of(const TemporaryFolder& folder, const std::vector<std::pair<std::string, Bytes>>& members) {
  const std::string path = folder / "made.zip";
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  REQUIRE(archive != nullptr);
  for (const auto& [name, bytes] : members) {
    zip_file_add(archive, name.c_str(), zip_source_buffer(archive, bytes.data(), bytes.size(), 0), 0);
  }
  REQUIRE(zip_close(archive) == 0);
  return read_file(path).value();
}

TEST_CASE("what NumPy has written is read") {
  const Result<std::vector<NamedTensor>> arrays = parse_npz(from_hex(kFromNumpy), "m.npz");
  REQUIRE_MESSAGE(arrays.ok(), arrays.error().message);
  CHECK(*arrays ==
        std::vector<NamedTensor>{{"conv1.weight", {1, 2, 3}, {0, 0.5f, 1, 1.5f, 2, 2.5f}}, {"step", {}, {7}}});
}

TEST_CASE("what is written is read back, and always the same bytes") {
  for (const NpzPacking packing : {NpzPacking::kStored, NpzPacking::kDeflated}) {
    const Result<Bytes> bytes = npz_bytes(kModel, packing);
    REQUIRE_MESSAGE(bytes.ok(), bytes.error().message);
    CHECK(parse_npz(*bytes, "m.npz").value() == kModel);
    CHECK(npz_bytes(kModel, packing).value() == *bytes);
    CHECK(npz_bytes({}, packing).value().size() == 22);
    CHECK(parse_npz(npz_bytes({}, packing).value(), "m.npz").value().empty());
  }
  const std::vector<NamedTensor> flat = {{"zeros", {10000}, std::vector<float>(10000, 0)}};
  CHECK(npz_bytes(flat, NpzPacking::kStored).value().size() > 40000);
  CHECK(npz_bytes(flat, NpzPacking::kDeflated).value().size() < 1000);
  const TemporaryFolder folder;
  REQUIRE(write_npz(folder / "m.npz", kModel).ok());
  CHECK(read_npz(folder / "m.npz").value() == kModel);
  CHECK(folder.count_files() == 1);
}

TEST_CASE("every fault has its sentence") {
  const TemporaryFolder folder;
  CHECK(says(failure({}), "is not a NumPy .npz file"));
  const std::vector<float> value = {1};
  CHECK(says(failure(npy_bytes({}, value)), "is not a NumPy .npz file"));
  CHECK(says(failure({'P', 'K', 3, 4, 0, 0}), "cannot be opened"));
  const Bytes whole = npz_bytes(kModel, NpzPacking::kStored).value();
  Bytes cut = whole;
  cut.erase(cut.end() - 30, cut.end());
  CHECK(says(failure(cut), "damaged"));
  Bytes changed = whole;
  changed[120] ^= 1;  // inside the first member's values or header: only the checksum can tell
  CHECK(says(failure(changed), "damaged"));
  CHECK(says(failure(archive_of(folder, {{"readme.txt", {1, 2}}})), "holds readme.txt, which is not a .npy array"));
  CHECK(says(failure(archive_of(folder, {{"a.npy", {1, 2}}})), "m.npz: a.npy"));
  CHECK(says(failure(archive_of(folder, {{"a.npy", npy_bytes({}, value)}, {"b.npy", {}}})), "m.npz: b.npy is empty"));
}

TEST_CASE("what cannot be written is refused") {
  const auto refused = [](const std::vector<NamedTensor>& model) {
    const Result<Bytes> bytes = npz_bytes(model);
    return bytes ? std::string("no error") : bytes.error().message;
  };
  CHECK(refused({{"a", {2}, {1}}}).find("does not fit its 1 values") != std::string::npos);
  CHECK(refused({{"a", {-1, -1}, {1}}}).find("does not fit") != std::string::npos);
  CHECK(refused({{"a", {INT64_MAX, 3}, {1}}}).find("does not fit") != std::string::npos);
  CHECK(refused({{"a", {1}, {1}}, {"a", {1}, {1}}}).find("two arrays are called a") != std::string::npos);
  CHECK(refused({{"", {1}, {1}}}).find("needs a name") != std::string::npos);
}

TEST_CASE("gzip round trips, members in a row, and limits") {
  Random random(1);
  for (const std::size_t size : {0u, 1u, 1000u, 200'000u}) {
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(4));
    const Bytes packed = gzip(bytes);
    CHECK(is_gzip(packed));
    CHECK(gunzip(packed, "f.gz").value() == bytes);
    Bytes twice = packed;
    twice.insert(twice.end(), packed.begin(), packed.end());
    twice.resize(twice.size() + 512, 0);  // padding
    CHECK(gunzip(twice, "f.gz").value().size() == 2 * size);
    CHECK(gunzip(packed, "f.gz", 500).value().size() == std::min<std::size_t>(size, 500));
  }
}

TEST_CASE("broken gzip files have their sentences") {
  Random random(2);
  Bytes bytes(5000);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  const Bytes packed = gzip(bytes);
  const auto failure_of = [](const Bytes& broken) {
    const Result<Bytes> result = gunzip(broken, "f.gz");
    return result ? std::string("no error") : result.error().message;
  };
  CHECK(failure_of(bytes).find("is not a gzip file") != std::string::npos);
  for (const std::size_t keep : {2u, 9u, 11u, 100u, 4000u}) {
    CAPTURE(keep);
    CHECK(failure_of(Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(keep))).find("cut short") !=
          std::string::npos);
  }
  CHECK(failure_of(Bytes(packed.begin(), packed.end() - 1)).find("cut short") != std::string::npos);
  Bytes changed = packed;
  changed[packed.size() - 6] ^= 1;
  CHECK(failure_of(changed).find("damaged") != std::string::npos);
  changed = packed;
  changed.push_back(5);
  CHECK(failure_of(changed).find("1 bytes after") != std::string::npos);
}

}  // namespace
}  // namespace convlens::io
