// What the text twin and the status bar say about training.
#include "app/ui/train_facts.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "app/ui/train_sections.h"
#include "engine/core/parallel.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

using Json = nlohmann::json;

constexpr std::array kStates{"preparing", "failed", "paused", "running", "going", "diverged"};
constexpr std::array kPhases{"forward", "loss", "backward", "update"};
constexpr std::array kSamples{"train", "test", "drawn"};

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json filter_json(const std::optional<FilterRef>& ref) {
  return ref ? Json{{"layer", ref->layer}, {"filter", ref->filter}} : Json();
}

}  // namespace

std::string hash_text(std::uint64_t hash) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash));
  return text.data();
}

std::string memory_text(const model::TrainSnapshot& snapshot) {
  const auto mebibytes = [](std::int64_t bytes) { return grouped((bytes + (1 << 19)) >> 20); };
  return mebibytes(snapshot.memory_bytes) + " of " + mebibytes(snapshot.memory_budget) + " MiB";
}

void tell_train_facts(Ui& ui, const TrainView& view) {
  if (!ui.twin.is_active()) return;
  const model::TrainSnapshot& now = *ui.document.train.snapshot();
  const TrainNumbers numbers = numbers_of(ui, view);
  Json facts = {
      {"generation", now.generation},
      {"state", kStates[static_cast<std::size_t>(now.state)]},
      {"running", ui.document.train.is_running()},
      {"words", now.words},
      {"progress", now.progress},
      {"step", now.step},
      {"last_step", now.last_step},
      {"next_phase", kPhases[static_cast<std::size_t>(now.next_phase)]},
      {"loss", or_null(numbers.loss)},
      {"accuracy", or_null(numbers.accuracy)},
      {"held_out_loss", or_null(numbers.held_out_loss)},
      {"held_out_accuracy", or_null(numbers.held_out_accuracy)},
      {"tested_at", numbers.tested_at},
      {"hash", now.hash ? Json(hash_text(*now.hash)) : Json()},
      {"samples_per_second", now.samples_per_second},
      {"seconds_left", now.seconds_left},
      {"waiting", now.waiting},
      {"branches", now.branches},
      {"frames", now.frames.size()},
      {"memory", now.memory_bytes},
      {"memory_budget", now.memory_budget},
      {"data", ui.document.settings.train.data},
      {"tab", view.tab},
      {"pinned", filter_json(view.pinned)},
      {"hovered", filter_json(view.hovered)},
      {"looked_at", or_null(view.looked_at)},
      {"sample",
       {{"kind", kSamples[static_cast<std::size_t>(view.sample_ref.kind)]}, {"index", view.sample_ref.index}}}};
  facts["marks"] = Json::array();
  if (now.marks) {
    for (const model::TrainMark& mark : *now.marks) {
      facts["marks"].push_back({{"step", mark.step}, {"label", mark.label}});
    }
  }
  if (now.run) {
    const model::TrainRun& run = *now.run;
    facts["run"] = {{"serial", run.serial},
                    {"data", run.description.data},
                    {"model", run.description.model.name},
                    {"train_pictures", run.data.train.size()},
                    {"test_pictures", run.data.test.size()},
                    {"classes", run.data.train.data->class_count()},
                    {"steps_per_epoch", run.steps_per_epoch},
                    {"planned_steps", run.planned_steps},
                    {"batch", run.description.batch},
                    {"epoch", numbers.step / std::max<std::int64_t>(run.steps_per_epoch, 1) + 1}};
  }
  ui.twin.set("train", std::move(facts));
}

WorkStatus train_status(const Ui& ui, const TrainView& view) {
  const model::TrainSnapshot& now = *ui.document.train.snapshot();
  WorkStatus work;
  if (!now.run) return work;
  const int threads = ui.document.settings.train.threads > 0 ? ui.document.settings.train.threads : available_cores();
  work.facts.push_back(
      {"status/threads", std::to_string(threads) + (threads == 1 ? " thread" : " threads"), "Threads that train."});
  work.facts.push_back({"status/memory", memory_text(now),
                        "Memory that the timeline takes. When it is full, older moments are thinned out."});
  if (now.samples_per_second > 0) {
    work.facts.push_back(
        {"status/speed", speed_text(now.samples_per_second), "Pictures that training takes in a second."});
  }
  const TrainNumbers numbers = numbers_of(ui, view);
  work.facts.push_back({"status/step", "step " + grouped(numbers.step), "Steps behind what is shown."});
  if (numbers.held_out_accuracy) {
    work.facts.push_back({"status/accuracy", formatted("%.1f %% right", 100 * *numbers.held_out_accuracy),
                          "Of " + grouped(numbers.tested_pictures) + " held-out pictures, after step " +
                              grouped(numbers.tested_at) + "."});
  }
  if (now.state == model::TrainState::kGoingTo && now.progress >= 0) {
    work.progress = StatusProgress{1, static_cast<float>(now.progress)};
  }
  return work;
}

}  // namespace convlens::ui
