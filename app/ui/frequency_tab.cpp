// Puts the parts of the frequency view together; what they show is app/model/spectra.
#include "app/ui/frequency_tab.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/model/spectra.h"
#include "app/ui/colour_bar.h"
#include "app/ui/field_check.h"
#include "app/ui/gain_plot.h"
#include "app/ui/separability_plot.h"
#include "app/ui/spectrum_panels.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

constexpr int kSwatch = 48;  // pixels of the picture whose wave a swatch shows

// Grey bytes of a wave, and of what every stride-th pixel of it looks like.
std::vector<std::uint8_t> wave_bytes(const Wave& wave) {
  std::vector<std::uint8_t> bytes;
  for (int y = 0; y < kSwatch; ++y) {
    for (int x = 0; x < kSwatch; ++x) {
      const double turns = wave.fy * (y - kSwatch / 2) + wave.fx * (x - kSwatch / 2);
      const auto grey = static_cast<std::uint8_t>(std::lround(127.5 + 110 * std::cos(2 * std::numbers::pi * turns)));
      bytes.insert(bytes.end(), {grey, grey, grey, 255});
    }
  }
  return bytes;
}

class WaveSwatch {
 public:
  void draw(Ui& ui, const std::string& name, const Wave& wave, const std::string& help) {
    if (shown_ != wave) image_.set(wave_bytes(wave), kSwatch, kSwatch, false);
    shown_ = wave;
    const float side = kSwatch * ui.scale;
    ImGui::Image(reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(image_.texture())), ImVec2(side, side));
    record(ui, name, "plot", "Wave", {{"fy", wave.fy}, {"fx", wave.fx}}, {}, true, help);
    tooltip(ui, help);
  }

 private:
  view::Image image_;
  std::optional<Wave> shown_;
};

// One sentence with a dot before it.
void bullet(const std::string& text) {
  const float size = ImGui::GetTextLineHeight();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  ImGui::GetWindowDrawList()->AddCircleFilled({at.x + size * 0.25F, at.y + size * 0.55F}, size * 0.13F,
                                              ImGui::GetColorU32(ImGuiCol_TextDisabled));
  ImGui::Indent(size * 0.75F);
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopTextWrapPos();
  ImGui::Unindent(size * 0.75F);
}

std::string mix_in_words(const std::vector<double>& mix) {
  std::string text = "one pattern in all channels, weighed";
  for (std::size_t i = 0; i < mix.size(); ++i) text += (i > 0 ? " : " : " ") + number_text(mix[i], 3);
  return text;
}

void small_sentence(Ui& ui, const std::string& name, const std::string& text, nlohmann::json value = {}) {
  if (text.empty()) return;
  ImGui::PushFont(ui.fonts.small);
  dim_text(ui, text);
  ImGui::PopFont();
  record(ui, name, "text", text, value.is_null() ? nlohmann::json(text) : std::move(value));
}

std::string window_in_words(const model::Spectra& spectra) {
  if (!spectra.picture) return spectra.no_picture;
  const model::SpectrumWindow& window = spectra.picture->window;
  const std::string side = std::to_string(window.size);
  const bool is_all = window.size == spectra.geometry.h && window.size == spectra.geometry.w;
  return "Spectra of " + (is_all ? std::string("the whole picture, ") : std::string("the middle of the picture, ")) +
         side + " × " + side + " pixels.";
}

}  // namespace

struct FrequencyTab::State {
  std::optional<model::SpectraSession> session;
  SpectrumPanels panels, large_panels;
  WaveSwatch swatch, alias_swatch;
  std::uint64_t frame = 0;
  std::optional<Wave> pointed, next_pointed;

  const model::Spectra* follow(Ui& ui);
  void draw_controls(Ui& ui, const model::Spectra* spectra, bool is_window);
  void draw_complaint(Ui& ui, const std::string& name);
  void draw_words(Ui& ui, const std::string& name, const model::Spectra& spectra);
  void draw_spectra(Ui& ui, const std::string& name, SpectrumPanels& shown, float width, int columns,
                    const model::Spectra& spectra);
  void draw_bars(Ui& ui, const std::string& name, float width, const model::Spectra& spectra);
  void draw_reading(Ui& ui, const std::string& name, const model::Spectra& spectra);
  void draw_rule(Ui& ui, const std::string& name, const model::Spectra& spectra);
  void draw_filter(Ui& ui, const std::string& name, float width, const model::Spectra& spectra);
};

// Asks for the spectra of what is chosen; the newest there are, null before the first.
const model::Spectra* FrequencyTab::State::follow(Ui& ui) {
  if (frame != ui.frame) {
    frame = ui.frame;
    pointed = std::exchange(next_pointed, std::nullopt);
  }
  const model::Document& document = ui.document;
  if (!document.result()) return nullptr;
  if (!session) session.emplace(document.waker());
  const conv::Geometry& g = document.result()->geometry;
  const int filter = std::clamp(document.selection.filter, 0, static_cast<int>(g.k) - 1);
  const int channel = std::clamp(document.selection.channel, 0, static_cast<int>(g.channels_per_group()) - 1);
  session->follow(document.result(), filter, channel, document.settings.view.soft_edges);
  session->collect();
  return session->spectra().get();
}

void FrequencyTab::State::draw_controls(Ui& ui, const model::Spectra* spectra, bool is_window) {
  const float gap = 4 * ui.scale;
  const std::string name = is_window ? "spectra" : "frequency";
  heading(ui, spectra ? spectra->name.c_str() : "Frequencies");
  model::Selection& selection = ui.document.selection;
  const int channels = ui.document.settings.conv.bank.channels;
  const bool is_rgb = channels == 3 && ui.document.settings.conv.channels == model::Channels::kRgb;
  constexpr std::array<const char*, 3> kRgb = {"R", "G", "B"};
  for (int c = 0; c < channels && channels > 1; ++c) {
    ImGui::SameLine(0, c == 0 ? 10 * ui.scale : gap / 2);
    const std::string label = is_rgb ? kRgb[static_cast<std::size_t>(c)] : std::to_string(c + 1);
    if (choice_button(ui, name + "/channel/" + std::to_string(c), label.c_str(), selection.channel == c,
                      "The slice of the filter, and the channel of the picture, that is looked at")) {
      selection.channel = c;
    }
  }
  if (is_window) return;
  const char* label = "Large";
  const float width = ImGui::CalcTextSize(label).x + 2 * ImGui::GetStyle().FramePadding.x;
  ImGui::SameLine(std::max(ImGui::GetCursorPosX(), ImGui::GetWindowContentRegionMax().x - width));
  if (button(ui, "frequency/large", label,
             "Opens the spectra large, in a window that stays while other tabs are used")) {
    ui.windows.spectra = true;
  }
}

void FrequencyTab::State::draw_complaint(Ui& ui, const std::string& name) {
  if (!session || session->complaint().empty()) return;
  const std::string words = "The spectra cannot be computed: " + session->complaint() + ".";
  ImGui::PushStyleColor(ImGuiCol_Text, ui.palette.warning);
  ImGui::TextWrapped("%s", words.c_str());
  ImGui::PopStyleColor();
  record(ui, name + "/complaint", "text", "Why there are no spectra", words);
}

void FrequencyTab::State::draw_words(Ui& ui, const std::string& name, const model::Spectra& spectra) {
  ImGui::BeginGroup();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ImGui::GetStyle().ItemSpacing.x, 2 * ui.scale));
  for (const std::string& line : spectra.words) bullet(line);
  if (spectra.mix.size() > 1) bullet(mix_in_words(spectra.mix));
  ImGui::PopStyleVar();
  ImGui::EndGroup();
  record(ui, name + "/words", "text", spectra.name, spectra.words);
}

void FrequencyTab::State::draw_bars(Ui& ui, const std::string& name, float width, const model::Spectra& spectra) {
  const float gap = 14 * ui.scale;
  const float each = (width - gap) / 2;
  const view::Colormap& colormap = spectrum_colormap(ui);
  const auto bar = [&](const std::string& id, const char* caption, const view::ValueRange& range, bool has_below,
                       std::optional<float> marker) {
    ImGui::BeginGroup();
    ImGui::PushFont(ui.fonts.small);
    dim_text(ui, caption);
    ImGui::PopFont();
    colour_bar(ui, id, each, {&colormap, range, has_below, false, marker});
    ImGui::EndGroup();
  };
  std::optional<float> decibels, gain;
  if (pointed) {
    const model::WaveReading reading = model::read_wave(spectra, pointed->fy, pointed->fx);
    gain = static_cast<float>(reading.gain);
    if (reading.input) decibels = static_cast<float>(*reading.input);
  }
  bar(name + "/decibels", "input, product, map: dB", decibel_range(), true, decibels);
  ImGui::SameLine(0, gap);
  bar(name + "/gains", "filter: gain", gain_range(spectra), false, gain);
}

void FrequencyTab::State::draw_spectra(Ui& ui, const std::string& name, SpectrumPanels& shown, float width, int columns,
                                       const model::Spectra& spectra) {
  const auto found = shown.draw(ui, name, width, columns, spectra, session->serial(), pointed);
  if (found) {
    next_pointed = found;
    if (found != pointed) ui.needs_frames = true;
  }
  draw_bars(ui, name, width, spectra);
}

// Of the wave under the pointer, else of the one that passes best.
void FrequencyTab::State::draw_reading(Ui& ui, const std::string& name, const model::Spectra& spectra) {
  const Wave wave = pointed ? *pointed : Wave{spectra.peak.fy, spectra.peak.fx};
  const model::WaveReading reading = model::read_wave(spectra, wave.fy, wave.fx);
  std::vector<std::string> lines = model::in_words(reading, spectra.peak.gain);
  const float s = ui.scale;
  swatch.draw(ui, name + "/wave", wave, "This wave, 48 × 48 pixels of it");
  if (reading.is_folded) {
    ImGui::SameLine(0, 4 * s);
    alias_swatch.draw(ui, name + "/alias", {reading.alias_fy, reading.alias_fx},
                      "What the stride's samples make of it: the wave that passes through the same values");
  }
  ImGui::SameLine(0, 8 * s);
  ImGui::BeginGroup();
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, ImVec2(ImGui::GetStyle().ItemSpacing.x, s));
  ImGui::PushFont(ui.fonts.small);
  ImGui::PushTextWrapPos(0);
  if (pointed) {
    ui.hovered_value = lines[0] + "; " + lines[1];
  } else {
    lines.front() = "Passes best: " + lines.front();
  }
  for (const std::string& line : lines) ImGui::TextUnformatted(line.c_str());
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  ImGui::PopStyleVar();
  ImGui::EndGroup();
  nlohmann::json value = {{"pointed", pointed.has_value()},
                          {"fy", wave.fy},
                          {"fx", wave.fx},
                          {"gain", reading.gain},
                          {"words", lines},
                          {"folded", reading.is_folded},
                          {"alias", {reading.alias_fy, reading.alias_fx}}};
  if (!reading.is_mean()) value["period"] = reading.period();
  if (reading.input) value["input_db"] = *reading.input;
  if (reading.map) value["map_db"] = *reading.map;
  record(ui, name + "/reading", "text", lines.front(), std::move(value));
}

void FrequencyTab::State::draw_rule(Ui& ui, const std::string& name, const model::Spectra& spectra) {
  small_sentence(ui, name + "/window", window_in_words(spectra));
  if (!spectra.picture) return;
  const model::PictureSpectra& picture = *spectra.picture;
  const std::string rule = model::rule_in_words(picture, spectra.geometry);
  small_sentence(ui, name + "/rule", rule, {{"words", rule}, {"error", picture.rule_error}});
  const std::string folding = model::folding_in_words(picture, spectra.geometry);
  small_sentence(ui, name + "/folding", folding, {{"words", folding}, {"share", picture.folded_share}});
  if (spectra.geometry.activation != conv::Activation::kNone) {
    small_sentence(ui, name + "/activation",
                   "The activation is not linear: " + number_text(100 * picture.activation_share, 3) +
                       " % of the map's energy (without the mean) is none of the product's.");
  }
  field_check(ui, "view/soft_edges");
}

void FrequencyTab::State::draw_filter(Ui& ui, const std::string& name, float width, const model::Spectra& spectra) {
  ImGui::Dummy({0, 2 * ui.scale});
  heading(ui, "Gain by frequency");
  gain_plot(ui, name + "/gain", width, spectra);
  ImGui::Dummy({0, 2 * ui.scale});
  heading(ui, "Two passes");
  separability_plot(ui, name, width, spectra);
}

FrequencyTab::FrequencyTab() : state_(std::make_unique<State>()) {}
FrequencyTab::~FrequencyTab() = default;

void FrequencyTab::draw(Ui& ui) {
  State& s = *state_;
  const model::Spectra* spectra = s.follow(ui);
  s.draw_controls(ui, spectra, false);
  s.draw_complaint(ui, "frequency");
  if (!spectra) {
    dim_text(ui, "The first spectra are being computed.");
    return;
  }
  const float width = ImGui::GetContentRegionAvail().x;
  s.draw_words(ui, "frequency", *spectra);
  s.draw_spectra(ui, "frequency", s.panels, width, 4, *spectra);
  s.draw_reading(ui, "frequency", *spectra);
  s.draw_rule(ui, "frequency", *spectra);
  s.draw_filter(ui, "frequency", width, *spectra);
}

void FrequencyTab::draw_window(Ui& ui) {
  if (!ui.windows.spectra) return;
  State& s = *state_;
  const ImGuiViewport& viewport = *ImGui::GetMainViewport();
  const ImVec2 most(viewport.WorkSize.x - 40 * ui.scale, viewport.WorkSize.y - 60 * ui.scale);
  const ImVec2 size(std::min(980 * ui.scale, most.x), std::min(720 * ui.scale, most.y));
  ImGui::SetNextWindowSize(size, ImGuiCond_Appearing);
  ImGui::SetNextWindowPos(
      ImVec2(viewport.WorkPos.x + viewport.WorkSize.x - size.x - 20 * ui.scale, viewport.WorkPos.y + 20 * ui.scale),
      ImGuiCond_Appearing);
  if (ImGui::Begin("Frequencies", &ui.windows.spectra,
                   ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings)) {
    const model::Spectra* spectra = s.follow(ui);
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (spectra) {
      // The pictures are square: as large as the height lets them be, with room for captions and colour bars.
      const float gap = 12 * ui.scale;
      const float captions = 2 * ImGui::GetTextLineHeightWithSpacing() + 64 * ui.scale;
      const float left = std::clamp(room.y - captions, 200 * ui.scale, room.x * 0.62F);
      ImGui::BeginChild("pictures", ImVec2(left, room.y));
      s.draw_spectra(ui, "spectra", s.large_panels, ImGui::GetContentRegionAvail().x, 2, *spectra);
      ImGui::EndChild();
      ImGui::SameLine(0, gap);
      ImGui::BeginChild("facts", ImVec2(room.x - left - gap, room.y));
      s.draw_controls(ui, spectra, true);
      s.draw_complaint(ui, "spectra");
      s.draw_words(ui, "spectra", *spectra);
      s.draw_reading(ui, "spectra", *spectra);
      s.draw_rule(ui, "spectra", *spectra);
      s.draw_filter(ui, "spectra", ImGui::GetContentRegionAvail().x, *spectra);
      ImGui::EndChild();
    } else {
      dim_text(ui, "The first spectra are being computed.");
    }
  }
  ImGui::End();
}

}  // namespace convlens::ui
