// What copying and pasting means here, by what the clipboard holds.
#include "app/ui/clipboard.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "app/model/fields.h"
#include "app/model/filter_bank.h"

namespace convlens::ui {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "%20" and its like back into bytes (RFC 3986).
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      decoded.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

// The first line of the text as a path of an existing file: plain, or a file:// address as file managers copy it.
std::optional<std::filesystem::path> existing_path(std::string_view text) {
  constexpr std::string_view kScheme = "file://";
  text = text.substr(0, text.find_first_of("\r\n"));
  std::string name(text);
  if (text.substr(0, kScheme.size()) == kScheme) name = percent_decoded(text.substr(kScheme.size()));
  std::error_code failed;
  if (name.empty() || name.front() != '/' || !std::filesystem::is_regular_file(name, failed)) return std::nullopt;
  return name;
}

bool paste_matrix(Ui& ui, const std::string& text, std::string& why_not) {
  const Result<model::Matrix> matrix = model::parse_matrix(text);
  if (!matrix) {
    why_not = matrix.error().message;
    return false;
  }
  model::Document& document = ui.document;
  model::Settings changed = document.settings;
  const Status done = model::paste_matrix(changed.conv.bank, document.selection.filter, *matrix);
  if (!done) {
    why_not = done.error().message;
    return false;
  }
  model::make_legal(changed, document.picture_shape());
  document.settings = std::move(changed);
  document.say("Pasted a " + std::to_string(matrix->rows) + " × " + std::to_string(matrix->cols) + " matrix.");
  return true;
}

}  // namespace

void copy_filter(Ui& ui) {
  const model::FilterBank& bank = ui.document.settings.conv.bank;
  const model::Filter& filter = bank.filters[static_cast<std::size_t>(ui.document.selection.filter)];
  ImGui::SetClipboardText(model::format_matrix(bank, filter).c_str());
  ui.document.say("Copied " + filter.name + " as text.");
}

void paste(Ui& ui) {
  const char* clipboard = ImGui::GetClipboardText();
  const std::string text = clipboard ? clipboard : "";
  if (const auto path = existing_path(text)) {
    ui.document.open_path(*path);
    return;
  }
  std::string why_not;
  if (!text.empty() && paste_matrix(ui, text, why_not)) return;
  ui.requests.paste_image = true;
  ui.requests.no_image = why_not;
}

}  // namespace convlens::ui
