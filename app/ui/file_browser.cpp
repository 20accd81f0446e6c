// The modal file browser: opens, saves sessions, exports results. Looking through folders is FolderView's.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <string>

#include "app/ui/file_browser_exports.h"
#include "app/ui/file_browser_view.h"
#include "app/ui/keys.h"
#include "app/ui/panels.h"
#include "app/ui/widgets.h"

namespace convlens::ui {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPopup = "###browser";

enum class Purpose { kOpen, kSave, kExport, kWish };

}  // namespace

struct FileBrowser::State {
  FolderView view;
  Purpose purpose = Purpose::kOpen;
  FileWish wish;  // of kWish
  ExportKind export_kind = ExportKind::kMapPicture;
  bool is_open = false;
  bool opens_now = false;
  std::string name;      // save and export
  std::string selected;  // whose name was taken over last
  fs::path replaces;     // an existing file; asks before it is written over
  std::future<Status> export_under_way;
  fs::path exported;

  void begin(Ui& ui, Purpose for_what);
  void follow_requests(Ui& ui);
  void collect_export(Ui& ui);
  void draw_heading(Ui& ui);
  void draw_footer(Ui& ui);
  void draw_question(Ui& ui);
  void choose_export_kind(Ui& ui, ExportKind kind);
  void adopt_selection();
  void accept(Ui& ui, const fs::path& path);
  void write(Ui& ui, const fs::path& path);
  void close();
  fs::path target() const;
  std::string named_like(fs::path file) const;
  std::string ending() const;
  bool has_ending(const fs::path& path) const;
  bool is_opening() const;
  bool wants_folder() const { return purpose == Purpose::kWish && wish.kind == FileWish::Kind::kOpenFolder; }
};

// Something that is there is chosen; otherwise a name is typed.
bool FileBrowser::State::is_opening() const {
  return purpose == Purpose::kOpen || (purpose == Purpose::kWish && wish.kind != FileWish::Kind::kSave);
}

void FileBrowser::State::begin(Ui& ui, Purpose for_what) {
  const model::Document& document = ui.document;
  purpose = for_what;
  opens_now = is_open = true;
  view.shows_recent = is_opening() && !wants_folder();
  replaces.clear();
  selected.clear();
  fs::path folder = ui.preferences.last_folder;
  const model::PictureRef& picture = document.settings.conv.picture;
  if (folder.empty() && picture.kind == model::PictureRef::Kind::kFile) folder = fs::path(picture.name).parent_path();
  switch (purpose) {
    case Purpose::kOpen:
      if (view.options.filter == FileFilter::kSessions) view.options.filter = FileFilter::kPictures;
      break;
    case Purpose::kSave:
      view.options.filter = FileFilter::kSessions;
      name = picture_stem(document) + ".json";
      if (!document.session_path().empty()) {
        folder = document.session_path().parent_path();
        name = document.session_path().filename().string();
      }
      break;
    case Purpose::kExport:
      view.options.filter = FileFilter::kAll;
      name = export_name(document, export_kind);
      break;
    case Purpose::kWish: {
      const bool lists_models = !wish.endings.empty() && kind_of_name("x" + wish.endings.front()) == FileKind::kModel;
      view.options.filter = lists_models ? FileFilter::kModels : FileFilter::kAll;
      name = wish.name;
      break;
    }
  }
  view.go_to(folder);
}

void FileBrowser::State::follow_requests(Ui& ui) {
  Requests& requests = ui.requests;
  if (requests.export_browser && !ui.document.result()) {
    ui.document.complain("There are no feature maps to export yet.");
    requests.export_browser = false;
  }
  if (requests.file) {
    wish = std::move(*requests.file);
    requests.file.reset();
    begin(ui, Purpose::kWish);
  }
  if (requests.open_browser) begin(ui, Purpose::kOpen);
  if (requests.save_browser) begin(ui, Purpose::kSave);
  if (requests.export_browser) begin(ui, Purpose::kExport);
  requests.open_browser = requests.save_browser = requests.export_browser = false;
}

void FileBrowser::State::collect_export(Ui& ui) {
  if (!export_under_way.valid()) return;
  if (export_under_way.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    ui.wake_in(0.05);
    return;
  }
  const Status status = export_under_way.get();
  if (status) {
    ui.document.say("Exported " + exported.filename().string() + " to " + exported.parent_path().string() + ".");
  } else {
    ui.document.complain(status.error().message);
  }
}

void FileBrowser::State::close() {
  is_open = false;
  ImGui::CloseCurrentPopup();
}

// Of the files that are written.
std::string FileBrowser::State::ending() const {
  if (purpose == Purpose::kSave) return ".json";
  if (purpose == Purpose::kWish) return wish.endings.empty() ? "" : wish.endings.front();
  return kExports[static_cast<std::size_t>(export_kind)].suffix;
}

bool FileBrowser::State::has_ending(const fs::path& path) const {
  if (purpose != Purpose::kWish) return path.extension() == ending();
  return wish.endings.empty() || std::ranges::find(wish.endings, path.extension().string()) != wish.endings.end();
}

// Where saving would write; the ending of the chosen kind is added where none was typed.
fs::path FileBrowser::State::target() const {
  fs::path path = typed_path(name, view.folder());
  if (path.has_filename() && !has_ending(path)) path += ending();
  return path;
}

void FileBrowser::State::choose_export_kind(Ui& ui, ExportKind kind) {
  // A name that was typed stays, with the ending that fits.
  const bool is_proposed = name == export_name(ui.document, export_kind);
  export_kind = kind;
  replaces.clear();
  name = is_proposed ? export_name(ui.document, kind) : fs::path(name).replace_extension(ending()).string();
}

// The name with an ending that may be written.
std::string FileBrowser::State::named_like(fs::path file) const {
  return has_ending(file) ? file.string() : file.replace_extension(ending()).string();
}

// Choosing a file while saving takes over its name, never its kind.
void FileBrowser::State::adopt_selection() {
  const FileEntry* entry = view.selected();
  const std::string now = entry && entry->kind != FileKind::kFolder ? entry->path.string() : std::string();
  if (now == selected) return;
  selected = now;
  if (!now.empty()) name = named_like(fs::path(entry->name));
  replaces.clear();
}

void FileBrowser::State::accept(Ui& ui, const fs::path& path) {
  std::error_code failed;
  if (is_opening()) {
    ui.preferences.last_folder = view.folder().string();
    if (purpose == Purpose::kWish) {
      wish.accept(ui, path);
    } else {
      ui.document.open_path(path);
    }
    close();
    return;
  }
  if (!path.has_filename() || name.empty()) return;
  if (fs::is_directory(path, failed)) {
    view.go_to(path);
    return;
  }
  if (fs::exists(path, failed) && replaces != path) {
    replaces = path;
    return;
  }
  write(ui, path);
}

void FileBrowser::State::write(Ui& ui, const fs::path& path) {
  ui.preferences.last_folder = path.parent_path().string();
  if (purpose == Purpose::kSave) {
    // A failure has its message; the browser stays open for another try.
    if (!ui.document.save_session(path)) return;
    model::remember_file(ui.preferences, path);
  } else if (purpose == Purpose::kWish) {
    wish.accept(ui, path);
  } else {
    if (export_under_way.valid()) export_under_way.wait();
    exported = path;
    export_under_way = std::async(std::launch::async, exporter(ui.document, export_kind), path);
  }
  close();
}

void FileBrowser::State::draw_heading(Ui& ui) {
  ImGui::AlignTextToFramePadding();
  switch (purpose) {
    case Purpose::kOpen:
      heading(ui, "Open a picture or a session");
      break;
    case Purpose::kSave:
      heading(ui, "Save the session");
      break;
    case Purpose::kExport:
      heading(ui, "Export");
      break;
    case Purpose::kWish:
      heading(ui, wish.title.c_str());
      break;
  }
  if (purpose != Purpose::kExport) return;
  for (std::size_t i = 0; i < kExports.size(); ++i) {
    const bool is_chosen = static_cast<std::size_t>(export_kind) == i;
    ImGui::SameLine(0, i == 0 ? 14 * ui.scale : 2 * ui.scale);
    if (is_chosen) ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_Header));
    if (button(ui, std::string("browser/export/") + kExports[i].name, kExports[i].label, kExports[i].help)) {
      choose_export_kind(ui, static_cast<ExportKind>(i));
    }
    if (is_chosen) ImGui::PopStyleColor();
  }
}

void FileBrowser::State::draw_question(Ui& ui) {
  ImGui::AlignTextToFramePadding();
  const std::string question = replaces.filename().string() + " is already there.";
  ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(ui.palette.warning), "%s", question.c_str());
  record(ui, "browser/question", "text", question, question);
  ImGui::SameLine();
  if (button(ui, "browser/replace", "Replace it", "Write over the file")) {
    write(ui, replaces);
    return;
  }
  ImGui::SameLine();
  if (button(ui, "browser/keep", "Keep it", "Go back and choose another name")) replaces.clear();
}

void FileBrowser::State::draw_footer(Ui& ui) {
  const char* label = purpose == Purpose::kWish   ? wish.label.c_str()
                      : purpose == Purpose::kOpen ? "Open"
                      : purpose == Purpose::kSave ? "Save"
                                                  : "Export";
  const ImGuiStyle& style = ImGui::GetStyle();
  const float button_width = 2 * style.FramePadding.x;
  const float buttons =
      ImGui::CalcTextSize(label).x + ImGui::CalcTextSize("Cancel").x + 2 * button_width + style.ItemSpacing.x;
  const float start = ImGui::GetWindowContentRegionMax().x - buttons;
  bool is_accepted = false;
  bool is_enabled = true;
  if (!replaces.empty()) {
    draw_question(ui);
  } else if (is_opening()) {
    const FileEntry* entry = view.selected();
    is_enabled = entry != nullptr || wants_folder();
    ImGui::AlignTextToFramePadding();
    const std::string none = wants_folder() ? "This folder: " + view.folder().filename().string()
                                            : std::string("Choose a file: double-click, or Enter");
    const std::string words = !view.error().empty() ? view.error()
                              : !entry              ? none
                              : entry->kind == FileKind::kFolder
                                  ? entry->name
                                  : entry->name + "   " + size_words(entry->size) + "   " + date_words(entry->changed);
    ImGui::PushStyleColor(ImGuiCol_Text, view.error().empty() ? ui.palette.text_dim : ui.palette.error);
    ImGui::TextUnformatted(words.c_str());
    ImGui::PopStyleColor();
    record(ui, "browser/selection", "text", words, words);
  } else {
    adopt_selection();
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted("Name");
    ImGui::SameLine();
    if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
    text_field(ui, "browser/name", "##name", &name, "The file's name; a path may be typed too. Enter saves.",
               start - ImGui::GetCursorPosX() - style.ItemSpacing.x);
    is_accepted = ImGui::IsItemDeactivated() && is_enter_pressed();
    is_enabled = !name.empty();
  }
  ImGui::SameLine(start);
  if (button(ui, "browser/cancel", "Cancel", "Leave everything as it is (Esc)")) close();
  ImGui::SameLine();
  ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_Header));
  is_accepted |= button(ui, "browser/ok", label, std::string(label) + " (Enter)", is_enabled && replaces.empty(),
                        "Choose a file first");
  ImGui::PopStyleColor();
  if (!is_accepted || !is_open) return;
  const FileEntry* entry = view.selected();
  if (!is_opening()) {
    accept(ui, target());
  } else if (wants_folder()) {
    accept(ui, entry ? fs::path(entry->path) : view.folder());
  } else if (entry && entry->kind == FileKind::kFolder) {
    view.go_to(fs::path(entry->path));
  } else if (entry) {
    accept(ui, fs::path(entry->path));
  }
}

FileBrowser::FileBrowser() : state_(std::make_unique<State>()) {}
FileBrowser::~FileBrowser() = default;

void FileBrowser::draw(Ui& ui) {
  State& s = *state_;
  s.collect_export(ui);
  s.follow_requests(ui);
  if (!s.is_open) return;
  if (s.opens_now) ImGui::OpenPopup(kPopup);
  s.opens_now = false;
  const ImVec2 screen = ImGui::GetMainViewport()->WorkSize;
  const ImVec2 corner = ImGui::GetMainViewport()->WorkPos;
  const ImVec2 size(std::min(screen.x * 0.94F, 1040 * ui.scale), std::min(screen.y * 0.92F, 700 * ui.scale));
  ImGui::SetNextWindowSize(size);
  ImGui::SetNextWindowPos({corner.x + (screen.x - size.x) / 2, corner.y + (screen.y - size.y) / 2});
  constexpr ImGuiWindowFlags kFlags = ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize |
                                      ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
  if (!ImGui::BeginPopupModal(kPopup, nullptr, kFlags)) {
    s.is_open = false;
    return;
  }
  const bool types_text = ImGui::GetIO().WantTextInput;
  s.draw_heading(ui);
  const float footer = ImGui::GetFrameHeightWithSpacing();
  const ImVec2 area = ImGui::GetContentRegionAvail();
  const auto chosen = s.view.draw(ui, {area.x, area.y - footer - ImGui::GetStyle().ItemSpacing.y}, s.replaces.empty());
  if (chosen) {
    if (s.is_opening()) {
      s.accept(ui, *chosen);
    } else {
      s.name = s.named_like(*chosen);
      s.accept(ui, s.target());
    }
  }
  if (s.is_open) s.draw_footer(ui);
  if (s.is_open && is_pressed(ImGuiKey_Escape, false)) {
    if (!s.replaces.empty()) {
      s.replaces.clear();
    } else if (!types_text && !s.view.options.search.empty()) {
      s.view.options.search.clear();
    } else if (!types_text) {
      s.close();
    }
  }
  ui.keys.clear();
  ImGui::EndPopup();
}

}  // namespace convlens::ui
