// The frame thread's side of training: wishes go to the worker, what it publishes is taken.
#include "app/model/train_session.h"

#include <thread>
#include <utility>

#include "app/model/train_link.h"
#include "app/model/train_worker.h"

namespace convlens::model {

using Kind = TrainCommand::Kind;

struct TrainSession::State {
  State(std::function<void()> wake, const Options& options) : link(std::move(wake)), worker(link, options) {
    thread = std::jthread([this](const std::stop_token& stop) { worker.run(stop); });
  }

  TrainLink link;
  TrainWorker worker;
  bool has_begun = false;
  TrainSettings followed;
  std::uint64_t adopted = 0;
  TrainSnapshotPtr snapshot = std::make_shared<const TrainSnapshot>();
  TrainCurves curves;
  std::jthread thread;  // last: ends before what it uses
};

TrainSession::TrainSession(std::function<void()> wake, Options options)
    : state_(std::make_unique<State>(std::move(wake), options)) {}

TrainSession::~TrainSession() = default;

void TrainSession::follow(const TrainSettings& settings) {
  State& s = *state_;
  if (s.has_begun && settings == s.followed) return;
  s.has_begun = true;
  s.followed = settings;
  TrainCommand command{.kind = Kind::kSettings};
  command.settings = std::make_shared<const TrainSettings>(settings);
  command.adopted = s.adopted;
  s.link.post(std::move(command));
}

bool TrainSession::has_begun() const { return state_->has_begun; }

void TrainSession::run() {
  state_->link.is_running = true;
  state_->link.post({.kind = Kind::kRun});
}

void TrainSession::pause() {
  state_->link.is_running = false;
  state_->link.post({.kind = Kind::kPause});
}

void TrainSession::reset() {
  state_->link.is_running = false;
  state_->link.post({.kind = Kind::kReset});
}

void TrainSession::step() {
  state_->link.is_running = false;
  state_->link.post({.kind = Kind::kStep});
}

void TrainSession::phase() {
  state_->link.is_running = false;
  state_->link.post({.kind = Kind::kPhase});
}

void TrainSession::epoch() {
  state_->link.is_running = true;
  state_->link.post({.kind = Kind::kEpoch});
}

void TrainSession::set_pace(double phases_per_second) {
  state_->link.post({.kind = Kind::kPace, .pace = phases_per_second});
}

void TrainSession::go_to(std::int64_t step) {
  state_->link.is_running = false;
  state_->link.post({.kind = Kind::kGoTo, .number = step});
}

void TrainSession::fork() { state_->link.post({.kind = Kind::kFork}); }

void TrainSession::take_branch(std::size_t branch) {
  state_->link.is_running = false;
  state_->link.post({.kind = Kind::kTakeBranch, .number = static_cast<std::int64_t>(branch)});
}

void TrainSession::test() { state_->link.post({.kind = Kind::kTest}); }

void TrainSession::save_model(const std::filesystem::path& path) {
  state_->link.post({.kind = Kind::kSaveModel, .path = path});
}

void TrainSession::save_checkpoint(const std::filesystem::path& path) {
  state_->link.post({.kind = Kind::kSaveCheckpoint, .path = path});
}

void TrainSession::save_run(const std::filesystem::path& path) {
  state_->link.post({.kind = Kind::kSaveRun, .path = path});
}

void TrainSession::open(const std::filesystem::path& path) { state_->link.post({.kind = Kind::kOpen, .path = path}); }

std::optional<std::string> TrainSession::unfinished_run() const { return state_->link.unfinished(); }

void TrainSession::take_up_unfinished_run() { state_->link.post({.kind = Kind::kTakeUp}); }

void TrainSession::discard_unfinished_run() {
  state_->link.set_unfinished(std::nullopt);
  state_->link.post({.kind = Kind::kDiscard});
}

bool TrainSession::collect() {
  State& s = *state_;
  bool changed = s.link.take_points(s.curves);
  if (auto snapshot = s.link.take_snapshot()) {
    s.snapshot = std::move(*snapshot);
    changed = true;
  }
  return changed;
}

const TrainSnapshotPtr& TrainSession::snapshot() const { return state_->snapshot; }
const TrainCurves& TrainSession::curves() const { return state_->curves; }
std::vector<TrainMessage> TrainSession::take_messages() { return state_->link.take_messages(); }

std::optional<TrainSettings> TrainSession::take_settings() {
  State& s = *state_;
  const std::vector<SettingsPatch> patches = s.link.take_patches();
  if (patches.empty()) return std::nullopt;
  TrainSettings settings = s.followed;
  for (const SettingsPatch& patch : patches) patch(settings);
  s.adopted += patches.size();
  // It is to hear of them even where nothing differs.
  if (s.has_begun) {
    s.has_begun = false;
    follow(settings);
  }
  return settings;
}

bool TrainSession::is_running() const { return state_->link.is_running; }

bool TrainSession::has_unsaved_run() const {
  return state_->link.changes != state_->link.saved && !state_->link.is_kept;
}

}  // namespace convlens::model
