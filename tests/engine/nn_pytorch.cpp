// Every layer against values that PyTorch computed: tests/pytorch/make_values.py made them and tells what is in them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "engine/nn/model_json.h"
#include "engine/nn/network.h"
#include "tests/engine/nn_models.h"

namespace {

using namespace convlens;

constexpr std::int64_t kPictures = 5;

// Hands out the numbers of a case in order.
class Row {
 public:
  explicit Row(std::vector<float> values) : values_(std::move(values)) {}
  std::vector<float> take(std::int64_t count) {
    REQUIRE(count <= std::ssize(values_) - at_);
    at_ += count;
    return {values_.begin() + at_ - count, values_.begin() + at_};
  }
  bool is_empty() const { return at_ == std::ssize(values_); }

 private:
  std::vector<float> values_;
  std::int64_t at_ = 0;
};

struct Case {
  nn::ModelSpec model;
  test::Batch batch;
  std::vector<std::vector<float>> parameters, gradients;
  std::vector<float> logits, loss, inference;
};

Case read_case(const std::filesystem::path& description) {
  const auto text = io::read_file(description);
  REQUIRE(text);
  auto model = nn::model_from_json(std::string_view(reinterpret_cast<const char*>(text->data()), text->size()));
  REQUIRE_MESSAGE(model.ok(), (model ? "" : model.error().message));
  auto array = io::read_npy(std::filesystem::path(description).replace_extension(".npy"));
  REQUIRE(array);
  Row row(std::move(array->values));
  Case c;
  c.model = *model;
  c.batch.images = row.take(kPictures * model->channels * model->height * model->width);
  for (std::int32_t i = 0; i < kPictures; ++i) c.batch.labels.push_back(i % model->classes);
  const std::vector<nn::ParameterInfo> list = nn::list_parameters(*model);
  for (const nn::ParameterInfo& info : list) c.parameters.push_back(row.take(info.count()));
  c.logits = row.take(kPictures * model->classes);
  c.loss = row.take(1);
  for (const nn::ParameterInfo& info : list) c.gradients.push_back(row.take(info.count()));
  c.inference = row.take(kPictures * model->classes);
  REQUIRE(row.is_empty());
  return c;
}

std::vector<double> wide(const std::vector<float>& values) { return {values.begin(), values.end()}; }

void check(const Case& c, bool is_fused) {
  auto network = nn::Network::create(c.model, {.batch = kPictures, .threads = 2, .is_fused = is_fused});
  REQUIRE(network);
  test::write_parameters(*network, c.parameters);
  std::vector<float> logits(c.inference.size());
  network->infer(c.batch.images.data(), kPictures, logits.data());
  CHECK(test::relative_error(wide(c.inference), logits) < 1e-5);

  const nn::BatchResult result = network->train(c.batch.images.data(), c.batch.labels, {}, 0.1f);
  CHECK(result.loss == doctest::Approx(static_cast<double>(c.loss[0])).epsilon(1e-5));
  logits.clear();
  for (std::int64_t i = 0; i < kPictures; ++i) {
    logits.insert(logits.end(), network->logits(i).begin(), network->logits(i).end());
  }
  CHECK(test::relative_error(wide(c.logits), logits) < 1e-5);
  const auto gradients = test::read_gradients(*network);
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const nn::ParameterInfo& info = network->store().parameters()[i].info;
    CAPTURE(info.name);
    std::vector<float> got = gradients[i];
    if (!info.is_trainable()) network->store().read(i, got);
    // What cancels out exactly is measured against a typical gradient.
    CHECK(test::relative_error(wide(c.gradients[i]), got, 0.02) < 5e-5);
  }
}

TEST_CASE("logits, loss, gradients and running statistics are PyTorch's") {
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CONVLENS_PYTORCH_CASES)) {
    if (entry.path().extension() != ".json") continue;
    CAPTURE(entry.path().filename().string());
    const Case c = read_case(entry.path());
    for (const bool is_fused : {true, false}) check(c, is_fused);
    ++cases;
  }
  CHECK(cases >= 26);
}

}  // namespace
