// Files are written by a worker; what comes of them is taken over by the frame thread.
#include "app/ui/train_filter_moves.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/model/latest_worker.h"
#include "app/model/train_bridges.h"
#include "app/model/user_folders.h"
#include "app/ui/train_film_window.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

struct NetJob {
  ShownMoment moment;
  Shape picture{1, 0, 0, 0};  // (1,C,H,W); empty: there is no sample
  std::vector<float> pixels;  // in [0,1]
  std::string picture_name;
};

struct NetFiles {
  model::StackSettings stack;
  fs::path picture;  // empty: none
  std::int64_t step = 0;
};

std::optional<Result<NetFiles>> write_net(const NetJob& job) {
  const fs::path folder = model::data_folder() / "models";
  auto stack = model::net_for_stack(*job.moment.run, *job.moment.values, folder);
  if (!stack) return Result<NetFiles>(stack.error());
  NetFiles files{std::move(*stack), {}, job.moment.step};
  if (!job.pixels.empty()) {
    // Without it Stack keeps the picture that it has.
    if (auto picture = model::picture_for_stack(job.picture, job.pixels, job.picture_name, folder)) {
      files.picture = std::move(*picture);
    }
  }
  return Result<NetFiles>(std::move(files));
}

// The chosen sample as it was before it was normalised.
void take_sample(const TrainView& view, const model::TrainRun& run, NetJob& job) {
  if (view.sample_ref.kind == model::SampleRef::Kind::kDrawn) {
    const nn::ModelSpec& net = run.description.model;
    if (!view.drawn || std::ssize(view.drawn->shown) != std::int64_t{net.height} * net.width) return;
    job.picture = {1, 1, net.height, net.width};
    job.pixels = view.drawn->shown;
    job.picture_name = "drawing";
    return;
  }
  const bool is_test = view.sample_ref.kind == model::SampleRef::Kind::kTest;
  const training::Subset& part = is_test ? run.data.test : run.data.train;
  if (!part.data || view.sample_ref.index < 0 || view.sample_ref.index >= part.size()) return;
  const std::int64_t at = part.indices[static_cast<std::size_t>(view.sample_ref.index)];
  job.picture = part.data->picture_shape();
  for (const std::uint8_t byte : part.data->picture(at)) job.pixels.push_back(static_cast<float>(byte) / 255);
  job.picture_name = (is_test ? "test-" : "training-") + std::to_string(view.sample_ref.index);
}

// The pinned filter's layer, else the first whose filters can look at a picture.
std::size_t layer_to_send(const TrainView& view, const model::TrainRun& run) {
  if (const auto focus = view.pinned ? view.focus(run) : std::nullopt;
      focus && model::cannot_explore(run, focus->layer).empty()) {
    return focus->layer;
  }
  for (std::size_t i = 0; i < run.layers.size(); ++i) {
    if (model::cannot_explore(run, i).empty()) return i;
  }
  return 0;
}

}  // namespace

void send_to_explore(Ui& ui, const ShownMoment& moment, std::size_t layer) {
  if (const std::string reason = model::cannot_explore(*moment.run, layer); !reason.empty()) {
    ui.document.complain(reason);
    return;
  }
  const std::string said = model::use_in_explore(ui.document.settings.conv, *moment.run, *moment.values, layer);
  ui.document.selection = {};
  ui.document.say(said);
  ui.preferences.workspace = model::Workspace::kExplore;
  ui.needs_frames = true;
}

struct FilterMoves::State {
  std::optional<model::LatestWorker<NetJob, NetFiles>> nets;  // from its first use on
  FilmWindow film;

  void send_net(Ui& ui, const TrainView& view, const ShownMoment& moment) {
    if (!nets)
      nets.emplace(ui.document.waker(), [](const NetJob& job, const std::atomic<bool>&) { return write_net(job); });
    NetJob job{moment, {1, 0, 0, 0}, {}, {}};
    take_sample(view, *moment.run, job);
    nets->request(std::move(job));
  }
  void take_net(Ui& ui) {
    auto outcome = nets ? nets->take() : std::nullopt;
    if (!outcome) return;
    if (!*outcome) {
      ui.document.complain("The net cannot be opened in Stack: " + outcome->error().message + ".");
      return;
    }
    NetFiles& files = **outcome;
    if (!files.picture.empty()) ui.document.open_path(files.picture);
    ui.document.settings.stack = std::move(files.stack);
    ui.preferences.workspace = model::Workspace::kStack;
    ui.document.say("The net as it stood after step " + std::to_string(files.step) + ", " +
                    (files.picture.empty() ? "on your picture." : "on the sample."));
    ui.needs_frames = true;
  }
};

FilterMoves::FilterMoves() : state_(std::make_unique<State>()) {}
FilterMoves::~FilterMoves() = default;

void FilterMoves::draw_buttons(Ui& ui, const TrainView& view, float gap) {
  const auto moment = view.moment(*ui.document.train.snapshot());
  if (!moment) return;
  flow(3 * gap, "Use…");
  if (button(ui, "train/use", "Use…", "The filters on your own picture, the net in Stack, the film of the filters.")) {
    ImGui::OpenPopup("train-use");
  }
  if (!ImGui::BeginPopup("train-use")) return;
  const auto item = [&](const char* name, const char* label, const char* help, const std::string& reason) {
    const bool is_chosen = ImGui::MenuItem(label, nullptr, false, reason.empty());
    const std::string shown = reason.empty() ? help : reason;
    record(ui, name, "item", label, {}, {}, reason.empty(), shown);
    tooltip(ui, shown);
    return is_chosen;
  };
  ui.requests.filters_to_explore |=
      item("train/to-explore", "Filters on your picture (Explore)",
           "Puts the filters of this moment on your own picture: they become the bank of the Explore workspace.",
           model::cannot_explore(*moment->run, layer_to_send(view, *moment->run)));
  ui.requests.net_to_stack |= item(
      "train/to-stack", "Net in Stack",
      "Opens the net of this moment in the Stack workspace, with the chosen sample: every value of every layer can be "
      "traced down to the picture there.",
      {});
  ui.requests.export_film |= item("train/film", "Film of the filters…",
                                  "Saves the life of the filters as an animated GIF, a strip or single pictures.", {});
  ImGui::EndPopup();
}

void FilterMoves::follow(Ui& ui, const TrainView& view) {
  const model::TrainSnapshotPtr& snapshot = ui.document.train.snapshot();
  const auto moment = view.moment(*snapshot);
  if (!moment) return;
  if (std::exchange(ui.requests.filters_to_explore, false)) {
    send_to_explore(ui, *moment, layer_to_send(view, *moment->run));
  }
  if (std::exchange(ui.requests.net_to_stack, false)) state_->send_net(ui, view, *moment);
  state_->take_net(ui);
  if (std::exchange(ui.requests.export_film, false)) state_->film.open(view.pinned ? view.pinned->layer : 0);
  state_->film.draw(ui, snapshot);
}

}  // namespace convlens::ui
