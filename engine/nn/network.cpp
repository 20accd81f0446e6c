// Passes over batches: which parts of a pass a chunk goes through on its own, and the parallel loops over chunks.
#include "engine/nn/network.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "engine/conv/conv.h"
#include "engine/conv/kernels/simd.h"
#include "engine/nn/network_state.h"

namespace convlens::nn {
namespace {

std::optional<std::int64_t> find_target(std::string_view isa) {
  const auto targets = conv::simd_targets();
  if (isa == "auto") return targets.front();
  for (const std::int64_t target : targets) {
    if (isa == hwy::TargetName(target)) return target;
  }
  return std::nullopt;
}

// Pixels of one image, channels last.
void load_image(const Buffer& buffer, const float* planes, float* out) {
  const std::int64_t area = buffer.h * buffer.w;
  if (buffer.c == 1) {
    std::copy_n(planes, area, out);
    return;
  }
  for (std::int64_t c = 0; c < buffer.c; ++c) {
    for (std::int64_t i = 0; i < area; ++i) out[i * buffer.c + c] = *planes++;
  }
}

}  // namespace

Network::State::State(const ModelSpec& m, const NetworkOptions& o, std::int64_t target)
    : model(m),
      options(o),
      parallel(o.threads),
      steps(plan_steps(m, o.is_fused)),
      buffers(plan_buffers(m, steps)),
      store(list_parameters(m), plan_parameters(m, steps, buffers)) {
  bool learns = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    buffers[i].wants_gradients = learns && options.can_learn;
    const Step::Kind kind = steps[i].kind;
    learns |= kind == Step::Kind::kConv || kind == Step::Kind::kFusedConv || kind == Step::Kind::kDense ||
              kind == Step::Kind::kBatchNorm;
  }
  buffers.back().wants_gradients = options.can_learn;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    step_names.push_back(steps[i].name);
    layers.push_back(make_layer(model, steps[i],
                                {model.layers[steps[i].layer], steps[i].layer, buffers[i], buffers[i + 1], store,
                                 options.batch, parallel.threads(), target}));
  }
  losses.resize(static_cast<std::size_t>(options.batch));
  frozen.resize(model.layers.size());
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    frozen[i].assign(static_cast<std::size_t>(filter_count(model.layers[i])), model.layers[i].frozen);
  }
  list_ranges();
  plan_phases();
  give_memory();
}

std::vector<Phase> Network::State::phases(const std::vector<Action>& actions, const Pass& kind) const {
  std::vector<Phase> list;
  for (const Action& action : actions) {
    const bool has_layer = action.kind == Action::Kind::kForward || action.kind == Action::Kind::kBackward;
    const bool is_whole = has_layer && layers[action.step]->needs_whole_batch(kind);
    if (list.empty() || is_whole || list.back().is_whole) list.push_back({{}, is_whole});
    list.back().actions.push_back(action);
  }
  return list;
}

void Network::State::plan_phases() {
  std::vector<Action> forward{{Action::Kind::kLoad, 0}}, backward;
  for (std::size_t i = 0; i < steps.size(); ++i) forward.push_back({Action::Kind::kForward, i});
  for (std::size_t i = steps.size(); i-- > 0;) {
    // Before the first layer that learns there is nothing to go back for.
    if (buffers[i + 1].wants_gradients) backward.push_back({Action::Kind::kBackward, i});
  }
  const Pass learning{.is_training = true};
  forward_only = phases(forward, learning);
  backward_only = phases(backward, learning);
  std::vector<Action> all = forward;
  all.push_back({Action::Kind::kLoss, 0});
  all.insert(all.end(), backward.begin(), backward.end());
  training = phases(all, learning);
  std::vector<Action> infer = forward;
  infer.push_back({Action::Kind::kLogits, 0});
  inference = phases(infer, {});
  split_inference = phases(infer, {.is_split = true});

  // Memory of one chunk a worker is enough where makers and readers stand in one phase.
  const auto together = [](const std::vector<Phase>& list, const Action& a, const Action& b) {
    const auto has = [](const Phase& phase, const Action& x) {
      return std::ranges::any_of(phase.actions, [&](const Action& y) { return x.kind == y.kind && x.step == y.step; });
    };
    return std::ranges::any_of(list, [&](const Phase& p) { return !p.is_whole && has(p, a) && has(p, b); });
  };
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const Action maker = i == 0 ? Action{Action::Kind::kLoad, 0} : Action{Action::Kind::kForward, i - 1};
    const Action reader = i == steps.size() ? Action{Action::Kind::kLogits, 0} : Action{Action::Kind::kForward, i};
    buffers[i].has_local_values = together(inference, maker, reader);
    if (i == 0 || i == steps.size() || !buffers[i].wants_gradients) continue;
    buffers[i].has_local_gradients =
        !layers[i - 1]->keeps_output_gradients() &&
        together(backward_only, {Action::Kind::kBackward, i}, {Action::Kind::kBackward, i - 1});
  }
  if (!options.can_learn) return;
  std::int64_t tasks = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::int64_t count = layers[i]->gradient_tasks(pass);
    if (count > 0) gradient_tasks.push_back({i, tasks, tasks + count});
    tasks += count;
  }
}

void Network::State::give_memory() {
  const std::int64_t local = parallel.threads() * kChunkImages;
  const std::int64_t batch = chunks_of(options.batch) * kChunkImages;
  std::int64_t floats = conv::kRowUnit;
  std::vector<std::pair<std::int64_t, std::int64_t>> offsets;
  for (const Buffer& buffer : buffers) {
    const std::int64_t values = floats;
    floats += buffer.stride * (buffer.has_local_values && !options.can_learn ? local : std::max(batch, local));
    const std::int64_t gradients = floats;
    if (buffer.wants_gradients) floats += buffer.stride * (buffer.has_local_gradients ? local : batch);
    offsets.emplace_back(values, gradients);
  }
  memory = Tensor({1, 1, 1, floats + conv::kRowUnit});
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    buffers[i].values = memory.data() + offsets[i].first;
    if (buffers[i].wants_gradients) buffers[i].gradients = memory.data() + offsets[i].second;
  }
}

void Network::State::prepare() {
  if (is_prepared) return;
  for (const auto& layer : layers) layer->prepare();
  is_prepared = true;
}

void Network::State::act(const Action& action, const Piece& piece) {
  switch (action.kind) {
    case Action::Kind::kLoad: {
      const Buffer& buffer = buffers.front();
      for (std::int64_t i = 0; i < piece.count(); ++i) {
        load_image(buffer, images + (piece.begin + i) * buffer.size(), buffer.value(pass, piece, i));
      }
      return;
    }
    case Action::Kind::kForward:
      return layers[action.step]->forward(pass, piece);
    case Action::Kind::kLoss: {
      const Buffer& buffer = buffers.back();
      const float scale = 1.0f / static_cast<float>(pass.n);
      for (std::int64_t i = 0; i < piece.count(); ++i) {
        const auto n = static_cast<std::size_t>(piece.begin + i);
        losses[n] = softmax_cross_entropy(buffer.value(pass, piece, i), buffer.size(), labels[n], smoothing, scale,
                                          buffer.gradient(piece, i));
      }
      return;
    }
    case Action::Kind::kBackward:
      return layers[action.step]->backward(pass, piece);
    case Action::Kind::kLogits: {
      const Buffer& buffer = buffers.back();
      for (std::int64_t i = 0; i < piece.count(); ++i) {
        std::copy_n(buffer.value(pass, piece, i), buffer.size(), logits_out + (piece.begin + i) * buffer.size());
      }
      return;
    }
  }
}

void Network::State::run(const std::vector<Phase>& phases) {
  pass.parallel = &parallel;
  for (const Phase& phase : phases) {
    if (phase.is_whole) {
      act(phase.actions.front(), {0, pass.n, 0, 0});
      continue;
    }
    parallel.for_each_with_worker(chunks_of(pass.n), [&](std::int64_t chunk, int worker) {
      const Piece piece{chunk * kChunkImages, std::min(pass.n, (chunk + 1) * kChunkImages), chunk, worker};
      for (const Action& action : phase.actions) act(action, piece);
    });
  }
}

void Network::State::make_gradients() {
  if (gradient_tasks.empty()) return;
  parallel.for_each_with_worker(gradient_tasks.back().end, [&](std::int64_t task, int worker) {
    const auto owner = std::ranges::find_if(gradient_tasks, [&](const GradientTasks& t) { return task < t.end; });
    layers[owner->step]->gradient_task(pass, task - owner->begin, worker);
  });
}

BatchResult Network::State::result() const {
  BatchResult result;
  for (std::int64_t n = 0; n < pass.n; ++n) {
    const auto i = static_cast<std::size_t>(n);
    result.loss += static_cast<double>(losses[i].loss);
    result.correct += losses[i].predicted == labels[i];
  }
  result.loss /= static_cast<double>(pass.n);
  return result;
}

Network::Network(std::unique_ptr<State> state) : state_(std::move(state)) {}
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;
Network::~Network() = default;

Result<Network> Network::create(const ModelSpec& model, const NetworkOptions& options) {
  if (const auto shapes = layer_shapes(model); !shapes) return shapes.error();
  if (options.batch < 1) return Error{"the batch must hold at least one image, not " + std::to_string(options.batch)};
  const auto target = find_target(options.isa);
  if (!target) return Error{"the instruction set '" + options.isa + "' is not available here: choose auto"};
  return Network(std::make_unique<State>(model, options, *target));
}

const ModelSpec& Network::model() const { return state_->model; }
const NetworkOptions& Network::options() const { return state_->options; }
const Parallel& Network::parallel() const { return state_->parallel; }
const std::vector<std::string>& Network::steps() const { return state_->step_names; }
ParameterStore& Network::store() { return state_->store; }
const ParameterStore& Network::store() const { return state_->store; }
void Network::changed() { state_->is_prepared = false; }

void Network::forward(const float* images, std::int64_t n, const StepSeed& seed) {
  State& s = *state_;
  assert(n >= 1 && n <= s.options.batch && s.options.can_learn);
  s.prepare();
  s.images = images;
  s.pass = {.n = n, .is_training = true, .seed = seed.seed, .step = seed.step};
  s.run(s.forward_only);
}

BatchResult Network::loss(std::span<const std::int32_t> labels, float smoothing) {
  State& s = *state_;
  assert(std::ssize(labels) == s.pass.n);
  s.labels = labels;
  s.smoothing = smoothing;
  s.act({Action::Kind::kLoss, 0}, {0, s.pass.n, 0, 0});
  return s.result();
}

void Network::backward() {
  state_->run(state_->backward_only);
  state_->make_gradients();
}

BatchResult Network::train(const float* images, std::span<const std::int32_t> labels, const StepSeed& seed,
                           float smoothing) {
  State& s = *state_;
  assert(!labels.empty() && std::ssize(labels) <= s.options.batch && s.options.can_learn);
  s.prepare();
  s.images = images;
  s.labels = labels;
  s.smoothing = smoothing;
  s.pass = {.n = std::ssize(labels), .is_training = true, .seed = seed.seed, .step = seed.step};
  s.run(s.training);
  s.make_gradients();
  return s.result();
}

void Network::infer(const float* images, std::int64_t n, float* logits) {
  State& s = *state_;
  s.prepare();
  const std::int64_t picture = s.buffers.front().size();
  for (std::int64_t begin = 0; begin < n; begin += s.options.batch) {
    s.images = images + begin * picture;
    s.logits_out = logits + begin * s.model.classes;
    s.pass = {.n = std::min(s.options.batch, n - begin)};
    // With one chunk every worker's own memory is the first's, so that phases may be cut differently.
    s.pass.is_split = s.parallel.threads() > 1 && s.pass.n < std::min<std::int64_t>(s.parallel.threads(), kChunkImages);
    s.run(s.pass.is_split ? s.split_inference : s.inference);
  }
}

std::span<const float> Network::logits(std::int64_t n) const {
  const Buffer& buffer = state_->buffers.back();
  return {buffer.values + n * buffer.stride, static_cast<std::size_t>(buffer.size())};
}

std::int64_t Network::memory_bytes() const {
  const State& s = *state_;
  return 4 * (s.memory.size() + 2 * std::ssize(s.store.values()));
}

}  // namespace convlens::nn
