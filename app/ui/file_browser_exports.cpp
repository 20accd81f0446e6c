// File names made of titles, and one writer per kind.
#include "app/ui/file_browser_exports.h"

#include <algorithm>
#include <cctype>

#include "app/model/export.h"
#include "app/view/map_png.h"
#include "app/view/map_range.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

// Letters and digits of a name, everything else a dash: fit for any file system.
std::string file_stem(const std::string& text) {
  std::string stem;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte >= 0x80 || std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.';
    if (is_plain) {
      stem += c;
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
  }
  while (!stem.empty() && stem.back() == '-') stem.pop_back();
  return stem.empty() ? "untitled" : stem;
}

}  // namespace

std::string picture_stem(const model::Document& document) {
  if (!document.picture()) return "convlens";
  return file_stem(fs::path(document.picture()->title).stem().string());
}

std::string export_name(const model::Document& document, ExportKind kind) {
  const auto& filters = document.settings.conv.bank.filters;
  const std::string filter = file_stem(filters[static_cast<std::size_t>(document.selection.filter)].name);
  const ExportChoice& choice = kExports[static_cast<std::size_t>(kind)];
  switch (kind) {
    case ExportKind::kMapPicture:
    case ExportKind::kMap:
      return picture_stem(document) + "-" + filter + choice.suffix;
    case ExportKind::kLayer:
      return picture_stem(document) + "-maps" + choice.suffix;
    case ExportKind::kWeights:
      return std::string("filters") + choice.suffix;
    case ExportKind::kBiases:
      return std::string("biases") + choice.suffix;
  }
  return {};
}

std::function<Status(const fs::path&)> exporter(const model::Document& document, ExportKind kind) {
  const model::ConvResultPtr result = document.result();
  const int map = std::min(document.selection.filter, static_cast<int>(result->geometry.k) - 1);
  switch (kind) {
    case ExportKind::kMapPicture: {
      const model::ViewSettings& view_settings = document.settings.view;
      const view::Colormap& colours = view::map_colormap(view_settings, result->geometry.activation);
      const view::ValueRange range =
          view::map_range(view_settings, colours, result->stats, map, {document.global_min(), document.global_max()});
      return [=, &colours](const fs::path& path) { return view::write_map_png(*result, map, colours, range, path); };
    }
    case ExportKind::kMap:
      return [=](const fs::path& path) { return model::export_map(*result, map, path); };
    case ExportKind::kLayer:
      return [=](const fs::path& path) { return model::export_layer(*result, path); };
    case ExportKind::kWeights:
      return [=](const fs::path& path) { return model::export_weights(*result, path); };
    case ExportKind::kBiases:
      return [=](const fs::path& path) { return model::export_biases(*result, path); };
  }
  return {};
}

}  // namespace convlens::ui
