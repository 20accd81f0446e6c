// Broken weight files and data sets by the thousand, always the same ones: sound values or one sentence.
#include <doctest/doctest.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/io/gzip.h"
#include "engine/io/npz.h"
#include "engine/io/safetensors.h"
#include "engine/training/checkpoint.h"
#include "engine/training/idx.h"
#include "engine/training/recording_file.h"
#include "tests/fuzz/mutate.h"
#include "tests/support/temporary_folder.h"

namespace convlens {
namespace {

using fuzz::Bytes;
using fuzz::is_one_sentence;
using fuzz::kRounds;
using fuzz::mutate;

const std::vector<io::NamedTensor> kModel = {
    {"conv.weight", {2, 3, 1, 2}, std::vector<float>(12, 0.5f)}, {"conv.bias", {2}, {7, 8}}, {"scalar", {}, {9}}};

bool is_sound(const io::NamedTensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.shape) count *= size;
  return std::ssize(tensor.values) == count;
}

TEST_CASE("mutated .safetensors are read soundly or refused with a sentence") {
  const Bytes seed = io::safetensors_bytes(kModel, {{"format", "pt"}}).value();
  int read = 0, refused = 0;
  for (std::uint64_t round = 0; round < 10 * kRounds; ++round) {
    CAPTURE(round);
    Random random(round);
    Bytes bytes = seed;
    mutate(random, bytes);
    const Result<io::Safetensors> file = io::parse_safetensors(bytes, "f.safetensors");
    if (!file) {
      ++refused;
      CHECK_MESSAGE(is_one_sentence(file.error().message, "f.safetensors"), file.error().message);
      continue;
    }
    ++read;
    for (const io::NamedTensor& tensor : file->tensors) CHECK(is_sound(tensor));
  }
  CHECK(read > 300);
  CHECK(refused > 1000);
}

TEST_CASE("mutated .safetensors headers reach past the JSON") {
  // Digits and quotes change places, lengths are put right: most of these are JSON.
  const Bytes seed = io::safetensors_bytes(kModel, {}).value();
  const std::size_t header_end = 8 + seed[0] + 256 * std::size_t{seed[1]};
  int read = 0, refused = 0;
  for (std::uint64_t round = 0; round < 5 * kRounds; ++round) {
    CAPTURE(round);
    Random random(round);
    Bytes bytes = seed;
    for (std::uint32_t i = 0, edits = 1 + random.below(2); i < edits; ++i) {
      std::uint8_t& byte = bytes[8 + random.below(static_cast<std::uint32_t>(header_end - 8))];
      if (byte >= '0' && byte <= '9') byte = static_cast<std::uint8_t>('0' + random.below(10));
      if (byte >= 'a' && byte <= 'z') byte = static_cast<std::uint8_t>('a' + random.below(26));
    }
    const Result<io::Safetensors> file = io::parse_safetensors(bytes, "f.safetensors");
    read += file ? 1 : 0;
    refused += file ? 0 : 1;
    if (!file) CHECK_MESSAGE(is_one_sentence(file.error().message, "f.safetensors"), file.error().message);
    if (file) {
      for (const io::NamedTensor& tensor : file->tensors) CHECK(is_sound(tensor));
    }
  }
  CHECK(read > 1000);
  CHECK(refused > 1000);
}

TEST_CASE("mutated .npz are read soundly or refused with a sentence") {
  const Bytes seeds[] = {io::npz_bytes(kModel, io::NpzPacking::kStored).value(),
                         io::npz_bytes(kModel, io::NpzPacking::kDeflated).value()};
  int read = 0, refused = 0;
  for (const Bytes& seed : seeds) {
    for (std::uint64_t round = 0; round < 2 * kRounds; ++round) {
      CAPTURE(round);
      Random random(round);
      Bytes bytes = seed;
      mutate(random, bytes);
      const Result<std::vector<io::NamedTensor>> arrays = io::parse_npz(bytes, "f.npz");
      if (!arrays) {
        ++refused;
        CHECK_MESSAGE(is_one_sentence(arrays.error().message, "f.npz"), arrays.error().message);
        continue;
      }
      ++read;
      for (const io::NamedTensor& array : *arrays) CHECK(is_sound(array));
    }
  }
  CHECK(read > 10);  // checksums leave few undiscovered
  CHECK(refused > 1000);
}

TEST_CASE("mutated IDX files, plain and packed, are read soundly or refused with a sentence") {
  const std::vector<std::int64_t> shape = {4, 5, 3};
  const Bytes seed = training::idx_bytes(shape, Bytes(60, 9));
  int read = 0, refused = 0;
  for (std::uint64_t round = 0; round < 10 * kRounds; ++round) {
    CAPTURE(round);
    Random random(round);
    Bytes bytes = seed;
    switch (round % 3) {
      case 0:
        mutate(random, bytes);
        break;
      case 1:  // a sound packing of broken contents
        mutate(random, bytes);
        bytes = io::gzip(bytes);
        break;
      default:
        bytes = io::gzip(bytes);
        mutate(random, bytes);
    }
    const Result<training::IdxArray> array = training::parse_idx(bytes, 3, "f.idx");
    if (!array) {
      ++refused;
      CHECK_MESSAGE(is_one_sentence(array.error().message, "f.idx"), array.error().message);
      continue;
    }
    ++read;
    CHECK(std::ssize(array->values) == array->shape[0] * array->shape[1] * array->shape[2]);
  }
  CHECK(read > 1000);
  CHECK(refused > 1000);
}

// A file of training with some of its notes or tensors changed.
void mutate_file(Random& random, io::Safetensors& file) {
  auto note = file.metadata.begin();
  std::advance(note, fuzz::below(random, file.metadata.size()));
  std::string& text = note->second;
  const std::size_t tensor = fuzz::below(random, file.tensors.size());
  switch (random.below(6)) {
    case 0:
      text[fuzz::below(random, text.size())] = static_cast<char>(random.below(128));
      return;
    case 1:
    case 2:
    case 3: {  // digits keep it JSON
      const std::size_t at = text.find_first_of("0123456789", fuzz::below(random, text.size()));
      if (at != std::string::npos) text[at] = static_cast<char>('0' + random.below(10));
      return;
    }
    case 4:
      file.tensors[tensor].values.resize(fuzz::below(random, file.tensors[tensor].values.size()));
      return;
    default:
      file.tensors[tensor].name[fuzz::below(random, file.tensors[tensor].name.size())] = 'x';
  }
}

TEST_CASE("mutated checkpoints and recordings are read soundly or refused with a sentence") {
  nn::ModelSpec model{"tiny", 1, 4, 4, 2, {}};
  model.layers.resize(3);
  model.layers[0].filters = 2;
  model.layers[1].kind = nn::LayerKind::kFlatten;
  model.layers[2].kind = nn::LayerKind::kDense;
  model.layers[2].outputs = 2;
  auto trainer = training::Trainer::create(model, {.batch = 2, .threads = 1}, {});
  REQUIRE(trainer);
  training::Recording recording(*trainer);
  for (int step = 0; step < 3; ++step) {
    const std::vector<float> pictures(32, static_cast<float>(step));
    const std::vector<std::int32_t> labels = {0, 1};
    const auto report = trainer->step(pictures.data(), labels);
    REQUIRE(report);
    recording.record(*trainer, *report);
    recording.change(*trainer, "Rate", [](training::Trainer& t) { t.settings().optimizer.learning_rate /= 2; });
    recording.change(*trainer, "Draw", [](training::Trainer& t) { REQUIRE(t.network().initialise_filter(0, 1, 5)); });
  }
  training::RunDescription run;
  run.model = model;
  run.preprocessing.class_names = {"a", "b"};
  const TemporaryFolder folder;
  REQUIRE(training::save_recording(folder / "r", run, recording));
  REQUIRE(training::save_checkpoint(folder / "c", run, training::take_frame(*trainer, true)));
  const io::Safetensors seeds[] = {*io::read_safetensors(folder / "r"), *io::read_safetensors(folder / "c")};
  int read = 0, refused = 0;
  for (std::uint64_t round = 0; round < 2 * kRounds; ++round) {
    CAPTURE(round);
    Random random(round);
    io::Safetensors file = seeds[round % 2];
    mutate_file(random, file);
    std::string message;
    if (round % 2 == 0) {
      const auto result = training::parse_recording(file, "f");
      if (!result) message = result.error().message;
      if (result) CHECK(result->recording.last_step() >= result->recording.first_step());
    } else {
      const auto result = training::parse_checkpoint(file, "f");
      if (!result) message = result.error().message;
      if (result) CHECK(training::check_frame(result->run.model, result->frame).ok());
    }
    ++(message.empty() ? read : refused);
    if (!message.empty()) CHECK_MESSAGE(is_one_sentence(message, "f"), message);
  }
  CHECK(read > 300);
  CHECK(refused > 300);
}

}  // namespace
}  // namespace convlens
