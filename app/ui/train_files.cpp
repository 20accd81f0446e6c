// Wishes to the file browser.
#include "app/ui/train_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "engine/training/idx_folder.h"
#include "engine/training/source.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

std::string model_name(const Ui& ui) {
  const model::TrainSnapshotPtr& snapshot = ui.document.train.snapshot();
  const std::string name = snapshot->run ? snapshot->run->description.model.name : std::string();
  return name.empty() ? "net" : name;
}

void ask(Ui& ui, FileWish wish) { ui.requests.file = std::move(wish); }

}  // namespace

void ask_for_model_file(Ui& ui) {
  ask(ui, {.kind = FileWish::Kind::kSave,
           .title = "Save the net",
           .label = "Save",
           .name = model_name(ui) + ".safetensors",
           .endings = {".safetensors", ".npz"},
           .accept = [](Ui& u, const fs::path& path) { u.document.train.save_model(path); }});
}

void ask_for_checkpoint_file(Ui& ui) {
  const std::string step = std::to_string(ui.document.train.snapshot()->step);
  ask(ui, {.kind = FileWish::Kind::kSave,
           .title = "Save a checkpoint",
           .label = "Save",
           .name = model_name(ui) + "-step-" + step + ".safetensors",
           .endings = {".safetensors"},
           .accept = [](Ui& u, const fs::path& path) { u.document.train.save_checkpoint(path); }});
}

void ask_for_run_file(Ui& ui) {
  ask(ui,
      {.kind = FileWish::Kind::kSave,
       .title = "Save the run with its timeline",
       .label = "Save",
       .name = ui.run_file.path.empty() ? model_name(ui) + "-run.safetensors" : ui.run_file.path.filename().string(),
       .endings = {".safetensors"},
       .accept = [](Ui& u, const fs::path& path) {
         const model::TrainSnapshotPtr& snapshot = u.document.train.snapshot();
         u.run_file = {path, snapshot->run ? snapshot->run->serial : 0};
         u.document.train.save_run(path);
       }});
}

void save_run(Ui& ui) {
  const model::TrainSnapshotPtr& snapshot = ui.document.train.snapshot();
  const bool is_known = !ui.run_file.path.empty() && snapshot->run && ui.run_file.run_serial == snapshot->run->serial;
  if (is_known) {
    ui.document.train.save_run(ui.run_file.path);
  } else {
    ask_for_run_file(ui);
  }
}

void ask_for_run(Ui& ui) {
  ask(ui, {.kind = FileWish::Kind::kOpenFile,
           .title = "Open a run, a checkpoint or a net",
           .label = "Open",
           .name = {},
           .endings = {".safetensors", ".npz"},
           .accept = [](Ui& u, const fs::path& path) { u.document.train.open(path); }});
}

void ask_for_data_folder(Ui& ui) {
  ask(ui, {.kind = FileWish::Kind::kOpenFolder,
           .title = "Learn from a folder: MNIST-like files, or one folder of pictures per class",
           .label = "Use this folder",
           .name = {},
           .endings = {},
           .accept = [](Ui& u, const fs::path& path) {
             std::error_code ignored;
             const bool tells = fs::is_directory(path, ignored) || training::idx_place(path);
             const fs::path place = (tells ? path : path.parent_path()).lexically_normal();
             u.document.settings.train.data = training::data_word(place.string());
           }});
}

std::string data_title(const std::string& words) {
  const std::size_t colon = words.find(':');
  const std::string kind = words.substr(0, colon);
  if (kind == "synthetic") return "Synthetic digits";
  if (kind == "mnist") return "MNIST";
  const fs::path path(colon == std::string::npos ? words : words.substr(colon + 1));
  const std::string name = path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
  // As people write them.
  static constexpr std::array<std::pair<std::string_view, const char*>, 5> kKnown{{{"mnist", "MNIST"},
                                                                                   {"fashion-mnist", "Fashion-MNIST"},
                                                                                   {"fashion", "Fashion-MNIST"},
                                                                                   {"kmnist", "KMNIST"},
                                                                                   {"emnist", "EMNIST"}}};
  for (const auto& [folder, title] : kKnown) {
    if (std::ranges::equal(name, folder, {}, [](unsigned char c) { return static_cast<char>(std::tolower(c)); })) {
      return title;
    }
  }
  return name.empty() ? words : name;
}

}  // namespace convlens::ui
