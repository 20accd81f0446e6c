// Which frames are kept, how changes are found, and how a step is reached again.
#include "engine/training/recording.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <iterator>
#include <utility>

namespace convlens::training {
namespace {

bool same_bits(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

// Runs of values that are no longer what they were.
std::vector<Change::Edit> differences(std::span<const float> before, std::span<const float> after) {
  assert(before.size() == after.size());
  std::vector<Change::Edit> edits;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (same_bits(before[i], after[i])) continue;
    const bool continues =
        !edits.empty() && edits.back().offset + std::ssize(edits.back().values) == static_cast<std::int64_t>(i);
    if (!continues) edits.push_back({static_cast<std::int64_t>(i), {}});
    edits.back().values.push_back(after[i]);
  }
  return edits;
}

std::int64_t bytes_of(const Change& change) {
  std::int64_t bytes = std::ssize(change.label) + static_cast<std::int64_t>(sizeof(Change));
  for (const Change::Edit& edit : change.edits) bytes += 4 * std::ssize(edit.values) + 32;
  if (change.frozen) {
    for (const std::vector<bool>& filters : *change.frozen) bytes += std::ssize(filters) / 8 + 32;
  }
  return bytes;
}

// The later change of the two at one step, on top of the earlier.
void merge(Change& into, Change&& later) {
  for (Change::Edit& edit : later.edits) {
    std::erase_if(into.edits, [&](const Change::Edit& old) {
      return old.offset == edit.offset && old.values.size() == edit.values.size();
    });
    into.edits.push_back(std::move(edit));
  }
  if (later.settings) into.settings = later.settings;
  if (later.frozen) into.frozen = std::move(later.frozen);
}

}  // namespace

Recording::Recording(const Trainer& trainer, std::int64_t budget) : budget_(budget) {
  parts_.frames.push_back(take_frame(trainer, true));
}

Recording::Recording(Parts parts, std::int64_t budget) : parts_(std::move(parts)), budget_(budget) {
  assert(!parts_.frames.empty() && parts_.frames.front().key);
  thin();
}

std::int64_t Recording::frame_bytes(bool only_keys) const {
  std::int64_t bytes = 0;
  for (const Frame& frame : parts_.frames) {
    if (only_keys && !frame.key) continue;
    bytes += 4 * std::ssize(*frame.values) + static_cast<std::int64_t>(sizeof(Frame));
    if (frame.key) bytes += 4 * (std::ssize(frame.key->first) + std::ssize(frame.key->second));
  }
  return bytes;
}

std::int64_t Recording::memory_bytes() const {
  std::int64_t bytes = frame_bytes(false) + std::ssize(parts_.points) * static_cast<std::int64_t>(sizeof(StepPoint));
  for (const TestPoint& test : parts_.tests) bytes += 8 * std::ssize(test.evaluation.confusion) + 128;
  for (const Change& change : parts_.changes) bytes += bytes_of(change);
  return bytes;
}

bool Recording::is_on_key_grid(std::int64_t step) const { return (step - first_step()) % key_period_ == 0; }

bool Recording::is_on_frame_grid(std::int64_t step) const {
  const auto at = static_cast<std::uint64_t>(step - first_step());
  const int octave = static_cast<int>(std::bit_width(at)) - 1;  // -1 for step 0, which is on every grid
  return octave <= density_ || at % (std::uint64_t{1} << (octave - density_)) == 0;
}

void Recording::add_frame(const Trainer& trainer, bool is_key) {
  if (parts_.frames.back().step == trainer.steps_done()) parts_.frames.pop_back();
  parts_.frames.push_back(take_frame(trainer, is_key));
}

// Drops what is on neither grid, and what only a key frame needs where it is none.
void Recording::drop_frames() {
  std::vector<Frame> kept;
  for (Frame& frame : parts_.frames) {
    const bool is_first = &frame == &parts_.frames.front();
    if (!is_first && !is_on_key_grid(frame.step)) frame.key = nullptr;
    if (is_first || frame.key || is_on_frame_grid(frame.step)) kept.push_back(std::move(frame));
  }
  parts_.frames = std::move(kept);
}

void Recording::thin() {
  const auto keys = [&] {
    return std::ranges::count_if(parts_.frames, [](const Frame& f) { return f.key != nullptr; });
  };
  const auto total = memory_bytes();
  if (total <= budget_) return;
  while (frame_bytes(true) > budget_ / 2 && keys() > 1) {
    key_period_ *= 2;
    drop_frames();
  }
  while (memory_bytes() > budget_ && density_ >= 0) {
    --density_;
    drop_frames();
  }
}

void Recording::record(const Trainer& trainer, const StepReport& report) {
  assert(trainer.steps_done() == last_step() + 1);
  parts_.points.push_back({static_cast<float>(report.loss), static_cast<float>(report.accuracy), report.learning_rate});
  const std::int64_t step = trainer.steps_done();
  const bool is_key = is_on_key_grid(step);
  if (!is_key && !is_on_frame_grid(step)) return;
  add_frame(trainer, is_key);
  thin();
}

void Recording::record_test(std::int64_t step, const Evaluation& evaluation) {
  std::vector<TestPoint>& tests = parts_.tests;
  const auto at = std::ranges::lower_bound(tests, step, {}, &TestPoint::step);
  if (at == tests.end() || at->step != step) {
    tests.insert(at, {step, evaluation});
  } else if (evaluation.images >= at->evaluation.images) {
    at->evaluation = evaluation;
  }
}

void Recording::change(Trainer& trainer, const std::string& label, const std::function<void(Trainer&)>& edit) {
  assert(trainer.steps_done() == last_step());
  const std::vector<float> values = read_values(trainer.network());
  const Frozen frozen = read_frozen(trainer.network());
  const TrainerSettings settings = trainer.settings();
  edit(trainer);
  assert(trainer.steps_done() == last_step());
  Change change{last_step(), label, differences(values, read_values(trainer.network())), std::nullopt, std::nullopt};
  if (trainer.settings() != settings) change.settings = trainer.settings();
  if (Frozen now = read_frozen(trainer.network()); now != frozen) change.frozen = std::move(now);
  if (change.edits.empty() && !change.settings && !change.frozen) return;
  if (!parts_.changes.empty() && parts_.changes.back().step == change.step && parts_.changes.back().label == label) {
    merge(parts_.changes.back(), std::move(change));
  } else {
    parts_.changes.push_back(std::move(change));
  }
  // A frame of this step shows what training goes on from.
  if (parts_.frames.back().step == last_step()) add_frame(trainer, parts_.frames.back().key != nullptr);
  thin();
}

void Recording::take_key_frame(const Trainer& trainer) {
  assert(trainer.steps_done() == last_step());
  add_frame(trainer, true);
}

const Frame& Recording::frame_at(std::int64_t step) const {
  const auto after = std::ranges::upper_bound(parts_.frames, step, {}, &Frame::step);
  return after == parts_.frames.begin() ? *after : *std::prev(after);
}

const Frame& Recording::key_before(std::int64_t step) const {
  auto at = std::ranges::upper_bound(parts_.frames, step, {}, &Frame::step);
  while (at != parts_.frames.begin()) {
    if ((--at)->key) return *at;
  }
  return parts_.frames.front();
}

std::int64_t Recording::replay_length(std::int64_t step) const { return step - key_before(step).step; }

Status Recording::replay_step(Trainer& trainer, ImageSource& source) const {
  assert(trainer.steps_done() < last_step());
  const Result<StepReport> report = trainer.step(source);
  if (!report) return report.error();
  repeat_changes(trainer);
  return Done{};
}

void Recording::repeat_changes(Trainer& trainer) const {
  const auto changes = std::ranges::equal_range(parts_.changes, trainer.steps_done(), {}, &Change::step);
  for (const Change& change : changes) {
    if (!change.edits.empty()) {
      std::vector<float> values = read_values(trainer.network());
      for (const Change::Edit& edit : change.edits) std::ranges::copy(edit.values, values.begin() + edit.offset);
      write_values(trainer.network(), values);
    }
    if (change.settings) trainer.settings() = *change.settings;
    if (change.frozen) write_frozen(trainer.network(), *change.frozen);
  }
}

Status Recording::restore(Trainer& trainer, ImageSource& source, std::int64_t step,
                          const std::function<bool(std::int64_t)>& goes_on) const {
  if (step < first_step() || step > last_step()) {
    return Error{"the recording holds the steps " + std::to_string(first_step()) + " to " +
                 std::to_string(last_step()) + ", not " + std::to_string(step)};
  }
  // A key frame already has the changes of its step in it.
  put_back(trainer, key_before(step));
  while (trainer.steps_done() < step) {
    if (Status taken = replay_step(trainer, source); !taken) return taken;
    if (goes_on && trainer.steps_done() < step && !goes_on(trainer.steps_done())) {
      return Error{"stopped on the way to step " + std::to_string(step) + ", at step " +
                   std::to_string(trainer.steps_done())};
    }
  }
  return Done{};
}

void Recording::cut_after(std::int64_t step) {
  assert(step >= first_step());
  std::erase_if(parts_.frames, [&](const Frame& frame) { return frame.step > step; });
  std::erase_if(parts_.tests, [&](const TestPoint& test) { return test.step > step; });
  std::erase_if(parts_.changes, [&](const Change& change) { return change.step > step; });
  const std::int64_t points = std::min(step - first_step(), std::ssize(parts_.points));
  parts_.points.resize(static_cast<std::size_t>(points));
}

}  // namespace convlens::training
