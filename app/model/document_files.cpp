// How a file becomes the document, and the document a file.
#include "app/model/document.h"

#include <cctype>
#include <fstream>
#include <utility>

#include "app/model/train_files.h"
#include "engine/io/file.h"
#include "engine/training/model_file.h"
#include "engine/training/source.h"

namespace convlens::model {
namespace {

namespace fs = std::filesystem;

// A session is JSON, and no picture format starts with a brace.
bool looks_like_session(const fs::path& path) {
  if (path.extension() == ".json") return true;
  std::ifstream file(path, std::ios::binary);
  char c = 0;
  while (file.get(c) && std::isspace(static_cast<unsigned char>(c)) != 0) {
  }
  return file && c == '{';
}

}  // namespace

SessionView Document::session_view() const {
  SessionView view;
  view.pins = probe.pins;
  view.filter = selection.filter;
  view.channel = selection.channel;
  view.stack_layer = stack_look.layer;
  view.stack_pin = stack_look.pinned;
  view.b = {ab.kind(), ab.frozen(), ab.show, ab.swipe};
  if (pending_b_) view.b = {BKind::kFrozen, *pending_b_, ab.show, ab.swipe};
  return view;
}

// From here on at these, of the filters and layers in `settings`.
void Document::look(const SessionView& view) {
  probe = {};
  probe.pins = view.pins;
  followed_filters_ = settings.conv.bank.filters;
  selection = {view.filter, view.channel};
  stack_look = {view.stack_layer, view.stack_pin, {}};
  ab.follow_as(BKind::kNone);
  ab.show = view.b.show;
  ab.swipe = view.b.swipe;
  pending_b_.reset();
  if (view.b.kind == BKind::kFrozen) {
    pending_b_ = view.b.frozen;
  } else {
    ab.follow_as(view.b.kind);
  }
}

void Document::apply_session(const PicturePtr& picture) {
  if (!pending_session_) return;
  PendingSession session = std::move(*pending_session_);
  pending_session_.reset();
  commit_edits();
  // What was done to the run by hand stays done: it is the run's, not the session's.
  session.text.settings.train.by_hand = std::move(settings.train.by_hand);
  settings = std::move(session.text.settings);
  session_remarks_ = std::move(session.text.remarks);
  for (std::string& sentence : make_legal(settings, picture->pixels.shape())) {
    session_remarks_.push_back(std::move(sentence));
  }
  const std::string name = session.path.filename().string();
  history_.commit(settings, "Open " + name);
  saved_ = settings;
  session_path_ = session.path;
  look(session.text.view);
  show_picture(picture);
  if (session_remarks_.empty()) {
    say("Opened " + name + ".");
  } else {
    const std::size_t more = session_remarks_.size() - 1;
    complain(name + ": " + session_remarks_.front() +
             (more == 0 ? "" : " (" + std::to_string(more) + " more of this kind)"));
  }
}

void Document::open_path(const fs::path& path) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(path, failed).lexically_normal();
  if (open_for_training(absolute)) return;
  if (fs::is_directory(absolute, failed)) {
    complain(absolute.string() + " is a folder; open a picture or a session in it.");
  } else if (absolute.extension() == ".safetensors") {
    open_weights(absolute);
  } else if (looks_like_session(absolute)) {
    open_session(absolute);
  } else {
    request_picture({PictureRef::Kind::kFile, absolute.string()}, Purpose::kOpen, true);
  }
}

// Whether it is for the Train workspace.
bool Document::open_for_training(const fs::path& path) {
  std::error_code failed;
  const bool is_folder = fs::is_directory(path, failed);
  const bool is_net = path.extension() == ".safetensors" || path.extension() == ".npz";
  const bool is_run = !is_folder && is_net && is_recorded_run(path);
  const bool is_idx = path.filename().string().find("-ubyte") != std::string::npos;
  const std::string data = is_folder || is_idx ? training::data_word(path.string()) : "";
  // Pictures by folder are for whatever workspace is shown; files of a data set are for nothing else.
  if (!is_training && !is_run && (data.empty() || data.starts_with("folder:"))) return false;
  wants_training_ = !is_training;
  if (!data.empty()) {
    settings.train.data = data;
    return true;
  }
  if (is_net) train.open(path);
  return is_net;
}

// One entry of the history. A file whose model is not told is for the layers there are.
void Document::open_weights(const fs::path& path) {
  auto described = training::find_description(path);
  if (!described) {
    complain(described.error().message + ".");
    return;
  }
  const std::string name = path.filename().string();
  commit_edits();
  StackSettings& stack = settings.stack;
  stack.weights_file = path.string();
  if (!*described) {
    history_.commit(settings, "Weights of " + name);
    say("The stack's weights come from " + name + ".");
    return;
  }
  stack.model = std::move(**described);
  const std::vector<Shape> shapes = nn::chain_shapes(stack.model).shapes;
  stack.has_softmax =
      stack.model.classes > 1 && !shapes.empty() && shapes.back() == Shape{1, stack.model.classes, 1, 1};
  stack_look = {};
  history_.commit(settings, "Stack of " + name);
  say("The stack is the net of " + name + ", with its weights: " + std::to_string(stack.model.layers.size()) +
      " layers.");
}

void Document::open_builtin(std::string_view name) {
  request_picture({PictureRef::Kind::kBuiltin, std::string(name)}, Purpose::kOpen, false);
}

void Document::paste_picture(std::vector<std::uint8_t> bytes) {
  purpose_ = Purpose::kOpen;
  picture_request_ = loader_.request_pasted(std::move(bytes));
}

void Document::reload_picture() { request_picture(settings.conv.picture, Purpose::kOpen, true); }

Status Document::save_session(const fs::path& path) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(path, failed).lexically_normal();
  const Status written = io::write_file(absolute, to_session_text(settings, absolute.parent_path(), session_view()));
  if (!written) {
    complain(written.error().message);
    return written;
  }
  session_path_ = absolute;
  saved_ = settings;
  const bool is_pasted = settings.conv.picture.kind == PictureRef::Kind::kPasted;
  say("Saved " + absolute.filename().string() +
      (is_pasted ? "; the pasted picture itself is not in it: save that as a file to keep it." : "."));
  return Done{};
}

bool Document::open_session(const fs::path& path) {
  std::error_code failed;
  const fs::path absolute = fs::absolute(path, failed).lexically_normal();
  const auto bytes = io::read_file(absolute);
  if (!bytes) {
    complain(bytes.error().message);
    return false;
  }
  auto text = from_session_text({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, absolute.parent_path());
  if (!text) {
    complain(absolute.filename().string() + ": " + text.error().message);
    return false;
  }
  pending_session_ = PendingSession{std::move(*text), absolute};
  request_picture(pending_session_->text.settings.conv.picture, Purpose::kSession, false);
  return true;
}

void Document::start_with_data(const std::string& words) {
  settings.train.data = saved_.train.data = words;
  history_ = History(settings);
}

void Document::new_document() {
  commit_edits();
  const std::string data = settings.train.data;
  std::vector<HandEdit> by_hand = std::move(settings.train.by_hand);
  settings = default_settings();
  settings.train.data = data;
  settings.train.by_hand = std::move(by_hand);
  history_.commit(settings, "New");
  saved_ = settings;
  session_path_.clear();
  look({});
}

}  // namespace convlens::model
