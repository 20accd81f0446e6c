// How an edit becomes a job, and a job becomes maps. How a file becomes the document is document_files.cpp's.
#include "app/model/document.h"

#include <algorithm>
#include <utility>

namespace convlens::model {
namespace {

// Shape of the built-in scene, for limits before it is there.
constexpr Shape kSceneShape{1, 3, 480, 640};

const PictureRef& scene() {
  static const PictureRef ref;
  return ref;
}

std::string joined(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) text += (text.empty() ? "" : " ") + sentence;
  return text;
}

}  // namespace

Document::Document(std::function<void()> wake, const conv::AcceleratorFactory& accelerator,
                   const conv::AcceleratorFactory& comparing, const TrainSession::Options& training)
    : settings(default_settings()),
      partial_maps(wake),
      weight_sums(wake),
      ab(wake, comparing ? comparing : accelerator),
      train(wake, training),
      wake_(std::move(wake)),
      loader_(wake_),
      conv_(wake_, {}, accelerator),
      comparison_(wake_, comparing ? comparing : accelerator),
      history_(settings),
      followed_filters_(settings.conv.bank.filters),
      saved_(settings) {
  follow_picture();
}

Shape Document::picture_shape() const { return picture_ ? picture_->pixels.shape() : kSceneShape; }

bool Document::is_current() const {
  return result_ && result_->is_complete && result_->picture == picture_ && result_->settings == settings.conv;
}

bool Document::is_busy() const {
  return picture_request_ != 0 || loader_.is_busy() || conv_.is_busy() || partial_maps.is_busy() ||
         weight_sums.is_busy() || ab.is_busy();
}

bool Document::has_unsaved_changes() const { return settings != saved_; }

bool Document::collect() {
  bool changed = collect_picture();
  changed |= collect_maps();
  changed |= partial_maps.collect();
  changed |= weight_sums.collect();
  changed |= ab.collect();
  changed |= collect_training();
  ab.follow(result_, selection.filter);
  if (const auto comparison = comparison_.take()) {
    if (*comparison) {
      say(in_words(**comparison));
    } else {
      complain("CPU and GPU cannot be compared: " + comparison->error().message + ".");
    }
    changed = true;
  }
  return changed;
}

void Document::compare_gpu() {
  if (!picture_ || !settings_geometry(settings, picture_shape())) return;
  comparison_.request(picture_, settings.conv);
}

void Document::freeze_b() {
  if (!picture_ || !settings_geometry(settings, picture_shape())) return;
  pending_b_.reset();
  ab.freeze(settings.conv, picture_, is_current() ? result_ : nullptr);
}

void Document::swap_ab() {
  if (ab.kind() == BKind::kNone || !picture_) return;
  commit_edits();
  ConvSettings b = variant_of(ab.kind(), settings.conv);
  if (ab.kind() == BKind::kFrozen) {
    b = ab.frozen();
    freeze_b();
  }
  settings.conv = std::move(b);
  follow_picture();
}

bool Document::collect_training() {
  const bool changed = train.collect();
  // What was edited since the last frame's end is not to be lost in what the session makes of the settings.
  if (train.has_begun()) train.follow(settings.train);
  if (auto opened = train.take_settings()) settings.train = std::move(*opened);
  for (const TrainMessage& message : train.take_messages()) {
    if (message.is_error) {
      complain(message.text);
    } else {
      say(message.text);
    }
  }
  return changed;
}

void Document::commit(bool is_gesture_active) {
  keep_legal();
  follow_bank();
  if (!is_gesture_active) commit_edits();
  follow_picture();
  follow_b();
  send_if_changed();
  if (train.has_begun()) train.follow(settings.train);
}

bool Document::step(bool is_gesture_active) {
  const bool changed = collect();
  commit(is_gesture_active);
  return changed;
}

void Document::commit_edits() {
  history_.commit(settings, describe_change(history_.current(), settings), std::exchange(burst_, 0));
}

// Freezes a session's B as soon as its picture is there.
void Document::follow_b() {
  if (!pending_b_ || picture_request_ != 0) return;
  const bool is_here = picture_ && picture_->ref == pending_b_->picture;
  const PicturePtr picture = is_here ? picture_ : loader_.cached(pending_b_->picture);
  if (!picture) {
    request_picture(pending_b_->picture, Purpose::kB, false);
    return;
  }
  Settings b;
  b.conv = std::move(*pending_b_);
  pending_b_.reset();
  make_legal(b, picture->pixels.shape());
  ab.freeze(b.conv, picture, nullptr);
}

void Document::follow_bank() {
  const std::vector<Filter>& filters = settings.conv.bank.filters;
  if (filters == followed_filters_) return;
  follow_filters(probe, followed_filters_, filters);
  followed_filters_ = filters;
}

// Settings name the picture that is here, or one that cannot be opened, in whose place this one is convolved.
bool Document::is_picture_settled() const {
  return picture_ && (picture_->ref == settings.conv.picture || unreadable_ == settings.conv.picture);
}

void Document::keep_legal() {
  selection.filter =
      std::clamp(selection.filter, 0, std::max(0, static_cast<int>(settings.conv.bank.filters.size()) - 1));
  // A state of the history whose picture is gone stays as it was until it is edited.
  const bool is_history = unreadable_ && settings == history_.current();
  if (!is_picture_settled() || is_history || settings.conv == sent_) return;
  const std::vector<std::string> said = make_legal(settings, picture_shape());
  if (!said.empty()) say(joined(said));
  selection.filter = std::clamp(selection.filter, 0, static_cast<int>(settings.conv.bank.filters.size()) - 1);
  selection.channel = std::clamp(selection.channel, 0, settings.conv.bank.channels - 1);
}

void Document::send_if_changed() {
  if (!is_picture_settled() || (settings.conv == sent_ && picture_->id == sent_picture_)) return;
  if (unreadable_ && !settings_geometry(settings, picture_shape())) return;
  sent_ = settings.conv;
  sent_picture_ = picture_->id;
  sent_generation_ = conv_.request(picture_, sent_);
}

void Document::request_picture(const PictureRef& ref, Purpose purpose, bool reload) {
  purpose_ = purpose;
  picture_request_ = loader_.request(ref, reload);
}

void Document::follow_picture() {
  const PictureRef& wanted = settings.conv.picture;
  if (unreadable_ && *unreadable_ != wanted) unreadable_.reset();
  if (picture_request_ != 0 || unreadable_ || (picture_ && picture_->ref == wanted)) return;
  if (const PicturePtr known = loader_.cached(wanted)) {
    show_picture(known);
  } else {
    request_picture(wanted, Purpose::kFollow, false);
  }
}

void Document::show_picture(const PicturePtr& picture) {
  picture_ = picture;
  unreadable_.reset();
  global_min_ = 0;
  global_max_ = 0;
  hover = Hover{};
  animation.position = 0;
}

bool Document::collect_picture() {
  const auto outcome = loader_.take();
  if (!outcome || outcome->request != picture_request_) return false;
  picture_request_ = 0;
  const Purpose purpose = std::exchange(purpose_, Purpose::kNone);
  if (!outcome->picture) {
    purpose_ = purpose;
    picture_failed(outcome->ref, outcome->picture.error());
    return true;
  }
  const PicturePtr& picture = *outcome->picture;
  if (purpose == Purpose::kSession) {
    apply_session(picture);
    return true;
  }
  if (purpose == Purpose::kB) return false;  // it is among the last few, where follow_b() finds it
  if (purpose == Purpose::kFollow) {
    // The settings may have gone elsewhere while it was loading.
    if (settings.conv.picture == picture->ref) show_picture(picture);
    return true;
  }
  commit_edits();
  settings.conv.picture = picture->ref;
  const std::vector<std::string> said = make_legal(settings, picture->pixels.shape());
  commit_edits();
  show_picture(picture);
  say(joined({picture->title + ": " + picture->details + ".", joined(said)}));
  return true;
}

void Document::picture_failed(const PictureRef& ref, const Error& error) {
  const Purpose purpose = std::exchange(purpose_, Purpose::kNone);
  if (purpose == Purpose::kSession && pending_session_) {
    if (ref == scene()) {
      pending_session_.reset();
    } else {
      pending_session_->text.remarks.insert(pending_session_->text.remarks.begin(),
                                            error.message + " The default scene is shown instead.");
      pending_session_->text.settings.conv.picture = scene();
      request_picture(scene(), Purpose::kSession, false);
      return;
    }
  }
  if (purpose == Purpose::kFollow) unreadable_ = ref;
  if (purpose == Purpose::kB) pending_b_.reset();
  complain(purpose == Purpose::kB ? "There is no B, because its picture cannot be opened: " + error.message
                                  : error.message);
}

bool Document::collect_maps() {
  auto outcome = conv_.take();
  if (!outcome) return false;
  if (!outcome->result) {
    complain(outcome->result.error().message);
    return true;
  }
  result_ = std::move(*outcome->result);
  hear_gpu(result_->gpu_refusal);
  if (picture_ != result_->picture) return true;
  for (const MapStats& stats : result_->stats) {
    global_min_ = std::min(global_min_, stats.min);
    global_max_ = std::max(global_max_, stats.max);
  }
  return true;
}

// Each reason is told once, until the GPU has computed again or was not asked for.
void Document::hear_gpu(const std::optional<GpuRefusal>& refusal) {
  if (refusal && refusal != gpu_refusal_) {
    complain("The processor computes, because the GPU cannot: " + refusal->reason + ".");
    if (refusal->is_for_good) no_gpu_ = refusal->reason;
  }
  gpu_refusal_ = refusal;
}

void Document::adopt(const Settings& snapshot) {
  settings = snapshot;
  follow_picture();
}

bool Document::undo() {
  commit_edits();
  if (!history_.can_undo()) return false;
  adopt(history_.undo());
  return true;
}

bool Document::redo() {
  commit_edits();
  if (!history_.can_redo()) return false;
  adopt(history_.redo());
  return true;
}

void Document::go_to(std::size_t position) {
  commit_edits();
  adopt(history_.go_to(position));
}

void Document::say(std::string text) {
  message_ = Message{Message::Kind::kInfo, std::move(text), message_ ? message_->serial + 1 : 1};
}

void Document::complain(std::string text) {
  message_ = Message{Message::Kind::kError, std::move(text), message_ ? message_->serial + 1 : 1};
}

}  // namespace convlens::model
