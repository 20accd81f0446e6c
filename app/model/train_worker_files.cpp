// Saving, opening, and the file that an unfinished run is kept in.
#include <utility>

#include "app/model/train_worker.h"
#include "engine/training/checkpoint.h"
#include "engine/training/model_file.h"
#include "engine/training/recording_file.h"

namespace convlens::model {
namespace {

namespace fs = std::filesystem;
using Kind = TrainCommand::Kind;

constexpr std::int64_t kAutosaveBytes = std::int64_t{48} << 20;

}  // namespace

// Copied here, written on the writer's thread, so that training goes on meanwhile.
void TrainWorker::save(const TrainCommand& command) {
  if (!finish_step()) return publish();
  const training::RunDescription description = live_->run().description;
  const fs::path path = command.path;
  std::function<Status()> write;
  if (command.kind == Kind::kSaveModel) {
    write = [path, model = training::TrainedModel{description.model, description.preprocessing,
                                                  training::read_values(live_->trainer().network())}] {
      return training::save_model(path, model);
    };
  } else if (command.kind == Kind::kSaveCheckpoint) {
    write = [path, description, frame = training::take_frame(live_->trainer(), true)] {
      return training::save_checkpoint(path, description, frame);
    };
  } else {
    live_->take_key_frame();
    write = [path, description, recording = live_->line().recording] {
      return training::save_recording(path, description, recording);
    };
  }
  const bool is_whole = command.kind != Kind::kSaveModel;
  writer_.post([&link = link_, count = changes_, path, is_whole, write = std::move(write)] {
    const Status written = write();
    if (!written) return link.say(written.error().message + ".", true);
    if (is_whole && count > link.saved) link.saved = count;
    link.say("Saved " + path.filename().string() + ".", false);
  });
  publish();
}

bool TrainWorker::open(const fs::path& path) {
  static_cast<void>(finish_step());
  const TrainState state = state_;
  const bool was_running = is_running_;
  stop_running();
  state_ = TrainState::kPreparing;
  words_ = "Opening " + path.filename().string();
  publish();
  auto live = open_train_file(path, wanted_, ++runs_, options_.budget / 4 * 3);
  words_.clear();
  if (!live) {
    // It goes on as if nothing had been asked for.
    state_ = state;
    is_running_ = was_running;
    link_.is_running = was_running;
    link_.say(live.error().message + ".", true);
    publish();
    return false;
  }
  replace(std::move(*live));
  for (const HandEdit& edit : wanted_.by_hand) seen_.insert(edit.serial);
  go_to(live_->last_step());
  adopt_whole_settings();
  link_.say("Opened " + path.filename().string() + ".", false);
  publish();
  return true;
}

bool TrainWorker::is_autosave_due() const {
  if (!unfinished_.is_on() || !is_ready() || !live_->has_steps() || changes_ == autosaved_) return false;
  if (autosave_->is_under_way || changes_ == link_.saved) return false;
  return std::chrono::duration<double>(Clock::now() - autosaved_at_).count() >= options_.autosave_seconds;
}

void TrainWorker::autosave() {
  unfinished_.make_room();
  if (!unfinished_.is_on()) return;
  training::Recording recording(live_->line().recording.parts(), kAutosaveBytes);
  if (live_->is_at_end() && !live_->is_mid_step()) recording.take_key_frame(live_->trainer());
  autosaved_ = changes_;
  autosaved_at_ = Clock::now();
  autosave_->is_under_way = true;
  writer_.post([&link = link_, autosave = autosave_, path = unfinished_.path(), description = live_->run().description,
                recording = std::move(recording)] {
    const Status written = training::save_recording(path, description, recording);
    const bool was_broken = autosave->is_broken.exchange(!written);
    autosave->is_under_way = false;
    link.is_kept = written.ok();
    if (!written && !was_broken) {
      link.say("The unfinished run cannot be kept in case the program ends: " + written.error().message +
                   ". Training goes on.",
               true);
    }
  });
}

// What no other file holds stays to be offered at the next start.
void TrainWorker::end_files() {
  writer_.finish();
  if (!unfinished_.is_on() || !live_ || !live_->has_steps()) return;
  if (changes_ == link_.saved) return unfinished_.remove();
  if (changes_ != autosaved_) autosave();
  writer_.finish();
}

}  // namespace convlens::model
