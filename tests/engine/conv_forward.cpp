// What conv::forward promises beside its numbers: choices and refusals, the same bits for any number of threads,
// progress, scratch memory that settles, and activations at their extremes.
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "tests/engine/conv_oracle.h"

namespace convlens::test {
namespace {

using conv::Activation;

std::string refusal(const conv::KernelChoice& choice) {
  Tensor input({1, 1, 4, 4});
  Tensor weights({1, 1, 3, 3});
  const auto g = conv::resolve({}, input.shape(), weights.shape());
  Tensor output(g->output_shape());
  conv::Workspace workspace;
  const auto report =
      conv::forward(*g, input.view(), weights.view(), {}, output.view(), choice, workspace, Parallel(1));
  return report ? "no error" : report.error().message;
}

TEST_CASE("unknown and impossible choices are refused with the choices there are") {
  std::string isas = "auto";
  for (const std::string& isa : conv::isa_targets()) isas += ", " + isa;
  CHECK(refusal({"auto", "auto"}) == "no error");
  std::string names = "auto";
  for (const conv::KernelInfo& kernel : conv::kernels()) names += ", " + std::string(kernel.name);
  CHECK(refusal({"fast", "auto"}) == "there is no kernel called 'fast': choose one of " + names);
  CHECK(refusal({"direct", "Z80"}) == "the instruction set 'Z80' is not available here: choose one of " + isas);
  CHECK(refusal({"", "auto"}).starts_with("there is no kernel called ''"));
  const std::string best = conv::isa_targets().front();
  CHECK(refusal({"reference", best}) == "the kernel 'reference' has no version for " + best +
                                            ": leave the instruction set on auto or choose the kernel 'direct'");
  CHECK(refusal({"im2col", best}).starts_with("the kernel 'im2col' has no version for " + best));
}

TEST_CASE("auto runs direct on the best instruction set, and the report says so") {
  Case c;
  c.input = {1, 3, 16, 40};
  c.weights = {8, 3, 3, 3};
  const Outcome outcome = run_engine(c, make_data(c), {}, Parallel(2));
  CHECK(outcome.report.kernel == "direct");
  CHECK(outcome.report.isa == conv::isa_targets().front());
  CHECK(outcome.report.threads == 2);
  CHECK(outcome.report.milliseconds > 0);
  CHECK(outcome.report.gflops > 0);
}

TEST_CASE("auto runs the candidate that expects the least time") {
  Random random(41);
  std::map<std::string, int> runs;
  for (int i = 0; i < 120; ++i) {
    Case c = random_case(random, 200'000);
    c.rank = i % 3;
    if (i % 4 == 0) {  // deep, so that others are chosen, too
      c = {{}, {1, 32, 12 + i % 30, 40}, {24, 32, i % 8 ? 3 : 1, i % 8 ? 3 : 1}, false, static_cast<std::uint64_t>(i)};
    }
    INFO(describe(c));
    const Data data = make_data(c);
    const auto g = conv::resolve(c.params, c.input, c.weights);
    const auto candidates = conv::candidates(*g, data.weights.view());
    const conv::Candidate* least = conv::chosen(candidates, "auto");
    REQUIRE(least);
    const std::string ran = run_engine(c, data, {}, Parallel(2)).report.kernel;
    CHECK(ran == least->kernel);
    ++runs[ran];
    for (const conv::Candidate& candidate : candidates) {
      CHECK(conv::refusal(candidate.kernel, *g, data.weights.view()) == candidate.refusal);
      const conv::Candidate* forced = conv::chosen(candidates, candidate.kernel);
      CHECK((forced == &candidate) == candidate.refusal.empty());
    }
  }
  CHECK(runs.size() >= 4);
  CHECK(conv::chosen({}, "auto") == nullptr);
}

TEST_CASE("every kernel gives the same bits for any number of threads") {
  Random random(17);
  std::vector<Case> cases;
  for (int i = 0; i < 25; ++i) cases.push_back(random_case(random, 300'000));
  cases.push_back({{}, {1, 3, 130, 150}, {8, 3, 3, 3}, true, 4});
  cases.push_back({{}, {1, 1, 130, 150}, {1, 1, 7, 7}, true, 5});
  cases.push_back({{}, {2, 16, 12, 12}, {33, 16, 3, 3}, true, 6});
  cases[26].params.activation = Activation::kTanh;
  for (const Case& c : cases) {
    INFO(describe(c));
    const Data data = make_data(c);
    for (const conv::KernelChoice& choice : choices_for(c, data)) {
      INFO("kernel " << choice.kernel << " isa " << choice.isa);
      const auto bits = [&](int threads) {
        std::vector<std::uint32_t> result;
        for (const float v : run_engine(c, data, choice, Parallel(threads)).values) {
          result.push_back(std::bit_cast<std::uint32_t>(v));
        }
        return result;
      };
      const auto once = bits(1);
      REQUIRE(!once.empty());
      for (const int threads : {2, 3, 8}) CHECK(bits(threads) == once);
    }
  }
}

TEST_CASE("progress ends at its total, in every kernel") {
  Case c;
  c.input = {2, 3, 40, 50};
  c.weights = {5, 3, 3, 3};
  const Data data = make_data(c);
  const auto g = conv::resolve(c.params, c.input, c.weights);
  Tensor output(g->output_shape());
  conv::Workspace workspace;
  const Parallel parallel(2);
  for (const conv::KernelChoice& choice : choices_for(c, data)) {
    conv::Progress progress;
    progress.done = 1000000;  // left over from an earlier call
    REQUIRE(conv::forward(*g, data.input.view(), data.weights.view(), {}, output.view(), choice, workspace, parallel,
                          &progress)
                .ok());
    CHECK(progress.total > 1);
    CHECK(progress.done == progress.total);
  }
}

TEST_CASE("a cancelled call does no work and says so, in every kernel") {
  Case c;
  c.input = {1, 1, 40, 50};
  c.weights = {1, 1, 3, 3};
  const Data data = make_data(c);
  const auto g = conv::resolve(c.params, c.input, c.weights);
  Tensor output(g->output_shape());
  conv::Workspace workspace;
  const Parallel parallel(2);
  for (const conv::KernelChoice& choice : choices_for(c, data)) {
    conv::Progress progress;
    progress.is_cancelled = true;
    const auto report = conv::forward(*g, data.input.view(), data.weights.view(), {}, output.view(), choice, workspace,
                                      parallel, &progress);
    REQUIRE(!report.ok());
    CHECK(report.error().message.find("cancelled") != std::string::npos);
    CHECK(progress.total > 0);
    CHECK(progress.done == 0);
  }
}

TEST_CASE("one workspace serves any sequence of shapes and kernels") {
  Random random(23);
  conv::Workspace workspace;
  const Parallel parallel(2);
  for (std::size_t i = 0; i < 60; ++i) {
    const Case c = random_case(random, 100'000);
    const Data data = make_data(c);
    const auto choices = choices_for(c, data);
    const conv::KernelChoice& choice = choices[i % choices.size()];
    INFO(describe(c) << " kernel " << choice.kernel << " isa " << choice.isa);
    const auto g = conv::resolve(c.params, c.input, c.weights);
    REQUIRE(g.ok());
    Tensor output = Tensor::uninitialized(g->output_shape());
    REQUIRE(
        conv::forward(*g, data.input.view(), data.weights.view(), data.bias, output.view(), choice, workspace, parallel)
            .ok());
    CHECK(worst_error(oracle(c, data), {output.values().begin(), output.values().end()}) <= 1);
  }
}

TEST_CASE("a workspace block stays where it is until it must grow") {
  conv::Workspace workspace;
  float* first = workspace.floats(0, 1000);
  float* other = workspace.floats(3, 1000);
  CHECK(first != other);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
  CHECK(workspace.floats(0, 10) == first);
  CHECK(workspace.floats(0, 1000) == first);
  CHECK(workspace.floats(3, 1000) == other);
  const std::int64_t* offsets = workspace.offsets(0, 50);
  CHECK(workspace.offsets(0, 20) == offsets);
}

// A row of values through a 1x1 filter of weight 1 and the activation.
struct ActivationProbe {
  Case c;
  Data data;

  ActivationProbe(const std::vector<float>& x, Activation activation) {
    c.params.activation = activation;
    c.input = {1, 1, 1, static_cast<std::int64_t>(x.size())};
    c.weights = {1, 1, 1, 1};
    data = {Tensor(c.input), Tensor(c.weights), {}};
    std::copy(x.begin(), x.end(), data.input.data());
    data.weights.at(0, 0, 0, 0) = 1;
  }
  std::vector<conv::KernelChoice> choices() const { return choices_for(c, data); }
  std::vector<float> run(const conv::KernelChoice& choice) const {
    return run_engine(c, data, choice, Parallel(1)).values;
  }
};

TEST_CASE("activations are accurate from the smallest to the largest arguments, in every kernel") {
  std::vector<float> x = {0.0f, -0.0f, 1e-30f, -1e-30f, 1e30f, -1e30f, 88.0f, -88.0f, 104.5f, -104.5f, 700.0f, -700.0f};
  for (int i = -2000; i <= 2000; ++i) x.push_back(static_cast<float>(i) * 0.01f);
  for (std::size_t a = 0; a < conv::activation_names().size(); ++a) {
    const auto activation = static_cast<Activation>(a);
    INFO("activation " << conv::activation_names()[a].name);
    const ActivationProbe probe(x, activation);
    for (const conv::KernelChoice& choice : probe.choices()) {
      INFO("kernel " << choice.kernel << " isa " << choice.isa);
      const std::vector<float> y = probe.run(choice);
      REQUIRE(y.size() == x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        INFO("x = " << x[i]);
        const double want = conv::activate(x[i], activation);
        CHECK(std::abs(static_cast<double>(y[i]) - want) <= 1e-6 * std::max(std::abs(double{x[i]}), std::abs(want)));
      }
    }
  }
}

TEST_CASE("the activations' definitions, at values known by heart") {
  using conv::activate;
  CHECK(activate(-2, Activation::kNone) == -2);
  CHECK(activate(-2, Activation::kRelu) == 0);
  CHECK(activate(-2, Activation::kLeakyRelu) == doctest::Approx(-0.02));
  CHECK(activate(0, Activation::kSigmoid) == 0.5);
  CHECK(activate(0.5, Activation::kTanh) == doctest::Approx(0.46211715726));
  CHECK(activate(-1, Activation::kElu) == doctest::Approx(-0.63212055883));
  CHECK(activate(1, Activation::kGelu) == doctest::Approx(0.84134474607));
  CHECK(activate(-1, Activation::kGelu) == doctest::Approx(-0.15865525393));
  CHECK(activate(0, Activation::kSoftplus) == doctest::Approx(0.69314718056));
  CHECK(activate(1000, Activation::kSoftplus) == 1000);
  CHECK(activate(-3, Activation::kAbs) == 3);
}

TEST_CASE("a NaN in the picture shows in the maps, in every kernel and activation") {
  std::vector<float> x(40, 1.0f);
  x[3] = x[37] = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t a = 0; a < conv::activation_names().size(); ++a) {
    INFO("activation " << conv::activation_names()[a].name);
    const ActivationProbe probe(x, static_cast<Activation>(a));
    for (const conv::KernelChoice& choice : probe.choices()) {
      INFO("kernel " << choice.kernel << " isa " << choice.isa);
      const std::vector<float> y = probe.run(choice);
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::isnan(y[i]) == (i == 3 || i == 37));
    }
  }
}

}  // namespace
}  // namespace convlens::test
