// The document: settings, what is shown, history and the two background workers. Knows no OpenGL and no ImGui.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/model/ab_session.h"
#include "app/model/conv_session.h"
#include "app/model/fields.h"
#include "app/model/filter_bank.h"
#include "app/model/gpu_comparison.h"
#include "app/model/history.h"
#include "app/model/partial_maps.h"
#include "app/model/picture_loader.h"
#include "app/model/probe_state.h"
#include "app/model/session_file.h"
#include "app/model/settings.h"
#include "app/model/stack_look.h"
#include "app/model/train_session.h"
#include "app/model/weight_sums.h"
#include "engine/conv/accelerator.h"

namespace convlens::model {

// A position on the output (map, row p, column q), on the input (channel, y, x) or on a weight. Not undoable.
struct Selection {
  int filter = 0;   // which filter is edited; also the map shown when there is one
  int channel = 0;  // which slice of it, where one is shown
};

// What the pointer is on; written by panels during a frame, read by others (outlines) in the same or the next one.
struct Hover {
  enum class Kind { kNone, kInput, kMap, kWeight };
  Kind kind = Kind::kNone;
  int index = 0;  // map, or filter for a weight
  int channel = 0;
  std::int64_t row = 0;
  std::int64_t col = 0;
  bool operator==(const Hover&) const = default;
};

// The sliding window: output position that the animation stands on, in row-major order of the map.
struct Animation {
  bool is_playing = true;
  double position = 0;  // 0 .. P*Q-1, fractional while it moves
};

struct Message {
  enum class Kind { kInfo, kError };
  Kind kind = Kind::kInfo;
  std::string text;
  std::uint64_t serial = 0;  // grows with every message
};

class Document {
 public:
  // `accelerator` makes what computes for the kernel "glsl", on threads of the document's; empty: nothing does.
  // `comparing` makes the one that is compared with the processor, on a thread of its own; empty: `accelerator` does.
  explicit Document(std::function<void()> wake, const conv::AcceleratorFactory& accelerator = {},
                    const conv::AcceleratorFactory& comparing = {}, const TrainSession::Options& training = {});

  // For workers of the panels: called when they have something to show. May be empty.
  const std::function<void()>& waker() const { return wake_; }

  // Edited in place by panels (through set_field or filter_bank functions); looked at by step().
  Settings settings;
  Selection selection;
  Hover hover;
  Animation animation;
  ProbeState probe;
  StackLook stack_look;
  // What explains the maps; asked by the panels that show it.
  PartialMapMaker partial_maps;
  WeightSums weight_sums;
  AbSession ab;
  TrainSession train;  // begins when the Train workspace first follows the settings
  // The Train workspace is shown: data, runs and nets that are opened are for it. Told by the window.
  bool is_training = false;

  // Once a frame, before the panels: takes finished pictures and maps. True if anything on screen changed.
  bool collect();
  // Once a frame, after the panels: records an undo entry when no gesture is under way, follows a changed picture
  // reference, and sends changed settings to the worker.
  void commit(bool is_gesture_active);
  // Both, for callers without panels.
  bool step(bool is_gesture_active);

  const PicturePtr& picture() const { return picture_; }
  const ConvResultPtr& result() const { return result_; }  // newest maps; may lag behind settings
  bool is_current() const;                                 // result() was made from settings, all of it
  bool is_busy() const;
  const ConvSession& conv_session() const { return conv_; }
  // The maps on the screen, the most important first: those are computed first.
  void look_at(std::span<const int> maps) {
    conv_.look_at(maps);
    ab.look_at(maps);
  }
  std::vector<JobTimes> take_times() { return conv_.take_times(); }
  // Why no setting can make the GPU compute; empty as long as nothing is known against it.
  const std::string& no_gpu() const { return no_gpu_; }
  // Asks for the maps once more although nothing was edited: what computes them has become another.
  void recompute() { sent_picture_ = 0; }
  // Convolves the present settings on the processor and on the GPU and says how far they are apart, as a message.
  void compare_gpu();
  bool is_comparing() const { return comparison_.is_busy(); }
  // The present set-up becomes B, frozen.
  void freeze_b();
  // B becomes the present set-up, and what that was becomes B; an entry of the history.
  void swap_ab();
  Shape picture_shape() const;  // of picture(), or of the default scene before it is there

  // What is learnt from until somebody chooses other data; before anything was edited.
  void start_with_data(const std::string& words);

  // Opening keeps the present document until the new one has loaded; failures become messages.
  // A picture, an .npy picture or a session (.json), by content; a .safetensors file gives the stack its weights and,
  // where it is described in its notes or beside it, its layers. While the Train workspace is shown it takes nets,
  // checkpoints, and folders and IDX files of data; a recorded run is its in any case.
  void open_path(const std::filesystem::path& path);
  // True once after a run was opened that only the Train workspace shows.
  bool take_wish_for_training() { return std::exchange(wants_training_, false); }
  void open_builtin(std::string_view name);
  void paste_picture(std::vector<std::uint8_t> bytes);
  void reload_picture();

  // The edits of this frame belong to burst `number` of the history, such as the notches of a wheel.
  void join_burst(std::uint64_t number) { burst_ = number; }
  bool undo();
  bool redo();
  void go_to(std::size_t position);
  const History& history() const { return history_; }

  Status save_session(const std::filesystem::path& path);
  bool open_session(const std::filesystem::path& path);
  void new_document();
  const std::filesystem::path& session_path() const { return session_path_; }
  bool has_unsaved_changes() const;
  // What a session keeps of what is looked at.
  SessionView session_view() const;
  // What the last opened session said that could not be used; one sentence each.
  const std::vector<std::string>& session_remarks() const { return session_remarks_; }

  void say(std::string text);
  void complain(std::string text);
  const std::optional<Message>& message() const { return message_; }

  // For the text twin: the frame-free account of the newest edit and the newest maps.
  std::uint64_t edit_generation() const { return sent_generation_; }
  std::uint64_t shown_generation() const { return result_ ? result_->generation : 0; }
  // Widest value range of any map since the picture was opened (RangeMode::kGlobal).
  float global_min() const { return global_min_; }
  float global_max() const { return global_max_; }

 private:
  // Why the newest picture request was made: it decides what its outcome does.
  enum class Purpose { kNone, kFollow, kOpen, kSession, kB };
  struct PendingSession {
    SessionText text;
    std::filesystem::path path;
  };

  void commit_edits();
  bool collect_picture();
  bool collect_maps();
  bool collect_training();
  void hear_gpu(const std::optional<GpuRefusal>& refusal);
  void picture_failed(const PictureRef& ref, const Error& error);
  void apply_session(const PicturePtr& picture);
  void show_picture(const PicturePtr& picture);
  void open_weights(const std::filesystem::path& path);
  bool open_for_training(const std::filesystem::path& path);
  void request_picture(const PictureRef& ref, Purpose purpose, bool reload);
  void adopt(const Settings& snapshot);
  void follow_picture();
  void keep_legal();
  void look(const SessionView& view);
  void follow_b();
  void follow_bank();
  void send_if_changed();
  bool is_picture_settled() const;

  std::function<void()> wake_;
  PictureLoader loader_;
  ConvSession conv_;
  GpuComparison comparison_;
  History history_;
  PicturePtr picture_;
  ConvResultPtr result_;
  std::uint64_t picture_request_ = 0;  // the newest; 0 when its outcome has come
  Purpose purpose_ = Purpose::kNone;
  std::optional<PictureRef> unreadable_;  // the picture that settings name, when it could not be opened
  ConvSettings sent_;
  std::uint64_t sent_picture_ = 0;
  std::uint64_t burst_ = 0;
  std::uint64_t sent_generation_ = 0;
  std::optional<PendingSession> pending_session_;  // waits for its picture
  std::optional<ConvSettings> pending_b_;          // a session's frozen B, which waits for its picture
  std::vector<std::string> session_remarks_;
  std::vector<Filter> followed_filters_;  // whose places the pins count on
  std::filesystem::path session_path_;
  Settings saved_;
  std::optional<Message> message_;
  std::optional<GpuRefusal> gpu_refusal_;  // of the maps shown
  bool wants_training_ = false;
  std::string no_gpu_;
  float global_min_ = 0;
  float global_max_ = 0;
};

}  // namespace convlens::model
