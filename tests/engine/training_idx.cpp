// IDX files and folders of them: as MNIST's kin write them, and every way of being wrong.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/io/file.h"
#include "engine/io/gzip.h"
#include "engine/training/idx.h"
#include "engine/training/idx_folder.h"
#include "engine/training/source.h"
#include "tests/support/temporary_folder.h"

namespace convlens::training {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes noise(std::size_t size, std::uint32_t below = 256) {
  Random random(size);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(below));
  return bytes;
}

Bytes pictures(std::int64_t count, std::int64_t h = 4, std::int64_t w = 3) {
  const std::vector<std::int64_t> shape = {count, h, w};
  return idx_bytes(shape, noise(static_cast<std::size_t>(count * h * w)));
}

Bytes labels(const Bytes& values) {
  const std::vector<std::int64_t> shape = {std::ssize(values)};
  return idx_bytes(shape, values);
}

std::string failure(const Bytes& bytes, std::size_t rank) {
  const Result<IdxArray> array = parse_idx(bytes, rank, "a-file");
  return array ? "no error" : array.error().message;
}

template <class T>
std::string failure(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

bool says(const std::string& message, const std::string& words) {
  return message.find(words) != std::string::npos && message.find('\n') == std::string::npos;
}

void write(const std::filesystem::path& path, const Bytes& bytes) { REQUIRE(io::write_file(path, bytes).ok()); }

TEST_CASE("plain and gzipped files are told by content") {
  const Bytes file = pictures(5);
  for (const Bytes& bytes : {file, io::gzip(file)}) {
    const Result<IdxArray> array = parse_idx(bytes, 3, "a");
    REQUIRE_MESSAGE(array.ok(), failure(array));
    CHECK(array->shape == std::vector<std::int64_t>{5, 4, 3});
    CHECK(array->values == noise(60));
  }
  const Result<IdxArray> array = parse_idx(labels({3, 1, 2}), 1, "a");
  REQUIRE(array.ok());
  CHECK(array->values == Bytes{3, 1, 2});
}

TEST_CASE("every fault of an IDX file has its sentence") {
  CHECK(says(failure({}, 3), "cut short"));
  CHECK(says(failure({0, 0, 8}, 3), "has 3 bytes"));
  CHECK(says(failure(Bytes(100, 7), 3), "not an IDX file (it starts with 07 07 07 07"));
  Bytes file = pictures(5);
  CHECK(says(failure(file, 1), "3 dimensions where labels (1 dimension) are expected"));
  CHECK(says(failure(labels({1}), 3), "1 dimensions where pictures (3 dimensions) are expected"));
  Bytes changed = file;
  changed[2] = 0x0D;
  CHECK(says(failure(changed, 3), "type 0d"));
  changed = file;
  changed.pop_back();
  CHECK(says(failure(changed, 3), "promises 5 pictures of 4 x 3, 76 bytes, and 75 are there"));
  CHECK(says(failure(io::gzip(changed), 3), "and 75 are there"));
  changed = file;
  changed.push_back(0);
  CHECK(says(failure(changed, 3), "longer"));
  CHECK(says(failure(io::gzip(changed), 3), "longer"));
  changed.resize(9);
  CHECK(says(failure(changed, 3), "ends inside its IDX header"));
  changed = file;
  changed[7] = 0;
  CHECK(says(failure(changed, 3), "0 pictures"));
  // A header that promises more than any memory holds takes none.
  changed = file;
  for (std::size_t i = 4; i < 16; ++i) changed[i] = 0xff;
  CHECK(says(failure(changed, 3), "cut short"));
  CHECK(says(failure(io::gzip(changed), 3), "cut short"));

  Bytes packed = io::gzip(pictures(200));
  Bytes cut = packed;
  cut.resize(cut.size() / 2);
  CHECK(says(failure(cut, 3), "a-file is cut short"));
  packed[packed.size() / 2] ^= 0x55;
  packed[packed.size() - 8] ^= 0xff;  // the checksum
  CHECK(says(failure(packed, 3), "damaged"));
}

TEST_CASE("pictures and labels belong together") {
  const TemporaryFolder folder;
  write(folder / "p", pictures(4));
  write(folder / "l", labels({0, 2, 1, 9}));
  IdxLabels digits;
  digits.class_names = digit_names();
  const Result<Dataset> good = read_idx_pair(folder / "p", folder / "l", digits);
  REQUIRE_MESSAGE(good.ok(), failure(good));
  CHECK(check(*good).ok());
  CHECK(good->picture_shape() == Shape{1, 1, 4, 3});
  CHECK(good->labels == std::vector<std::int32_t>{0, 2, 1, 9});
  CHECK(good->class_count() == 10);

  write(folder / "l", labels({0, 2, 1}));
  CHECK(says(failure(read_idx_pair(folder / "p", folder / "l", digits)), "holds 4 pictures and l 3 labels"));
  write(folder / "l", labels({0, 2, 11, 1}));
  CHECK(says(failure(read_idx_pair(folder / "p", folder / "l", digits)), "gives picture 2 the label 11"));
  CHECK(says(failure(read_idx_pair(folder / "p", folder / "no", digits)), "does not exist"));
  // Without names the labels tell how many classes there are.
  const Result<Dataset> free = read_idx_pair(folder / "p", folder / "l", {});
  REQUIRE(free.ok());
  CHECK(free->class_count() == 12);
}

TEST_CASE("EMNIST's letters count from one and lie on their side") {
  const TemporaryFolder folder;
  write(folder / "emnist-letters-train-images-idx3-ubyte.gz", io::gzip(pictures(2, 4, 3)));
  write(folder / "emnist-letters-train-labels-idx1-ubyte.gz", io::gzip(labels({1, 26})));
  const Result<IdxFiles> files = find_idx_files(folder.path());
  REQUIRE_MESSAGE(files.ok(), failure(files));
  CHECK_FALSE(files->test_pictures);
  const Result<Dataset> data = read_idx_pair(files->train_pictures, files->train_labels, files->meaning);
  REQUIRE_MESSAGE(data.ok(), failure(data));
  CHECK(data->class_names.size() == 26);
  CHECK(data->labels == std::vector<std::int32_t>{0, 25});
  CHECK(data->height == 3);
  CHECK(data->width == 4);
  const Bytes stored = noise(24);
  for (std::size_t y = 0; y < 3; ++y) {
    for (std::size_t x = 0; x < 4; ++x) CHECK(data->picture(1)[y * 4 + x] == stored[12 + x * 3 + y]);
  }
  write(folder / "emnist-letters-train-labels-idx1-ubyte.gz", io::gzip(labels({0, 26})));
  CHECK(
      says(failure(read_idx_pair(files->train_pictures, files->train_labels, files->meaning)), "classes are 1 to 26"));
}

// The four files under names made by `name(part, kind)`.
template <class Name>
void write_set(const TemporaryFolder& folder, const Name& name) {
  write(folder / name("train", "images", 3), pictures(6));
  write(folder / name("train", "labels", 1), labels({0, 1, 2, 0, 1, 2}));
  write(folder / name("t10k", "images", 3), pictures(3));
  write(folder / name("t10k", "labels", 1), io::gzip(labels({0, 1, 2})));
}

TEST_CASE("the files are found under their usual names") {
  const auto dashed = [](std::string part, std::string kind, int rank) {
    return part + "-" + kind + "-idx" + std::to_string(rank) + "-ubyte";
  };
  const auto dotted = [](std::string part, std::string kind, int rank) {
    return part + "-" + kind + ".idx" + std::to_string(rank) + "-ubyte";
  };
  const auto packed = [&](std::string part, std::string kind, int rank) { return dashed(part, kind, rank) + ".gz"; };
  const auto shouted = [&](std::string part, std::string kind, int rank) {
    std::string name = dashed(part, kind, rank);
    for (char& letter : name) letter = static_cast<char>(std::toupper(letter));
    return name;
  };
  const auto test = [&](std::string part, std::string kind, int rank) {
    return dashed(part == "t10k" ? "test" : part, kind, rank);
  };
  int tried = 0;
  const auto try_names = [&](const auto& name) {
    const TemporaryFolder folder;
    write_set(folder, name);
    write(folder / "README.txt", {1});
    const Result<DataParts> parts = open_data("mnist:" + folder.path().string(), 1, {}, Parallel(1));
    REQUIRE_MESSAGE(parts.ok(), failure(parts));
    CHECK(parts->train.size() == 6);
    CHECK(parts->test.size() == 3);
    CHECK(parts->train.data->class_count() == 10);
    ++tried;
  };
  try_names(dashed);
  try_names(dotted);
  try_names(packed);
  try_names(shouted);
  try_names(test);
  CHECK(tried == 5);
}

TEST_CASE("of a packed and an unpacked file the packed one counts, which has a checksum") {
  const TemporaryFolder folder;
  write(folder / "train-images-idx3-ubyte", pictures(1));
  write(folder / "train-images-idx3-ubyte.gz", io::gzip(pictures(2)));
  write(folder / "train-labels-idx1-ubyte", labels({0, 1}));
  const Result<IdxFiles> files = find_idx_files(folder.path());
  REQUIRE(files.ok());
  CHECK(files->train_pictures.filename() == "train-images-idx3-ubyte.gz");
}

TEST_CASE("a folder with several data sets asks which; a prefix chooses") {
  const TemporaryFolder folder;
  for (const std::string prefix : {"", "emnist-digits-", "emnist-mnist-"}) {
    write(folder / (prefix + "train-images-idx3-ubyte"), pictures(static_cast<std::int64_t>(prefix.size()) + 2));
    write(folder / (prefix + "train-labels-idx1-ubyte"), labels(Bytes(prefix.size() + 2, 1)));
  }
  const std::string message = failure(find_idx_files(folder.path()));
  CHECK_MESSAGE(says(message, "several data sets"), message);
  CHECK_MESSAGE(says(message, "(none), emnist-digits, emnist-mnist"), message);
  const Result<IdxFiles> files = find_idx_files(folder / "emnist-digits");
  REQUIRE_MESSAGE(files.ok(), failure(files));
  CHECK(files->train_pictures.filename() == "emnist-digits-train-images-idx3-ubyte");
  CHECK(says(failure(find_idx_files(folder / "emnist-nothing")), "does not exist"));
}

TEST_CASE("a path alone tells what kind of data it is") {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  CHECK(data_word(path) == "folder:" + path);
  CHECK(data_word("mnist:" + path) == "mnist:" + path);
  CHECK(data_word(path + "/nothing") == path + "/nothing");
  write(folder / "train-images-idx3-ubyte", pictures(2));
  CHECK(data_word(path) == "idx:" + path);
  CHECK(data_word(path + "/train-images-idx3-ubyte") == "idx:" + path);
  write(folder / "emnist-digits-train-labels-idx1-ubyte", labels({0, 1}));
  CHECK(data_word(path) == "idx:" + path);
  CHECK(data_word(path + "/emnist-digits-train-labels-idx1-ubyte") == "idx:" + path + "/emnist-digits");
  write(folder / "notes.txt", labels({0, 1}));
  CHECK(data_word(path + "/notes.txt") == path + "/notes.txt");
}

TEST_CASE("what a folder lacks is said") {
  const TemporaryFolder folder;
  const std::string mnist = "mnist:" + folder.path().string();
  const auto open = [&](const std::string& text) { return failure(open_data(text, 1, {}, Parallel(1))); };
  CHECK(says(open(mnist), "holds no IDX data set"));
  CHECK(says(open(mnist + "/deeper/nothing"), "does not exist"));
  write(folder / "train-images-idx3-ubyte", pictures(4));
  CHECK(says(open(mnist), "lacks train-labels-idx1-ubyte"));
  write(folder / "train-labels-idx1-ubyte", labels({0, 1, 0, 1}));
  CHECK(says(open(mnist), "lacks t10k-images-idx3-ubyte"));
  // Any IDX set may do without: a share is set aside.
  const Result<DataParts> parts = open_data("idx:" + folder.path().string(), 1, {}, Parallel(1));
  REQUIRE_MESSAGE(parts.ok(), failure(parts));
  CHECK(parts->train.size() == 2);
  CHECK(parts->test.size() == 2);
  write(folder / "t10k-labels-idx1-ubyte", labels({0, 1}));
  CHECK(says(open(mnist), "lacks t10k-images-idx3-ubyte"));
  write(folder / "t10k-images-idx3-ubyte", pictures(2, 5, 5));
  CHECK(says(open(mnist), "both need one size"));
  write(folder / "t10k-images-idx3-ubyte", pictures(2));
  CHECK(open(mnist) == "no error");
  write(folder / "t10k-labels-idx1-ubyte", labels({0, 2}));
  CHECK(says(open("idx:" + folder.path().string()), "the label 2"));
  CHECK(says(open(mnist + "/train-images-idx3-ubyte"), "is a file"));
}

TEST_CASE("words that are no data set") {
  const auto open = [](const std::string& text) { return failure(open_data(text, 1, {}, Parallel(1))); };
  CHECK(says(open("mnits:x"), "is no data set; give mnist:DIR, idx:DIR"));
  CHECK(says(open(""), "is no data set"));
  CHECK(says(open("mnist"), "lacks the folder"));
  CHECK(says(open("mnist:"), "lacks the folder"));
  for (const std::string number : {"", "x", "-5", "3", "1e9", "99999999999999999999", "100 "}) {
    CHECK(says(open("synthetic:" + number), "needs a number of digits"));
  }
}

TEST_CASE("Fashion-MNIST gets its names from the folder's") {
  const TemporaryFolder folder;
  const std::filesystem::path fashion = folder / "Fashion-MNIST";
  std::filesystem::create_directories(fashion);
  write(fashion / "train-images-idx3-ubyte", pictures(2));
  write(fashion / "train-labels-idx1-ubyte", labels({0, 9}));
  const Result<IdxFiles> files = find_idx_files(fashion);
  REQUIRE(files.ok());
  REQUIRE(files->meaning.class_names.size() == 10);
  CHECK(files->meaning.class_names[9] == "ankle boot");
}

TEST_CASE("the real MNIST files") {
  const char* folder = std::getenv("CONVLENS_MNIST");
  if (!folder) {
    MESSAGE("skipped: CONVLENS_MNIST does not name a folder with the MNIST files");
    return;
  }
  const Result<DataParts> parts = open_data(std::string("mnist:") + folder, 1, {}, Parallel());
  REQUIRE_MESSAGE(parts.ok(), failure(parts));
  CHECK(parts->train.size() == 60000);
  CHECK(parts->test.size() == 10000);
  CHECK(count_classes(parts->train) ==
        std::vector<std::int64_t>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
  const Normalisation measured = measure_normalisation(parts->train);
  CHECK(static_cast<double>(measured.mean) == doctest::Approx(0.1307).epsilon(1e-3));
  CHECK(static_cast<double>(measured.deviation) == doctest::Approx(0.3081).epsilon(1e-3));
}

}  // namespace
}  // namespace convlens::training
