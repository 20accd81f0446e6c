// The kernel table, the choice from it, and the timing around it. No arithmetic on pixels.
#include "engine/conv/conv.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <limits>
#include <optional>

#include <hwy/targets.h>

#include "engine/conv/kernels/kernel.h"
#include "engine/conv/kernels/simd.h"

namespace convlens::conv {
namespace {

constexpr std::array<const Kernel*, 8> kKernels = {&kReference, &kIm2col, &kDirect,   &kDepthwise,
                                                   &kSeparable, &kGemm,   &kWinograd, &kFft};

std::string listed(const std::string& first, const std::vector<std::string>& others) {
  std::string text = first;
  for (const std::string& other : others) text += ", " + other;
  return text;
}

const Kernel* find_kernel(std::string_view name) {
  const auto* found = std::ranges::find(kKernels, name, [](const Kernel* k) { return k->info.name; });
  return found == kKernels.end() ? nullptr : *found;
}

const Kernel* fastest_kernel(const Geometry& geometry, ConstView weights) {
  const Kernel* best = nullptr;
  double least = std::numeric_limits<double>::infinity();
  for (const bool studies_weights : {false, true}) {
    for (const Kernel* kernel : kKernels) {
      if ((kernel->least_estimate != nullptr) != studies_weights) continue;
      if (studies_weights && kernel->least_estimate(geometry) >= least) continue;
      if (!kernel->refusal(geometry, weights).empty()) continue;
      const double milliseconds = kernel->estimate(geometry, weights);
      if (milliseconds >= least) continue;
      best = kernel;
      least = milliseconds;
    }
  }
  return best;
}

std::optional<std::int64_t> find_target(std::string_view name) {
  const std::span<const std::int64_t> targets = simd_targets();
  if (name == "auto") return targets.front();
  for (const std::int64_t target : targets) {
    if (name == hwy::TargetName(target)) return target;
  }
  return std::nullopt;
}

}  // namespace

struct Workspace::Blocks {
  std::vector<Tensor> floats;
  std::vector<std::vector<std::int64_t>> offsets;
};

Workspace::Workspace() : blocks_(std::make_unique<Blocks>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

float* Workspace::floats(int slot, std::int64_t count) {
  const auto index = static_cast<std::size_t>(slot);
  if (index >= blocks_->floats.size()) blocks_->floats.resize(index + 1);
  blocks_->floats[index].reshape_uninitialized({1, 1, 1, count});
  return blocks_->floats[index].data();
}

std::int64_t* Workspace::offsets(int slot, std::int64_t count) {
  const auto index = static_cast<std::size_t>(slot);
  if (index >= blocks_->offsets.size()) blocks_->offsets.resize(index + 1);
  auto& block = blocks_->offsets[index];
  if (block.size() < static_cast<std::size_t>(count)) block.resize(static_cast<std::size_t>(count));
  return block.data();
}

std::span<const KernelInfo> kernels() {
  static const auto infos = [] {
    std::array<KernelInfo, kKernels.size()> list;
    std::ranges::transform(kKernels, list.begin(), [](const Kernel* k) { return k->info; });
    return list;
  }();
  return infos;
}

std::vector<Candidate> candidates(const Geometry& geometry, ConstView weights) {
  std::vector<Candidate> list;
  for (const Kernel* kernel : kKernels) {
    const std::string_view refusal = kernel->refusal(geometry, weights);
    list.push_back({kernel->info.name, refusal, refusal.empty() ? kernel->estimate(geometry, weights) : 0});
  }
  return list;
}

std::string_view refusal(std::string_view kernel, const Geometry& geometry, ConstView weights) {
  const Kernel* found = find_kernel(kernel);
  return found ? found->refusal(geometry, weights) : std::string_view();
}

const Candidate* chosen(std::span<const Candidate> candidates, std::string_view kernel) {
  const Candidate* best = nullptr;
  for (const Candidate& c : candidates) {
    if (!c.refusal.empty()) continue;
    const bool is_meant = kernel == "auto" ? !best || c.milliseconds < best->milliseconds : c.kernel == kernel;
    if (is_meant) best = &c;
  }
  return best;
}

std::string choice_in_words(std::span<const Candidate> candidates) {
  std::vector<Candidate> able;
  std::string others;
  for (const Candidate& c : candidates) {
    if (c.refusal.empty()) {
      able.push_back(c);
    } else {
      others += "; " + std::string(c.kernel) + " " + std::string(c.refusal);
    }
  }
  std::ranges::stable_sort(able, {}, &Candidate::milliseconds);
  std::string words;
  for (const Candidate& c : able) {
    std::array<char, 32> number;
    std::snprintf(number.data(), number.size(), "%.3g ms", c.milliseconds);
    words += (words.empty() ? "" : ", ") + std::string(c.kernel) + " about " + number.data();
  }
  return words + others;
}

std::vector<std::string> isa_targets() {
  std::vector<std::string> names;
  for (const std::int64_t target : simd_targets()) names.emplace_back(hwy::TargetName(target));
  return names;
}

Result<Report> forward(const Geometry& geometry, ConstView input, ConstView weights, std::span<const float> bias,
                       View output, const KernelChoice& choice, Workspace& workspace, const Parallel& parallel,
                       Progress* progress) {
  assert(input.shape == geometry.input_shape());
  assert(weights.shape == geometry.weights_shape());
  assert(output.shape == geometry.output_shape());
  assert(bias.empty() || static_cast<std::int64_t>(bias.size()) == geometry.k);

  const bool is_forced = choice.kernel != "auto";
  const Kernel* kernel = is_forced ? find_kernel(choice.kernel) : fastest_kernel(geometry, weights);
  if (!kernel) {
    std::vector<std::string> names;
    for (const KernelInfo& info : kernels()) names.emplace_back(info.name);
    return Error{"there is no kernel called '" + choice.kernel + "': choose one of " + listed("auto", names)};
  }
  const std::optional<std::int64_t> target = find_target(choice.isa);
  if (!target) {
    return Error{"the instruction set '" + choice.isa + "' is not available here: choose one of " +
                 listed("auto", isa_targets())};
  }
  if (!kernel->info.uses_simd && choice.isa != "auto") {
    return Error{"the kernel '" + std::string(kernel->info.name) + "' has no version for " + choice.isa +
                 ": leave the instruction set on auto or choose the kernel 'direct'"};
  }

  if (is_forced) {
    if (const std::string_view refusal = kernel->refusal(geometry, weights); !refusal.empty()) {
      return Error{"the kernel '" + choice.kernel + "' " + std::string(refusal) + ": choose another, or auto"};
    }
  }

  const auto start = std::chrono::steady_clock::now();
  Report report;
  report.isa = kernel->run({geometry, input, weights, bias, output, workspace, parallel, progress}, *target);
  if (progress && progress->is_cancelled) return Error{"the convolution was cancelled before it was finished"};
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  report.kernel = kernel->info.name;
  report.threads = parallel.threads();
  report.milliseconds = seconds.count() * 1e3;
  report.gflops = 2 * static_cast<double>(geometry.multiply_adds()) / std::max(seconds.count(), 1e-9) * 1e-9;
  return report;
}

}  // namespace convlens::conv
