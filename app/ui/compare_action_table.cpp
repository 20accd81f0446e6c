// The rows of the action table that see the layer as a signal and beside another one: frequencies, A and B.
#include "app/model/ab_session.h"
#include "app/ui/actions.h"

namespace convlens::ui {
namespace {

using model::AbShow;
using model::BKind;

bool has_b(const Ui& ui) { return ui.document.ab.kind() != BKind::kNone; }

Action tab_action(const char* tab, std::string name, std::string label, std::string help) {
  return {std::move(name),
          std::move(label),
          "",
          std::move(help),
          [tab](Ui& ui) {
            ui.hide_panels = false;
            ui.middle_tab = tab;
          },
          {},
          [tab](const Ui& ui) { return ui.middle_tab == tab; }};
}

Action b_action(BKind kind, std::string name, std::string label, std::string help) {
  return {std::move(name),
          std::move(label),
          "",
          std::move(help),
          [kind](Ui& ui) { ui.document.ab.follow_as(ui.document.ab.kind() == kind ? BKind::kNone : kind); },
          [kind](const Ui& ui) { return kind != BKind::kProcessor || ui.document.no_gpu().empty(); },
          [kind](const Ui& ui) { return ui.document.ab.kind() == kind; }};
}

Action show_action(AbShow show, std::string name, std::string label, std::string help) {
  return {std::move(name),
          std::move(label),
          "",
          std::move(help),
          [show](Ui& ui) { ui.document.ab.show = show; },
          has_b,
          [show](const Ui& ui) { return has_b(ui) && ui.document.ab.show == show; }};
}

}  // namespace

void add_compare_actions(std::vector<Action>& table) {
  table.push_back(tab_action("frequency", "compare/frequency", "Frequency",
                             "The filter in words, its gain for every wave, and the product rule on the picture."));
  table.push_back({"compare/spectra",
                   "Spectra, large",
                   "",
                   "Opens the spectra of picture, filter and map in a window.",
                   [](Ui& ui) { ui.windows.spectra = !ui.windows.spectra; },
                   {},
                   [](const Ui& ui) { return ui.windows.spectra; }});
  table.push_back(tab_action("compare", "compare/tab", "Compare", "A and B, and how far their maps are apart."));
  table.push_back({"compare/freeze-b", "Freeze as B", "", "B becomes the present set-up; then change anything.",
                   [](Ui& ui) { ui.document.freeze_b(); },
                   [](const Ui& ui) { return ui.document.picture() != nullptr; }});
  table.push_back(b_action(BKind::kFlip, "compare/against-flip", "Correlation against convolution",
                           "B is the same layer with the filter turned by 180°."));
  table.push_back(b_action(BKind::kBorder, "compare/against-border", "Border zero against reflect",
                           "B is the same layer with another border."));
  table.push_back(b_action(BKind::kProcessor, "compare/against-processor", "CPU against GPU",
                           "B is the same layer on the other processor."));
  table.push_back(show_action(AbShow::kA, "compare/show-a", "Maps show A", "The maps of the present set-up."));
  table.push_back(show_action(AbShow::kSwipe, "compare/show-swipe", "Maps show A and B, swiped",
                              "A to the left of a line that can be dragged, B to the right."));
  table.push_back(show_action(AbShow::kB, "compare/show-b", "Maps show B", "The maps of B in the colours of A's."));
  table.push_back(show_action(AbShow::kDifference, "compare/show-difference", "Maps show A − B",
                              "What the maps of A and B differ by."));
  table.push_back({"compare/swap-ab", "Swap A and B", "", "A becomes B, and B becomes what A was.",
                   [](Ui& ui) { ui.document.swap_ab(); }, has_b});
  table.push_back({"compare/side-by-side", "A and B side by side", "",
                   "Opens A, B and their difference in a window with one zoom and one pointer.",
                   [](Ui& ui) { ui.windows.side_by_side = !ui.windows.side_by_side; }, has_b,
                   [](const Ui& ui) { return ui.windows.side_by_side; }});
  table.push_back({"compare/end", "No B", "", "Ends the comparison.",
                   [](Ui& ui) { ui.document.ab.follow_as(BKind::kNone); }, has_b});
  table.push_back({"picture/hold-b", "Hold B", "B", "Held: the maps of B in place of those of A."});
}

}  // namespace convlens::ui
