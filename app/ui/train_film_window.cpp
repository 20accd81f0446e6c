// Choices, what they come to, and a preview that plays. Frames and files are filter_film's.
#include "app/ui/train_film_window.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "app/model/filter_film.h"
#include "app/model/latest_worker.h"
#include "app/ui/colour_bar.h"
#include "app/ui/widgets.h"
#include "app/view/colormap.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

// Shared with the worker.
struct Progress {
  std::atomic<double> share{0};
  std::atomic<bool> is_stopped{false};
};

struct FilmJob {
  fs::path path;
  model::FilmSource source;
  model::FilmChoice choice;
  std::shared_ptr<Progress> progress;
};

model::ColourTable table_of(const view::Colormap& map) {
  model::ColourTable table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {map.colours[i].r, map.colours[i].g, map.colours[i].b};
  return table;
}

}  // namespace

struct FilmWindow::State {
  bool is_open = false;
  model::FilmChoice choice;
  std::optional<model::LatestWorker<FilmJob, model::FilmFacts>> worker;  // from its first use on
  std::shared_ptr<Progress> progress;                                    // while a film is being written
  // What the last plan was of.
  model::TrainRunPtr run;
  std::size_t frames = 0;
  std::int64_t last_step = -1;
  model::FilmChoice planned;
  std::optional<Result<model::FilmFacts>> plan;

  void choose_layer(Ui& ui, const model::TrainRun& film_run);
  void choose_rest(Ui& ui);
  void make_plan(const model::TrainSnapshot& snapshot);
  void ask_for_file(Ui& ui, const model::TrainSnapshotPtr& snapshot);
  void take_outcome(Ui& ui);
};

FilmWindow::FilmWindow() : state_(std::make_unique<State>()) {}
FilmWindow::~FilmWindow() {
  if (state_->progress) state_->progress->is_stopped = true;
}

void FilmWindow::open(std::size_t layer) {
  state_->is_open = true;
  state_->choice.layer = layer;
}

void FilmWindow::State::choose_layer(Ui& ui, const model::TrainRun& film_run) {
  const auto has_filters = [&](std::size_t i) {
    const nn::LayerKind kind = film_run.layers[i].kind;
    return kind == nn::LayerKind::kConv || kind == nn::LayerKind::kDense;
  };
  if (choice.layer >= film_run.layers.size() || !has_filters(choice.layer)) {
    choice.layer = 0;
    while (choice.layer + 1 < film_run.layers.size() && !has_filters(choice.layer)) ++choice.layer;
  }
  bool is_first = true;
  for (std::size_t i = 0; i < film_run.layers.size(); ++i) {
    if (!has_filters(i)) continue;
    const std::string& name = film_run.layers[i].name;
    if (!is_first) flow(4 * ui.scale, name.c_str());
    is_first = false;
    if (choice_button(ui, "train/film/layer/" + name, name.c_str(), choice.layer == i,
                      "The filters of " + name + ".")) {
      choice.layer = i;
    }
  }
}

void FilmWindow::State::choose_rest(Ui& ui) {
  const float gap = 4 * ui.scale, width = 200 * ui.scale;
  const auto forms = model::film_form_names();
  for (std::size_t i = 0; i < forms.size(); ++i) {
    if (i > 0) ImGui::SameLine(0, gap);
    const std::string label(forms[i].label);
    if (choice_button(ui, "train/film/form/" + std::string(forms[i].name), label.c_str(),
                      static_cast<std::size_t>(choice.form) == i,
                      i == 0   ? "One file that plays."
                      : i == 1 ? "One wide picture, the moments side by side."
                               : "One file for each moment, numbered.")) {
      choice.form = static_cast<model::FilmForm>(i);
      choice.pictures =
          choice.form == model::FilmForm::kStrip ? std::min(choice.pictures, 8) : std::max(choice.pictures, 40);
    }
  }
  const auto number = [&](const char* name, const char* label, int* value, int lo, int hi, const char* format,
                          const char* help) {
    ImGui::PushID(name);
    filled_slider(ui, "##number", value, lo, hi, format, width);
    record(ui, std::string("train/film/") + name, "slider", label, *value, {lo, hi}, true, help);
    tooltip(ui, help);
    ImGui::SameLine(0, gap);
    ImGui::TextUnformatted(label);
    ImGui::PopID();
  };
  number("pictures", "Pictures", &choice.pictures, 2, choice.form == model::FilmForm::kStrip ? 24 : 300, "%d",
         "At most so many moments; the first and the last are always among them.");
  number("tile", "Size of a filter", &choice.tile, 8, 128, "%d px", "About the side of one filter, in pixels.");
  if (choice.form == model::FilmForm::kGif) {
    number("milliseconds", "Time of a picture", &choice.milliseconds, 20, 500, "%d ms",
           "How long each picture stays; the first and the last stay longer.");
  }
  toggle(ui, "train/film/dense-early", "Most pictures soon after the start", &choice.is_dense_early,
         "Filters take shape early, so more moments are taken there. Off: evenly by step.");
  toggle(ui, "train/film/slices", "Every channel of a filter", &choice.shows_slices,
         "Filters that read several channels are shown slice by slice; off: the mean of the channels.");
  colormap_button(ui, "train/film/colormap", "view/weight_colormap", width);
  ImGui::SameLine(0, gap);
  ImGui::TextUnformatted("Colours");
}

void FilmWindow::State::make_plan(const model::TrainSnapshot& snapshot) {
  // While the run goes on, what was planned a moment ago will do.
  const bool is_running = snapshot.state == model::TrainState::kRunning;
  const bool is_of_now = frames == snapshot.frames.size() && last_step == snapshot.last_step;
  const bool is_same = plan && run == snapshot.run && (is_running || is_of_now) && planned.layer == choice.layer &&
                       planned.form == choice.form && planned.tile == choice.tile &&
                       planned.pictures == choice.pictures && planned.is_dense_early == choice.is_dense_early &&
                       planned.shows_slices == choice.shows_slices;
  if (is_same) return;
  run = snapshot.run;
  frames = snapshot.frames.size();
  last_step = snapshot.last_step;
  planned = choice;
  plan = model::plan_film({run->description.model, snapshot.frames}, choice);
}

void FilmWindow::State::ask_for_file(Ui& ui, const model::TrainSnapshotPtr& snapshot) {
  const std::string ending(model::film_form_names()[static_cast<std::size_t>(choice.form)].ending);
  FileWish wish;
  wish.kind = FileWish::Kind::kSave;
  wish.title = "Save the film of the filters";
  wish.label = "Save";
  wish.name = snapshot->run->layers[choice.layer].name + "-life" + ending;
  wish.endings = {ending};
  wish.accept = [this, snapshot](Ui& asked, const fs::path& path) {
    if (!worker) {
      worker.emplace(asked.document.waker(), [](const FilmJob& job, const std::atomic<bool>& is_stale) {
        return std::optional(model::write_film(job.path, job.source, job.choice, [&](double share) {
          job.progress->share = share;
          return !is_stale && !job.progress->is_stopped;
        }));
      });
    }
    progress = std::make_shared<Progress>();
    choice.colours = table_of(view::find_colormap(asked.document.settings.view.weight_colormap));
    worker->request({path, {snapshot->run->description.model, snapshot->frames}, choice, progress});
  };
  ui.requests.file = std::move(wish);
}

void FilmWindow::State::take_outcome(Ui& ui) {
  auto outcome = worker ? worker->take() : std::nullopt;
  if (!outcome) return;
  progress.reset();
  if (!*outcome) {
    ui.document.complain(outcome->error().message);
    return;
  }
  const model::FilmFacts& facts = **outcome;
  const fs::path& file = facts.files.front();
  ui.document.say((facts.files.size() == 1 ? "Saved " + file.filename().string()
                                           : "Saved " + std::to_string(facts.files.size()) + " pictures from " +
                                                 file.filename().string() + " on") +
                  " to " + file.parent_path().string() + ": " + std::to_string(facts.pictures) + " moments, " +
                  std::to_string(facts.width) + " × " + std::to_string(facts.height) + " pixels.");
  is_open = false;
}

void FilmWindow::draw(Ui& ui, const model::TrainSnapshotPtr& snapshot) {
  State& s = *state_;
  s.take_outcome(ui);
  if (!s.is_open) return;
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({screen.x / 2, screen.y / 2}, ImGuiCond_Appearing, {0.5F, 0.5F});
  ImGui::SetNextWindowSize({std::min(430 * ui.scale, screen.x), 0});
  constexpr ImGuiWindowFlags kFlags =
      ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoSavedSettings;
  if (ImGui::Begin("The life of the filters", &s.is_open, kFlags)) {
    s.choose_layer(ui, *snapshot->run);
    ImGui::Spacing();
    s.choose_rest(ui);
    s.make_plan(*snapshot);
    ImGui::Separator();
    const bool is_possible = s.plan && *s.plan;
    std::string text;
    if (is_possible) {
      const model::FilmFacts& facts = **s.plan;
      text = std::to_string(facts.pictures) + " moments from step " + grouped(facts.first_step) + " to " +
             grouped(facts.last_step) + ", " + std::to_string(facts.width) + " × " + std::to_string(facts.height) +
             " pixels; the colours reach from " + number_text(static_cast<double>(-facts.range), 3) + " to " +
             number_text(static_cast<double>(facts.range), 3) + ".";
    } else {
      text = s.plan->error().message;
    }
    dim_text(ui, text);
    record(ui, "train/film/plan", "text", text, text);
    if (s.progress) {
      const auto share = static_cast<float>(s.progress->share.load());
      ImGui::ProgressBar(share, {200 * ui.scale, 0});
      record(ui, "train/film/progress", "text", "Progress", share);
      ImGui::SameLine();
      if (button(ui, "train/film/stop", "Stop", "Gives the film up; no half file is left."))
        s.progress->is_stopped = true;
      ui.wake_in(0.1);
    } else if (button(ui, "train/film/save", "Save…", "Asks where to, and writes the film while everything goes on.",
                      is_possible, text)) {
      s.ask_for_file(ui, snapshot);
    }
  }
  if (ui.take_key("Escape")) s.is_open = false;
  ImGui::End();
}

}  // namespace convlens::ui
