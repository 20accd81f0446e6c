// Collects the controls of a frame and writes them out as JSON when they changed. Draws nothing.
#include "app/ui/twin.h"

#include <cstdio>
#include <fstream>
#include <utility>

namespace convlens::ui {
namespace {

nlohmann::json to_json(const Control& control) {
  nlohmann::json object = {{"name", control.name}, {"kind", control.kind},       {"label", control.label},
                           {"rect", control.rect}, {"enabled", control.enabled}, {"tooltip", control.tooltip}};
  if (!control.value.is_null()) object["value"] = control.value;
  if (!control.range.is_null()) object["range"] = control.range;
  return object;
}

}  // namespace

void Twin::begin_frame() {
  controls_.clear();
  hidden_.clear();
  facts_ = nlohmann::json::object();
}

void Twin::add(Control control) {
  if (is_active()) controls_.push_back(std::move(control));
}

void Twin::add_hidden(HiddenControl control) {
  if (is_active()) hidden_.push_back(std::move(control));
}

void Twin::set(const std::string& key, nlohmann::json value) {
  if (is_active()) facts_[key] = std::move(value);
}

void Twin::end_frame(std::uint64_t frame, const FrameMilliseconds& frame_ms) {
  if (!is_active()) return;
  nlohmann::json& controls = facts_["controls"];
  controls = nlohmann::json::array();
  for (const Control& control : controls_) controls.push_back(to_json(control));
  for (const HiddenControl& control : hidden_) {
    facts_["hidden"][control.name] = {{"rect", control.rect}, {"panel", control.panel}};
  }
  // Bytes that are not UTF-8 (file names may hold any) become replacement characters.
  std::string text = facts_.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text == written_) return;

  const std::filesystem::path beside = path_.string() + ".part";
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    // These are put in front of the rest, so that they take no part in the comparison above.
    file << "{\"frame\":" << frame << ",\"frame_ms\":{\"median\":" << frame_ms.median << ",\"p99\":" << frame_ms.p99
         << "}," << std::string_view(text).substr(1) << '\n';
    if (!file.flush()) return;
  }
  std::error_code error;
  std::filesystem::rename(beside, path_, error);
  if (!error) written_ = std::move(text);
}

}  // namespace convlens::ui
