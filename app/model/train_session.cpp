// The training thread.
#include "app/model/train_session.h"

#include <utility>

namespace convlens::model {

struct TrainSession::State {
  TrainSnapshotPtr snapshot = std::make_shared<const TrainSnapshot>();
  TrainCurves curves;
};

TrainSession::TrainSession(std::function<void()>, Options) : state_(std::make_unique<State>()) {}
TrainSession::~TrainSession() = default;
void TrainSession::follow(const TrainSettings&) {}
bool TrainSession::has_begun() const { return false; }
void TrainSession::run() {}
void TrainSession::pause() {}
void TrainSession::reset() {}
void TrainSession::step() {}
void TrainSession::phase() {}
void TrainSession::epoch() {}
void TrainSession::set_pace(double) {}
void TrainSession::go_to(std::int64_t) {}
void TrainSession::fork() {}
void TrainSession::take_branch(std::size_t) {}
void TrainSession::test() {}
void TrainSession::save_model(const std::filesystem::path&) {}
void TrainSession::save_checkpoint(const std::filesystem::path&) {}
void TrainSession::save_run(const std::filesystem::path&) {}
void TrainSession::open(const std::filesystem::path&) {}
std::optional<std::string> TrainSession::unfinished_run() const { return std::nullopt; }
void TrainSession::take_up_unfinished_run() {}
void TrainSession::discard_unfinished_run() {}
bool TrainSession::collect() { return false; }
const TrainSnapshotPtr& TrainSession::snapshot() const { return state_->snapshot; }
const TrainCurves& TrainSession::curves() const { return state_->curves; }
std::vector<TrainMessage> TrainSession::take_messages() { return {}; }
std::optional<TrainSettings> TrainSession::take_settings() { return std::nullopt; }
bool TrainSession::is_running() const { return false; }
bool TrainSession::has_unsaved_run() const { return false; }

}  // namespace convlens::model
