// Names of the tensors and notes of a recording.
#include "engine/training/recording_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/training/run_json.h"

namespace convlens::training {
namespace {

constexpr std::size_t kPointNumbers = 3;

// frame.STEP.values, frame.STEP.first, frame.STEP.second; curves (steps, 3); edits, those of all changes in a row.
// Notes: run, changes, tests, and state.STEP for each key frame.
std::string frame_name(std::int64_t step, const char* what) { return "frame." + std::to_string(step) + "." + what; }
std::string state_name(std::int64_t step) { return "state." + std::to_string(step); }

io::NamedTensorView flat(std::string name, std::span<const float> values) {
  return {std::move(name), {std::ssize(values)}, values};
}

class Reader {
 public:
  Reader(io::Safetensors& file, std::string name) : file_(file), name_(std::move(name)) {
    for (io::NamedTensor& tensor : file_.tensors) tensors_[tensor.name] = &tensor;
  }

  Result<RecordedRun> read(std::int64_t budget) {
    for (const char* key : {"run", "tests", "changes"}) {
      if (!note(key)) return Error{name_ + " is no recording of a run: give a file that --timeline wrote"};
    }
    Result<RunDescription> run = run_from_json(*note("run"));
    if (!run) return damaged(run.error().message);
    Recording::Parts parts;
    for (const Status& status : {read_frames(run->model, parts), read_points(parts), read_rest(run->model, parts)}) {
      if (!status) return status.error();
    }
    if (Status fits = check(run->model, parts); !fits) return fits.error();
    return RecordedRun{std::move(*run), Recording(std::move(parts), budget)};
  }

 private:
  Error damaged(const std::string& what) const { return Error{name_ + " is damaged: " + what}; }
  const std::string* note(const std::string& key) const {
    const auto found = file_.metadata.find(key);
    return found == file_.metadata.end() ? nullptr : &found->second;
  }
  // The values of a tensor, taken out of the file; empty without it.
  std::vector<float> take(const std::string& name) {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? std::vector<float>() : std::move(found->second->values);
  }

  Status read_frames(const nn::ModelSpec& model, Recording::Parts& parts) {
    for (const auto& [name, tensor] : tensors_) {
      std::int64_t step = 0;
      if (!name.starts_with("frame.") || !name.ends_with(".values")) continue;
      const char* begin = name.data() + 6;
      const char* end = name.data() + name.size() - 7;
      const auto [stop, error] = std::from_chars(begin, std::max(begin, end), step);
      if (error != std::errc() || stop != end || step < 0) return damaged("'" + name + "' names no step");
      parts.frames.push_back({step, nullptr, nullptr});
    }
    std::ranges::sort(parts.frames, {}, &Frame::step);
    for (Frame& frame : parts.frames) {
      frame.values = std::make_shared<const std::vector<float>>(take(frame_name(frame.step, "values")));
      if (const std::string* state = note(state_name(frame.step))) {
        Result<KeyState> key = key_from_json(*state);
        if (!key) return damaged(key.error().message);
        key->first = take(frame_name(frame.step, "first"));
        key->second = take(frame_name(frame.step, "second"));
        frame.key = std::make_shared<const KeyState>(std::move(*key));
      }
      if (Status fits = check_frame(model, frame); !fits) return damaged(fits.error().message);
    }
    if (parts.frames.empty() || !parts.frames.front().key) return damaged("it has no state to begin from");
    return Done{};
  }

  Status read_points(Recording::Parts& parts) {
    const std::vector<float> curves = take("curves");
    if (curves.size() % kPointNumbers != 0) return damaged("its curves are incomplete");
    for (std::size_t i = 0; i < curves.size(); i += kPointNumbers) {
      parts.points.push_back({curves[i], curves[i + 1], curves[i + 2]});
    }
    return Done{};
  }

  Status read_rest(const nn::ModelSpec& model, Recording::Parts& parts) {
    auto tests = tests_from_json(*note("tests"), model.classes);
    if (!tests) return damaged(tests.error().message);
    parts.tests = std::move(*tests);
    const std::vector<float> edits = take("edits");
    auto changes = changes_from_json(*note("changes"), edits);
    if (!changes) return damaged(changes.error().message);
    parts.changes = std::move(*changes);
    return Done{};
  }

  Status check(const nn::ModelSpec& model, const Recording::Parts& parts) const {
    const std::int64_t first = parts.frames.front().step, last = first + std::ssize(parts.points);
    const std::int64_t values = count_values(model);
    const Frozen& frozen = parts.frames.front().key->frozen;
    const auto is_inside = [&](std::int64_t step) { return step >= first && step <= last; };
    bool is_good = is_inside(parts.frames.back().step) && std::ranges::is_sorted(parts.changes, {}, &Change::step);
    for (const TestPoint& test : parts.tests) is_good &= is_inside(test.step);
    for (const Change& change : parts.changes) {
      is_good &= is_inside(change.step);
      for (const Change::Edit& edit : change.edits) {
        is_good &= edit.offset <= values && std::ssize(edit.values) <= values - edit.offset;
      }
      if (!change.frozen) continue;
      is_good &= std::ranges::equal(*change.frozen, frozen, {}, &std::vector<bool>::size, &std::vector<bool>::size);
    }
    if (!is_good) return damaged("its frames, curves and changes disagree");
    return Done{};
  }

  io::Safetensors& file_;
  std::string name_;
  std::map<std::string, io::NamedTensor*> tensors_;
};

}  // namespace

Status save_recording(const std::filesystem::path& path, const RunDescription& run, const Recording& recording) {
  const Recording::Parts& parts = recording.parts();
  std::vector<io::NamedTensorView> tensors;
  std::map<std::string, std::string> notes = {
      {"run", run_to_json(run)}, {"tests", tests_to_json(parts.tests)}, {"changes", changes_to_json(parts.changes)}};
  for (const Frame& frame : parts.frames) {
    tensors.push_back(flat(frame_name(frame.step, "values"), *frame.values));
    if (!frame.key) continue;
    notes[state_name(frame.step)] = key_to_json(*frame.key);
    if (!frame.key->first.empty()) tensors.push_back(flat(frame_name(frame.step, "first"), frame.key->first));
    if (!frame.key->second.empty()) tensors.push_back(flat(frame_name(frame.step, "second"), frame.key->second));
  }
  std::vector<float> curves, edits;
  for (const StepPoint& point : parts.points) {
    for (const float number : {point.loss, point.accuracy, point.learning_rate}) curves.push_back(number);
  }
  for (const Change& change : parts.changes) {
    for (const Change::Edit& edit : change.edits) edits.insert(edits.end(), edit.values.begin(), edit.values.end());
  }
  tensors.push_back({"curves", {std::ssize(parts.points), std::int64_t{kPointNumbers}}, curves});
  tensors.push_back(flat("edits", edits));
  return io::write_safetensors(path, tensors, notes);
}

Result<RecordedRun> load_recording(const std::filesystem::path& path, std::int64_t budget) {
  Result<io::Safetensors> file = io::read_safetensors(path);
  if (!file) return file.error();
  return parse_recording(std::move(*file), path.string(), budget);
}

Result<RecordedRun> parse_recording(io::Safetensors file, const std::string& name, std::int64_t budget) {
  return Reader(file, name).read(budget);
}

}  // namespace convlens::training
