// .safetensors: every type as its standard defines it, what we write byte by byte, and every way of being wrong.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "engine/io/file.h"
#include "engine/io/safetensors.h"
#include "tests/support/temporary_folder.h"

namespace convlens::io {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes file_with(const std::string& header, const Bytes& data) {
  Bytes bytes;
  bytes.reserve(8 + header.size() + data.size());
  for (int bits = 0; bits < 64; bits += 8) bytes.push_back(static_cast<std::uint8_t>(header.size() >> bits));
  for (const char letter : header) bytes.push_back(static_cast<std::uint8_t>(letter));
  for (const std::uint8_t byte : data) bytes.push_back(byte);
  return bytes;
}

template <class Value>
Bytes raw(const std::vector<Value>& values) {
  Bytes bytes(values.size() * sizeof(Value));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// One tensor "t" of this type with `count` values.
Bytes one(const std::string& type, std::size_t count, const Bytes& data) {
  return file_with("{\"t\":{\"dtype\":\"" + type + "\",\"shape\":[" + std::to_string(count) + "],\"data_offsets\":[0," +
                       std::to_string(data.size()) + "]}}",
                   data);
}

std::vector<float> values_of(const Bytes& bytes) {
  const Result<Safetensors> file = parse_safetensors(bytes, "m.safetensors");
  REQUIRE_MESSAGE(file.ok(), file.error().message);
  REQUIRE(file->tensors.size() == 1);
  return file->tensors[0].values;
}

std::string failure(const Bytes& bytes) {
  const Result<Safetensors> file = parse_safetensors(bytes, "m.safetensors");
  return file ? "no error" : file.error().message;
}

bool says(const std::string& message, const std::string& words) {
  return message.find("m.safetensors") != std::string::npos && message.find(words) != std::string::npos &&
         message.find('\n') == std::string::npos;
}

const std::vector<NamedTensor> kModel = {{"conv.weight", {2, 1, 1, 2}, {1, -2, 0.5f, 4}},
                                         {"conv.bias", {2}, {7, 8}},
                                         {"empty", {0, 3}, {}},
                                         {"scalar", {}, {9}}};

TEST_CASE("what is written is read back, order, shapes and notes included") {
  const std::map<std::string, std::string> notes = {{"format", "pt"}, {"model", "{\"layers\": [\"\u03b1\"]}"}};
  const Result<Bytes> bytes = safetensors_bytes(kModel, notes);
  REQUIRE(bytes.ok());
  const Result<Safetensors> file = parse_safetensors(*bytes, "m.safetensors");
  REQUIRE_MESSAGE(file.ok(), file.error().message);
  CHECK(file->metadata == notes);
  REQUIRE(file->tensors.size() == kModel.size());
  for (const NamedTensor& tensor : kModel) {
    CHECK(std::find(file->tensors.begin(), file->tensors.end(), tensor) != file->tensors.end());
  }
  CHECK(file->tensors[0] == kModel[0]);

  const Result<Bytes> nothing = safetensors_bytes({}, {});
  REQUIRE(nothing.ok());
  CHECK(parse_safetensors(*nothing, "m.safetensors").value().tensors.empty());
}

TEST_CASE("the bytes are the format's") {
  const std::vector<NamedTensor> model = {{"a", {1, 2}, {1, 2}}};
  const Bytes bytes = safetensors_bytes(model, {}).value();
  std::string header = R"({"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  CHECK(bytes == file_with(header, raw<float>({1, 2})));
}

TEST_CASE("every type becomes float32") {
  CHECK(values_of(one("F32", 2, raw<float>({1.5f, -2}))) == std::vector<float>{1.5f, -2});
  CHECK(values_of(one("F64", 2, raw<double>({0.1, 1e300}))) ==
        std::vector<float>{0.1f, std::numeric_limits<float>::infinity()});
  CHECK(values_of(one("I64", 2, raw<std::int64_t>({-3, 1 << 20}))) == std::vector<float>{-3, 1 << 20});
  CHECK(values_of(one("I32", 1, raw<std::int32_t>({-7}))) == std::vector<float>{-7});
  CHECK(values_of(one("I16", 1, raw<std::int16_t>({-7}))) == std::vector<float>{-7});
  CHECK(values_of(one("I8", 1, raw<std::int8_t>({-7}))) == std::vector<float>{-7});
  CHECK(values_of(one("U8", 1, {200})) == std::vector<float>{200});
  CHECK(values_of(one("BOOL", 2, {0, 1})) == std::vector<float>{0, 1});
  CHECK(values_of(one("BF16", 3, raw<std::uint16_t>({0x3F80, 0xC040, 0x7F80}))) ==
        std::vector<float>{1, -3, std::numeric_limits<float>::infinity()});
}

TEST_CASE("every half-precision number is read exactly") {
  std::vector<std::uint16_t> halves(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
  const std::vector<float> values = values_of(one("F16", halves.size(), raw(halves)));
  for (std::size_t i = 0; i < halves.size(); ++i) {
    // IEEE 754 binary16, spelled out: (-1)^s 2^(e-15) (1 + m/1024), subnormal below.
    const int exponent = static_cast<int>(i >> 10 & 31), mantissa = static_cast<int>(i & 1023);
    double wanted = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    if (exponent == 31) {
      if (mantissa != 0) {
        CHECK(std::isnan(values[i]));
        continue;
      }
      wanted = std::numeric_limits<double>::infinity();
    }
    if (i & 0x8000) wanted = -wanted;
    if (static_cast<double>(values[i]) != wanted || std::signbit(values[i]) != std::signbit(wanted)) {
      FAIL_CHECK("half " << i << " is " << values[i] << ", not " << wanted);
    }
  }
}

TEST_CASE("the header in any order, with spaces, values not in the order of names") {
  const Bytes data = raw<float>({1, 2, 3});
  const Bytes bytes = file_with(
      "{ \"z\" : {\"data_offsets\":[0, 4], \"shape\":[ ], \"dtype\":\"F32\"},\n"
      "\"a\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[4,12]}, \"__metadata__\":{}}   ",
      data);
  const Result<Safetensors> file = parse_safetensors(bytes, "m.safetensors");
  REQUIRE_MESSAGE(file.ok(), file.error().message);
  CHECK(file->tensors == std::vector<NamedTensor>{{"z", {}, {1}}, {"a", {2, 1}, {2, 3}}});
}

TEST_CASE("every fault has its sentence") {
  const Bytes eight = raw<float>({1, 2});
  const auto entry = [&](const std::string& text) { return failure(file_with("{\"t\":" + text + "}", eight)); };
  CHECK(says(failure({}), "is not a .safetensors file (it has 0 bytes)"));
  CHECK(says(failure(Bytes(100, 'x')), "is not a .safetensors file"));
  CHECK(says(failure(file_with("[1, 2]", eight)), "is not a .safetensors file"));
  Bytes cut = one("F32", 2, eight);
  cut.resize(30);
  CHECK(says(failure(cut), "is cut short: its header"));
  cut = one("F32", 2, eight);
  cut.pop_back();
  CHECK(says(failure(cut), "'t' should end at byte 8 of 7"));
  Bytes huge = one("F32", 2, eight);
  huge[7] = 0x7f;
  CHECK(says(failure(huge), "is not a .safetensors file"));
  CHECK(says(failure(file_with("{\"t\":", eight)), "not a JSON object"));
  CHECK(says(failure(file_with("{}", eight)), "8 bytes at its end belong to no tensor"));
  const std::string good = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  CHECK(entry(good) == "no error");
  CHECK(says(failure(file_with("{\"t\":" + good + ",\"t\":" + good + "}", eight)), "names 't' twice"));
  CHECK(says(failure(file_with("{\"t\":" + good + ",\"u\":" + good + "}", eight)), "overlap or leave a gap"));
  CHECK(says(entry("3"), "is not {dtype, shape, data_offsets}"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[2]})"), "is not {dtype, shape, data_offsets}"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), "is not {dtype, shape, data_offsets}"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})"), "is not {dtype, shape, data_offsets}"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), "cut short or damaged"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[4,8]})"), "does not fit its 4 bytes"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), "does not fit its 8 bytes"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,8]})"), "does not fit"));
  CHECK(says(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]})"), "should end at byte"));
  CHECK(says(entry(R"({"dtype":"C64","shape":[1],"data_offsets":[0,8]})"), "'t' as 'C64', which is not understood"));
  CHECK(says(failure(file_with("{\"__metadata__\":{\"a\":1}}", {})), "metadata is not text"));
  CHECK(says(failure(file_with("{\"__metadata__\":[]}", {})), "metadata is not text"));
  CHECK(says(failure(file_with("{\"line\\nbreak\":0}", {})), "'line break'"));
}

TEST_CASE("what cannot be written is refused") {
  const auto refused = [](std::vector<NamedTensor> model, std::map<std::string, std::string> notes = {}) {
    const Result<Bytes> bytes = safetensors_bytes(model, notes);
    return bytes ? std::string("no error") : bytes.error().message;
  };
  CHECK(refused({{"a", {2}, {1}}}).find("does not fit its 1 values") != std::string::npos);
  CHECK(refused({{"a", {-1, -1}, {1}}}).find("does not fit") != std::string::npos);
  CHECK(refused({{"a", {1}, {1}}, {"a", {1}, {1}}}).find("two tensors are called 'a'") != std::string::npos);
  CHECK(refused({{"__metadata__", {1}, {1}}}).find("another name") != std::string::npos);
  CHECK(refused({{"\xff", {1}, {1}}}).find("UTF-8") != std::string::npos);
}

TEST_CASE("a failed save leaves the earlier file as it was") {
  const TemporaryFolder folder;
  const auto path = folder / "m.safetensors";
  REQUIRE(write_safetensors(path, kModel, {}).ok());
  const Bytes before = read_file(path).value();
  const std::vector<NamedTensor> wrong = {{"a", {2}, {1}}};
  CHECK_FALSE(write_safetensors(path, wrong, {}).ok());
  const std::vector<NamedTensor> large = {{"a", {100'000}, std::vector<float>(100'000, 1)}};
  rlimit unlimited{};
  ::getrlimit(RLIMIT_FSIZE, &unlimited);
  const rlimit limit{65536, unlimited.rlim_max};
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &limit);
  const Status full = write_safetensors(path, large, {});
  ::setrlimit(RLIMIT_FSIZE, &unlimited);
  ::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(full.ok());
  CHECK(full.error().message.find("cannot write") != std::string::npos);
  CHECK(read_file(path).value() == before);
  CHECK(folder.count_files() == 1);
  CHECK(write_safetensors(path, large, {}).ok());
  CHECK(read_safetensors(path).value().tensors == large);
  CHECK(read_safetensors(folder / "none").error().message.find("does not exist") != std::string::npos);
}

}  // namespace
}  // namespace convlens::io
