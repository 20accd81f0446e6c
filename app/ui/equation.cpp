// Puts terms on lines. All numbers are the probe's.
#include "app/ui/equation.h"

#include "app/ui/widgets.h"
#include "engine/explain/decimal.h"

namespace convlens::ui {

std::string first_term(const explain::Decimal& value) { return explain::to_text(value); }

std::string next_term(const explain::Decimal& value) {
  const std::string text = explain::to_text(value);
  return text.front() == '-' ? "- " + text.substr(1) : "+ " + text;
}

std::vector<std::string> equation_of(const explain::Probe& probe) {
  std::vector<std::string> terms;
  for (const explain::ProbeChannel& channel : probe.channels) {
    terms.push_back(terms.empty() ? first_term(channel.subtotal) : next_term(channel.subtotal));
  }
  if (probe.has_bias) terms.push_back(next_term(probe.bias));
  terms.push_back("= " + explain::to_text(probe.pre_activation));
  const conv::Activation activation = probe.geometry.activation;
  if (activation != conv::Activation::kNone) {
    terms.push_back("→ " + std::string(conv::activation_names()[static_cast<std::size_t>(activation)].label));
    terms.push_back("= " + explain::to_text(probe.activated));
  }
  terms.push_back("≈ " + explain::to_text(probe.value));
  return terms;
}

void draw_equation(Ui& ui, std::string_view name, const std::vector<std::string>& terms, const std::string& help) {
  ImGui::PushFont(ui.fonts.mono);
  const float room = ImGui::GetContentRegionAvail().x;
  std::string line, lines, text;
  for (const std::string& term : terms) {
    const std::string longer = line.empty() ? term : line + " " + term;
    if (!line.empty() && ImGui::CalcTextSize(longer.c_str()).x > room) {
      lines += line + "\n";
      line = term;
    } else {
      line = longer;
    }
    text += text.empty() ? term : " " + term;
  }
  lines += line;
  ImGui::TextUnformatted(lines.c_str());
  ImGui::PopFont();
  record(ui, name, "text", text, text, {}, true, help);
  tooltip(ui, help);
}

}  // namespace convlens::ui
