// The grid of pictures, class by class and page by page.
#include <algorithm>
#include <cmath>

#include "app/ui/text.h"
#include "app/ui/train_data_parts.h"
#include "app/ui/widgets.h"
#include "engine/core/text.h"

namespace convlens::ui {
namespace {

constexpr float kThumbnail = 34;          // side, about, at 100 % interface scale
constexpr std::size_t kRowsAlone = 10;    // of a class that is shown alone
constexpr std::size_t kMostClasses = 24;  // rows on one page; more classes are turned to like more pictures

}  // namespace

const training::Subset& DataPictures::subset(const model::TrainRun& run) const {
  return part_ == Part::kTrain ? run.data.train : run.data.test;
}

void DataPictures::sort(const model::TrainRun& run) {
  const std::pair wanted{run.serial, part_};
  if (!of_class_.empty() && sorted_for_ == wanted) return;
  if (sorted_for_.first != run.serial) class_.reset();
  sorted_for_ = wanted;
  page_ = 0;
  const training::Subset& pictures = subset(run);
  of_class_.assign(static_cast<std::size_t>(pictures.data->class_count()), {});
  for (std::int64_t i = 0; i < pictures.size(); ++i) {
    const std::int64_t position = pictures.indices[static_cast<std::size_t>(i)];
    of_class_[static_cast<std::size_t>(pictures.data->labels[static_cast<std::size_t>(position)])].push_back(i);
  }
}

void DataPictures::draw_head(Ui& ui, const model::TrainRun& run, std::int64_t pages) {
  const float gap = 4 * ui.scale;
  const auto choose = [&](Part part, const char* name, const char* label, std::int64_t count, const char* help) {
    const std::string words = std::string(label) + " " + grouped(count) + "##" + name;
    if (choice_button(ui, std::string("train/data/part/") + name, words.c_str(), part_ == part, help)) {
      part_ = part;
      page_ = 0;
    }
  };
  choose(Part::kTrain, "train", "Training", run.data.train.size(), "Pictures that the net learns from");
  flow(gap, "Held out 99 999");
  choose(Part::kTest, "test", "Held out", run.data.test.size(),
         "Pictures that it is tested with and never sees before");
  if (class_) {
    flow(gap, "All classes");
    if (button(ui, "train/data/all", "All classes", "One row for every class again")) {
      class_.reset();
      page_ = 0;
    }
  }
  const std::string words = std::to_string(page_ + 1) + " of " + std::to_string(pages);
  const float pager = ImGui::CalcTextSize(words.c_str()).x + 2 * ImGui::GetFrameHeight() + 3 * gap;
  const float right = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  if (ImGui::GetItemRectMax().x + gap + pager <= right) {
    ImGui::SameLine(ImGui::GetWindowContentRegionMax().x - pager);
  }
  if (button(ui, "train/data/previous", "‹", "The pictures before", page_ > 0, "These are the first")) --page_;
  ImGui::SameLine(0, gap);
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(words.c_str());
  record(ui, "train/data/page", "text", "Page", page_ + 1, {1, pages});
  ImGui::SameLine(0, gap);
  if (button(ui, "train/data/next", "›", "More pictures", page_ + 1 < pages, "These are the last")) ++page_;
}

void DataPictures::draw_class(Ui& ui, const model::TrainRun& run, std::size_t index, const ImVec2& min,
                              const ImVec2& size) {
  const std::string& name = run.data.train.data->class_names[index];
  const std::string id = "train/data/class/" + std::to_string(index);
  ImGui::SetCursorScreenPos(min);
  ImGui::PushID(id.c_str());
  const bool pressed = ImGui::InvisibleButton("class", size);
  const bool is_hovered = ImGui::IsItemHovered();
  ImGui::PopID();
  const auto count = std::ssize(of_class_[index]);
  const float line = font_height(ui.fonts.body), y = min.y + (size.y - line - font_height(ui.fonts.small)) / 2;
  put_text(ui.fonts.body, {min.x, y}, is_hovered ? ui.palette.accent : ui.palette.text,
           fitted(ui.fonts.body, name, size.x));
  put_text(ui.fonts.small, {min.x, y + line}, ui.palette.text_dim, short_count(count));
  const std::string help = "Class " + name + ": " + grouped(count) + " pictures.\nClick to see this class alone.";
  record_rect(ui, min, {min.x + size.x, min.y + size.y}, id, "item", name, count, {}, true, help);
  if (is_hovered) tooltip(ui, help);
  if (!pressed) return;
  class_ = class_ ? std::nullopt : std::optional<std::size_t>(index);
  page_ = 0;
}

void DataPictures::draw_picture(Ui& ui, TrainView& view, const model::TrainRun& run, std::size_t at, const ImVec2& min,
                                const ImVec2& size) {
  const training::Subset& pictures = subset(run);
  const std::int64_t index = shown_[at];
  const auto position = static_cast<std::size_t>(pictures.indices[static_cast<std::size_t>(index)]);
  const std::string& name = pictures.data->class_names[static_cast<std::size_t>(pictures.data->labels[position])];
  const ImVec2 max{min.x + size.x, min.y + size.y};
  ImGui::SetCursorScreenPos(min);
  ImGui::PushID(static_cast<int>(at));
  const bool pressed = ImGui::InvisibleButton("picture", size);
  const bool is_hovered = ImGui::IsItemHovered();
  ImGui::PopID();
  sheet_.draw(at, min, max);
  const model::SampleRef ref{part_, index};
  const bool is_sample = view.sample_ref == ref;
  if (is_hovered || is_sample) {
    ImGui::GetWindowDrawList()->AddRect(min, max, is_sample ? ui.palette.window_outline : ui.palette.accent, 0, 0,
                                        2 * ui.scale);
  }
  const std::string words =
      std::string(part_ == Part::kTrain ? "Training" : "Held-out") + " picture " + grouped(index + 1) + ": " + name;
  record_rect(ui, min, max, "train/data/picture/" + std::to_string(at), "tile", words, index, {}, true, words);
  if (is_hovered) {
    ui.hovered_value = words;
    tooltip(ui, words + "\nClick to send it through the net.");
  }
  if (pressed) view.show_sample(ref);
}

void DataPictures::draw(Ui& ui, TrainView& view, const model::TrainRun& run) {
  sort(run);
  const training::Dataset& data = *run.data.train.data;
  const float s = ui.scale, gap = 3 * s;
  const auto [width, height] = even_size(data, kThumbnail * s);
  const float room = ImGui::GetContentRegionAvail().x;
  float label = 0;
  for (const std::string& name : data.class_names) label = std::max(label, width_of(ui.fonts.body, name));
  label = std::clamp(label, 34 * s, room * 0.3F) + 6 * s;
  const auto columns = std::max<std::size_t>(1, static_cast<std::size_t>((room - label + gap) / (width + gap)));
  const std::size_t classes = of_class_.size(), rows = class_ ? kRowsAlone : std::min(classes, kMostClasses);
  const std::size_t class_pages = class_ ? 1 : (classes + kMostClasses - 1) / kMostClasses;
  const std::size_t each = class_ ? columns * kRowsAlone : columns;
  std::size_t most = 1;
  for (std::size_t c = 0; c < classes; ++c) {
    if (!class_ || c == *class_) most = std::max(most, of_class_[c].size());
  }
  const auto pages = static_cast<std::int64_t>((most + each - 1) / each * class_pages);
  page_ = std::clamp<std::int64_t>(page_, 0, pages - 1);
  draw_head(ui, run, pages);
  page_ = std::clamp<std::int64_t>(page_, 0, pages - 1);

  // First what is to be seen, so that one texture holds all of it.
  const auto page = static_cast<std::size_t>(page_);
  const std::size_t first_class = class_ ? *class_ : page % class_pages * kMostClasses;
  const std::size_t from = page / class_pages * each;
  struct Cell {
    std::size_t at;
    ImVec2 min;
  };
  std::vector<Cell> cells;
  shown_.clear();
  const ImVec2 origin = ImGui::GetCursorScreenPos();
  const float pitch = height + gap;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t index = class_ ? *class_ : first_class + row;
    if (index >= classes) break;
    const std::vector<std::int64_t>& list = of_class_[index];
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t at = from + (class_ ? row * columns : 0) + column;
      if (at >= list.size()) break;
      cells.push_back({shown_.size(),
                       {std::floor(origin.x + label + static_cast<float>(column) * (width + gap)),
                        std::floor(origin.y + static_cast<float>(row) * pitch)}});
      shown_.push_back(list[at]);
    }
  }
  std::vector<std::int64_t> positions;
  for (const std::int64_t index : shown_) {
    positions.push_back(subset(run).indices[static_cast<std::size_t>(index)]);
  }
  sheet_.set(subset(run).data, positions);
  const std::size_t shown_rows = class_ ? rows : std::min(rows, classes - first_class);
  const std::size_t class_rows = class_ ? 1 : shown_rows;
  for (const Cell& cell : cells) {
    if (ImGui::IsRectVisible(cell.min, {cell.min.x + width, cell.min.y + height})) {
      draw_picture(ui, view, run, cell.at, cell.min, {width, height});
    }
  }
  // After the pictures: a click here makes other ones.
  for (std::size_t row = 0; row < class_rows; ++row) {
    draw_class(ui, run, first_class + row, {origin.x, origin.y + static_cast<float>(row) * pitch},
               {label - 6 * s, height});
  }
  ImGui::SetCursorScreenPos({origin.x, origin.y + static_cast<float>(shown_rows) * pitch});
  ImGui::Dummy({1, 1});
}

}  // namespace convlens::ui
