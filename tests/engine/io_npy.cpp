// .npy arrays: what is read as written by NumPy, and the words for everything else.
#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "tests/support/temporary_folder.h"

namespace convlens::io {
namespace {

using Bytes = std::vector<std::uint8_t>;

// A .npy file of the given version around a header dictionary and raw data.
Bytes file_with(int version, std::string dictionary, const Bytes& data) {
  dictionary += '\n';
  Bytes out = {0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(version), 0};
  const std::size_t length = dictionary.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) out.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  out.insert(out.end(), dictionary.begin(), dictionary.end());
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

std::string dictionary(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
}

template <class Value>
Bytes raw(const std::vector<Value>& values, bool big_endian = false) {
  Bytes out;
  for (const Value& value : values) {
    Bytes one(sizeof(Value));
    std::memcpy(one.data(), &value, sizeof(Value));
    if (big_endian) out.insert(out.end(), one.rbegin(), one.rend());
    if (!big_endian) out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}

NpyArray parsed(const Bytes& bytes) {
  Result<NpyArray> array = parse_npy(bytes, "a.npy");
  REQUIRE_MESSAGE(array.ok(), array.error().message);
  return std::move(array).value();
}

std::string failure(const Bytes& bytes) {
  const Result<NpyArray> array = parse_npy(bytes, "a.npy");
  return array ? "no error" : array.error().message;
}

const std::vector<float> kSix = {0, 1.5f, -2, 3, 4, 255};
const std::vector<std::int64_t> kTwoByThree = {2, 3};

TEST_CASE("every version, type and byte order") {
  for (const int version : {1, 2, 3}) {
    CAPTURE(version);
    const NpyArray array = parsed(file_with(version, dictionary("<f4", "(2, 3)"), raw(kSix)));
    CHECK(array.shape == kTwoByThree);
    CHECK(array.values == kSix);
  }
  const std::vector<double> doubles(kSix.begin(), kSix.end());
  CHECK(parsed(file_with(1, dictionary("<f8", "(2, 3)"), raw(doubles))).values == kSix);
  CHECK(parsed(file_with(1, dictionary(">f8", "(2, 3)"), raw(doubles, true))).values == kSix);
  CHECK(parsed(file_with(1, dictionary(">f4", "(2, 3)"), raw(kSix, true))).values == kSix);
  CHECK(parsed(file_with(1, dictionary("=f4", "(2, 3)"), raw(kSix))).values == kSix);
  CHECK(parsed(file_with(1, dictionary("|u1", "(3,)"), {0, 7, 255})).values == std::vector<float>{0, 7, 255});
}

TEST_CASE("header text as different programs write it") {
  const Bytes data = raw(kSix);
  for (const std::string& text : {
           std::string("{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}"),
           std::string("{\"descr\":\"<f4\",\"fortran_order\":False,\"shape\":(2,3)}"),
           std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }             "),
       }) {
    CAPTURE(text);
    CHECK(parsed(file_with(1, text, data)).shape == kTwoByThree);
  }
}

TEST_CASE("scalars, vectors and arrays without values") {
  const NpyArray scalar = parsed(file_with(1, dictionary("<f4", "()"), raw<float>({2.5f})));
  CHECK(scalar.shape.empty());
  CHECK(scalar.values == std::vector<float>{2.5f});
  CHECK(parsed(file_with(1, dictionary("<f4", "(6,)"), raw(kSix))).shape == std::vector<std::int64_t>{6});
  const NpyArray none = parsed(file_with(1, dictionary("<f4", "(3, 0, 9000000000000000000)"), {}));
  CHECK(none.values.empty());
}

TEST_CASE("Fortran order becomes C order") {
  // Columns first in the file.
  const NpyArray matrix = parsed(file_with(1, dictionary("<f4", "(2, 3)", true), raw<float>({0, 3, 1, 4, 2, 5})));
  CHECK(matrix.values == std::vector<float>{0, 1, 2, 3, 4, 5});
  std::vector<float> values;
  for (int d = 0; d < 5; ++d) {
    for (int c = 0; c < 4; ++c) {
      for (int b = 0; b < 3; ++b) {
        for (int a = 0; a < 2; ++a) values.push_back(static_cast<float>(((a * 3 + b) * 4 + c) * 5 + d));
      }
    }
  }
  const NpyArray cube = parsed(file_with(1, dictionary("<f4", "(2, 3, 4, 5)", true), raw(values)));
  std::vector<float> counted(120);
  std::iota(counted.begin(), counted.end(), 0.0f);
  CHECK(cube.values == counted);
}

TEST_CASE("wrong types are named, and what is understood") {
  const struct {
    std::string descr, words;
  } wrong[] = {{"<i8", "int64"}, {"<i4", "int32"}, {"|b1", "bool"},   {"<f2", "float16"},   {"<c16", "complex128"},
               {"|O", "'|O'"},   {"<U7", "text"},  {"<u2", "uint16"}, {"<f16", "float128"}, {"nonsense", "'nonsense'"}};
  for (const auto& [descr, words] : wrong) {
    CAPTURE(descr);
    CHECK(failure(file_with(1, dictionary(descr, "(2,)"), Bytes(64))) ==
          "a.npy holds " + words + "; float32, float64 and uint8 are understood: save it with array.astype('float32')");
  }
  CHECK(failure(file_with(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", Bytes(8)))
            .find("holds records") != std::string::npos);
}

TEST_CASE("missing and surplus bytes are counted") {
  Bytes bytes = file_with(1, dictionary("<f4", "(2, 3)"), raw(kSix));
  bytes.pop_back();
  CHECK(failure(bytes) ==
        "a.npy is cut short: its shape (2, 3) needs 24 bytes of data, 23 are there; write it again with numpy.save");
  bytes.insert(bytes.end(), 3, 0);
  CHECK(failure(bytes).find("has 2 bytes more than its shape (2, 3) needs") != std::string::npos);
}

TEST_CASE("damaged headers") {
  CHECK(failure({}).find("is empty (0 bytes)") != std::string::npos);
  CHECK(failure({0x93, 'N', 'U'}).find("ends inside its .npy header") != std::string::npos);
  CHECK(failure({'P', 'K', 3, 4}).find("is not a NumPy .npy file") != std::string::npos);
  CHECK(failure(Bytes(100, 'x')).find("is not a NumPy .npy file") != std::string::npos);
  const Bytes good = file_with(1, dictionary("<f4", "(2, 3)"), raw(kSix));
  for (std::size_t size = 6; size < good.size(); ++size) {
    CHECK(failure(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))) != "no error");
  }
  Bytes future = good;
  future[6] = 9;
  CHECK(failure(future).find("uses .npy format 9.0") != std::string::npos);
  Bytes huge_header = file_with(2, dictionary("<f4", "(2, 3)"), raw(kSix));
  huge_header[11] = 0xFF;
  CHECK(failure(huge_header).find("ends inside its .npy header") != std::string::npos);
  for (const std::string& text :
       {std::string(""), std::string("{}"), std::string("{'descr': '<f4'}"), std::string("{'descr'"),
        std::string("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2,)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (2;)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"),
        std::string("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}")}) {
    CAPTURE(text);
    CHECK(failure(file_with(1, text, Bytes(8))).find("has a damaged .npy header") != std::string::npos);
  }
}

TEST_CASE("shapes whose product overflows are refused") {
  for (const std::string& shape : {std::string("(4294967296, 4294967296)"), std::string("(9000000000000000000, 3)"),
                                   std::string("(2097152, 2097152)")}) {
    CAPTURE(shape);
    CHECK(failure(file_with(1, dictionary("<f4", shape), Bytes(16))).find("more than any memory holds") !=
          std::string::npos);
  }
}

TEST_CASE("a written file is what NumPy writes") {
  const Bytes bytes = npy_bytes(kTwoByThree, kSix);
  const std::string text(bytes.begin(), bytes.end());
  CHECK(text.substr(0, 10) == std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  CHECK(text.substr(10, 59) == "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  CHECK(text[127] == '\n');
  CHECK(bytes.size() == 128 + 24);
  CHECK(npy_bytes(std::vector<std::int64_t>{6}, kSix).size() % 64 == 24);
}

TEST_CASE("write and read give the same bits") {
  const TemporaryFolder folder;
  Random random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::int64_t> shape;
    std::int64_t count = 1;
    for (std::uint32_t axis = 0; axis < random.below(5); ++axis) {
      shape.push_back(1 + random.below(6));
      count *= shape.back();
    }
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(std::bit_cast<float>(random.next() & 0xFF7FFFFFu));
    REQUIRE(write_npy(folder / "x.npy", shape, values).ok());
    const Result<NpyArray> back = read_npy(folder / "x.npy");
    REQUIRE(back.ok());
    CHECK(back->shape == shape);
    CHECK(std::memcmp(back->values.data(), values.data(), values.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("ranks 2 to 4 become image tensors") {
  const auto shape_of = [](std::vector<std::int64_t> shape) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    const Result<Tensor> tensor =
        to_image_tensor({std::move(shape), std::vector<float>(static_cast<std::size_t>(count))}, "a.npy");
    return tensor ? to_string(tensor->shape()) : tensor.error().message;
  };
  CHECK(shape_of({5, 7}) == "1x1x5x7");
  CHECK(shape_of({3, 5, 7}) == "1x3x5x7");
  CHECK(shape_of({2, 3, 5, 7}) == "2x3x5x7");
  CHECK(shape_of({}) == "a.npy has 0 dimensions; a picture is (H,W), (C,H,W) or (N,C,H,W): reshape it");
  CHECK(shape_of({5}) == "a.npy has 1 dimension; a picture is (H,W), (C,H,W) or (N,C,H,W): reshape it");
  CHECK(shape_of({1, 1, 1, 5, 7}).find("5 dimensions") != std::string::npos);
  CHECK(shape_of({0, 7}).find("holds no values") != std::string::npos);
}

}  // namespace
}  // namespace convlens::io
