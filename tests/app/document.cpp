// The document as the window sees it: opening, editing, undo across pictures, sessions, and what failures leave alone.
#include "app/model/document.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <semaphore>
#include <string>

#include "app/model/fields.h"
#include "app/model/stack_edits.h"
#include "app/model/stack_weights.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"
#include "engine/io/picture.h"
#include "engine/io/safetensors.h"
#include "engine/nn/presets.h"
#include "engine/training/model_file.h"
#include "engine/training/state.h"
#include "tests/app/random_edits.h"
#include "tests/support/temporary_folder.h"

namespace convlens::model {
namespace {

// A document and the frame loop that it needs: steps until both workers rest.
struct Desk {
  std::counting_semaphore<> woken{0};
  Document document{[this] { woken.release(); }};

  Desk() { settle(); }
  void settle() {
    document.step(false);
    while (document.is_busy()) {
      woken.acquire();
      document.step(false);
    }
    document.step(false);
  }
  std::string message() const { return document.message() ? document.message()->text : ""; }
  bool has_complained() const { return document.message() && document.message()->kind == Message::Kind::kError; }
  void set(std::string_view name, double value) {
    REQUIRE(set_field(document.settings, *find_field(name), value, document.picture_shape()));
  }
};

std::filesystem::path write_picture(const TemporaryFolder& folder, const std::string& name, int size) {
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size * size * 3), 77);
  const auto path = folder.path() / name;
  REQUIRE(io::write_png(path, bytes, size, size, 3));
  return path;
}

TEST_CASE("the first launch ends with maps of the scene") {
  Desk desk;
  REQUIRE(desk.document.picture());
  CHECK(desk.document.picture()->title == "Scene");
  REQUIRE(desk.document.result());
  CHECK(desk.document.result()->maps.size() == 8);
  CHECK(desk.document.is_current());
  CHECK_FALSE(desk.document.has_unsaved_changes());
  CHECK_FALSE(desk.document.history().can_undo());
  CHECK(desk.document.shown_generation() == desk.document.edit_generation());
  CHECK(desk.document.global_max() > 0);
  CHECK(desk.document.picture_shape() == desk.document.picture()->pixels.shape());
}

TEST_CASE("the shape told before the scene is there is the scene's") {
  Document document({});
  const Shape early = document.picture_shape();
  Desk desk;
  CHECK(early == desk.document.picture_shape());
}

TEST_CASE("a gesture is one entry, however many frames it takes") {
  Desk desk;
  for (int frame = 0; frame < 5; ++frame) {
    desk.document.settings.conv.bank.filters[0].weights[0] += 0.1F;
    desk.document.step(true);
  }
  CHECK_FALSE(desk.document.history().can_undo());
  desk.settle();
  CHECK(desk.document.history().entries().size() == 2);
  CHECK(desk.document.history().entries()[1].label == "Weight of Sobel x");
  CHECK(desk.document.has_unsaved_changes());
  CHECK(desk.document.is_current());
  CHECK(desk.document.undo());
  CHECK_FALSE(desk.document.has_unsaved_changes());
  CHECK_FALSE(desk.document.undo());
}

TEST_CASE("view settings never recompute") {
  Desk desk;
  const auto generation = desk.document.edit_generation();
  desk.set("view/grid", 0);
  desk.settle();
  CHECK(desk.document.edit_generation() == generation);
  CHECK(desk.document.history().can_undo());
}

TEST_CASE("not a number never gets through") {
  Desk desk;
  desk.document.settings.conv.bank.filters[0].weights[0] = std::numeric_limits<float>::quiet_NaN();
  desk.settle();
  CHECK(desk.document.settings.conv.bank.filters[0].weights[0] == 0);
  CHECK(desk.document.is_current());
}

TEST_CASE("opening a picture is one undoable entry") {
  const TemporaryFolder folder;
  const auto path = write_picture(folder, "tile.png", 40);
  Desk desk;
  desk.document.open_path(path);
  desk.settle();
  CHECK(desk.document.picture()->title == "tile.png");
  CHECK(desk.document.picture()->details == "40 × 40, RGB, 8 bit PNG");
  CHECK(desk.document.history().entries().back().label == "Open tile.png");
  CHECK(desk.document.result()->geometry.output_shape() == Shape{1, 8, 40, 40});
  CHECK(desk.document.undo());
  desk.settle();
  CHECK(desk.document.picture()->title == "Scene");
  CHECK(desk.document.is_current());
  CHECK(desk.document.redo());
  desk.settle();
  CHECK(desk.document.picture()->title == "tile.png");
  CHECK(desk.document.is_current());
}

TEST_CASE("arrays open as pictures, channels first or last, bytes in [0,1]") {
  const TemporaryFolder folder;
  const std::array<std::int64_t, 3> first{3, 2, 4};
  const std::array<std::int64_t, 3> last{2, 4, 3};
  std::vector<float> values;
  for (int i = 0; i < 24; ++i) values.push_back(static_cast<float>(i) * 10);
  REQUIRE(io::write_npy(folder.path() / "first.npy", first, values));
  REQUIRE(io::write_npy(folder.path() / "last.npy", last, values));
  const std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }           \n";
  std::string bytes = "\x93NUMPY" + std::string{1, 0, static_cast<char>(header.size()), 0} + header;
  bytes += {static_cast<char>(255), 0, 51, static_cast<char>(102)};
  REQUIRE(io::write_file(folder.path() / "bytes.npy", bytes));

  Desk desk;
  desk.document.open_path(folder.path() / "first.npy");
  desk.settle();
  CHECK(desk.document.picture_shape() == Shape{1, 3, 2, 4});
  CHECK(desk.document.picture()->pixels.at(0, 1, 0, 1) == 90);
  desk.document.open_path(folder.path() / "last.npy");
  desk.settle();
  CHECK(desk.document.picture_shape() == Shape{1, 3, 2, 4});
  CHECK(desk.document.picture()->pixels.at(0, 1, 0, 1) == 40);
  desk.document.open_path(folder.path() / "bytes.npy");
  desk.settle();
  CHECK(desk.document.picture_shape() == Shape{1, 1, 2, 2});
  CHECK(desk.document.picture()->pixels.at(0, 0, 0, 0) == 1);
  CHECK(desk.document.picture()->pixels.at(0, 0, 1, 0) == doctest::Approx(0.2));
  CHECK(desk.document.is_current());
}

TEST_CASE("failures leave the document as it was") {
  const TemporaryFolder folder;
  REQUIRE(io::write_file(folder.path() / "empty.png", ""));
  REQUIRE(io::write_file(folder.path() / "text.jpg", "this is not a picture"));
  REQUIRE(io::write_file(folder.path() / "broken.json", "{\"format\": "));
  REQUIRE(io::write_file(folder.path() / "other.json", "{\"a\": 1}"));
  const std::array<std::int64_t, 3> pair{2, 4, 4};
  REQUIRE(io::write_npy(folder.path() / "pair.npy", pair, std::vector<float>(32, 0.5F)));
  Desk desk;
  desk.set("conv/stride_y", 2);
  desk.settle();
  const Settings before = desk.document.settings;
  const PicturePtr picture = desk.document.picture();
  const ConvResultPtr result = desk.document.result();
  std::uint64_t serial = 0;
  for (const char* name : {"missing.png", "empty.png", "text.jpg", "broken.json", "other.json", "pair.npy", "."}) {
    CAPTURE(name);
    desk.document.open_path(folder.path() / name);
    desk.settle();
    CHECK(desk.has_complained());
    CHECK_FALSE(desk.message().empty());
    CHECK(desk.document.message()->serial > serial);
    serial = desk.document.message()->serial;
    CHECK(desk.document.settings == before);
    CHECK(desk.document.picture() == picture);
    CHECK(desk.document.result() == result);
    CHECK(desk.document.history().entries().size() == 2);
  }
  desk.document.paste_picture({1, 2, 3});
  desk.settle();
  CHECK(desk.has_complained());
  CHECK(desk.document.settings == before);
  desk.document.open_builtin("no-such-picture");
  desk.settle();
  CHECK(desk.has_complained());
  CHECK(desk.document.settings == before);
}

TEST_CASE("a file on the command line that cannot be read still shows the scene") {
  std::counting_semaphore<> woken{0};
  Document document([&] { woken.release(); });
  document.open_path("/no/such/picture.png");
  document.step(false);
  while (document.is_busy()) {
    woken.acquire();
    document.step(false);
  }
  REQUIRE(document.picture());
  CHECK(document.picture()->title == "Scene");
  CHECK(document.message()->kind == Message::Kind::kError);
  CHECK(document.is_current());
}

TEST_CASE("a pasted picture is there after undo and redo") {
  const TemporaryFolder folder;
  const auto bytes = io::read_file(write_picture(folder, "p.png", 24));
  REQUIRE(bytes);
  Desk desk;
  desk.document.paste_picture(*bytes);
  desk.settle();
  CHECK(desk.document.picture()->title == "pasted-1");
  for (const char* name : {"step", "impulse", "gradient", "chirp", "checkerboard", "digit", "text", "zone-plate"}) {
    desk.document.open_builtin(name);
    desk.settle();
  }
  desk.document.go_to(1);
  desk.settle();
  CHECK(desk.document.picture()->title == "pasted-1");
  CHECK(desk.document.picture()->pixels.shape() == Shape{1, 3, 24, 24});
  CHECK(desk.document.is_current());
}

TEST_CASE("reloading reads the file again and keeps the settings") {
  const TemporaryFolder folder;
  const auto path = write_picture(folder, "tile.png", 40);
  Desk desk;
  desk.document.open_path(path);
  desk.settle();
  const PicturePtr before = desk.document.picture();
  write_picture(folder, "tile.png", 50);
  desk.document.reload_picture();
  desk.settle();
  CHECK(desk.document.picture() != before);
  CHECK(desk.document.picture()->pixels.shape().h == 50);
  CHECK(desk.document.result()->map(0).rows() == 50);
  CHECK(desk.document.is_current());
}

TEST_CASE("undo to a picture that is gone keeps the present one and says so") {
  const TemporaryFolder folder;
  Desk desk;
  const auto path = write_picture(folder, "tile.png", 40);
  desk.document.open_path(path);
  desk.settle();
  for (const char* name : {"step", "impulse", "gradient", "chirp", "checkerboard", "digit", "text"}) {
    desk.document.open_builtin(name);
    desk.settle();
  }
  std::filesystem::remove(path);
  const PicturePtr present = desk.document.picture();
  desk.document.go_to(1);
  desk.settle();
  CHECK(desk.has_complained());
  CHECK(desk.document.picture() == present);
  CHECK(desk.document.history().can_redo());
  CHECK(desk.document.redo());
  desk.settle();
  CHECK(desk.document.picture()->title == "Step edge");
}

TEST_CASE("a session comes back whole, as one entry") {
  const TemporaryFolder folder;
  write_picture(folder, "tile.png", 40);
  Desk desk;
  desk.document.open_path(folder.path() / "tile.png");
  desk.settle();
  desk.set("conv/stride_y", 2);
  desk.set("conv/kernel_cols", 5);
  desk.document.settings.conv.bank.filters[0].weights[3] = 0.1F;
  desk.settle();
  const Settings saved = desk.document.settings;
  REQUIRE(desk.document.save_session(folder.path() / "mine.json"));
  CHECK_FALSE(desk.document.has_unsaved_changes());
  CHECK(desk.document.session_path() == folder.path() / "mine.json");

  Desk other;
  other.document.open_path(folder.path() / "mine.json");
  other.settle();
  CHECK(other.document.settings == saved);
  CHECK(other.document.session_remarks().empty());
  CHECK(other.document.is_current());
  CHECK_FALSE(other.document.has_unsaved_changes());
  CHECK(other.document.history().entries().size() == 2);
  CHECK(other.document.undo());
  other.settle();
  CHECK(other.document.settings == default_settings());
  CHECK(other.document.picture()->title == "Scene");
}

TEST_CASE("a session whose picture is gone opens on the scene and says so") {
  const TemporaryFolder folder;
  Settings settings = default_settings();
  settings.conv.params.stride_x = 3;
  settings.conv.picture = {PictureRef::Kind::kFile, "/no/such/picture.png"};
  REQUIRE(io::write_file(folder.path() / "s.json", to_session_text(settings, folder.path())));
  Desk desk;
  desk.document.open_builtin("step");
  desk.settle();
  CHECK(desk.document.open_session(folder.path() / "s.json"));
  desk.settle();
  CHECK(desk.document.picture()->title == "Scene");
  CHECK(desk.document.settings.conv.params.stride_x == 3);
  CHECK(desk.has_complained());
  CHECK(desk.message().find("picture.png") != std::string::npos);
  CHECK(desk.document.session_remarks().size() == 1);
}

TEST_CASE("an unwritable session path is told and nothing is lost") {
  Desk desk;
  desk.set("conv/stride_y", 2);
  desk.settle();
  CHECK_FALSE(desk.document.save_session("/no/such/folder/s.json"));
  CHECK(desk.has_complained());
  CHECK(desk.document.has_unsaved_changes());
  CHECK(desk.document.session_path().empty());
}

TEST_CASE("a new document can be undone") {
  Desk desk;
  desk.set("conv/stride_y", 2);
  desk.settle();
  desk.document.new_document();
  desk.settle();
  CHECK(desk.document.settings == default_settings());
  CHECK_FALSE(desk.document.has_unsaved_changes());
  CHECK(desk.document.undo());
  CHECK(desk.document.settings.conv.params.stride_y == 2);
}

TEST_CASE("any 200 edits and picture changes undo to the start and redo to the end") {
  constexpr std::array<std::string_view, 4> kPictures{"impulse", "step", "digit", "gradient"};
  Random random(20);
  Desk desk;
  Document& document = desk.document;
  document.open_builtin("impulse");
  desk.settle();
  std::vector<Settings> states{document.settings};
  while (states.size() < 201) {
    if (random.below(10) == 0) {
      document.open_builtin(kPictures[random.below(4)]);
      desk.settle();
    } else {
      random_edit(document.settings, document.picture_shape(), random);
      document.step(false);
    }
    if (document.settings != states.back()) states.push_back(document.settings);
  }
  desk.settle();
  for (std::size_t i = states.size() - 1; i > 0; --i) {
    REQUIRE(document.undo());
    if (random.below(3) == 0) desk.settle();
    REQUIRE(document.settings == states[i - 1]);
  }
  for (std::size_t i = 1; i < states.size(); ++i) {
    REQUIRE(document.redo());
    if (random.below(3) == 0) desk.settle();
    REQUIRE(document.settings == states[i]);
  }
  desk.settle();
  CHECK(document.settings == states.back());
  CHECK_FALSE(document.history().can_redo());
  CHECK(document.is_current());
}

TEST_CASE("selection stays inside the bank") {
  Desk desk;
  desk.document.selection.filter = 7;
  desk.document.settings.conv.bank.filters.resize(3);
  desk.settle();
  CHECK(desk.document.selection.filter == 2);
}

TEST_CASE("a session brings back the frozen B with its own picture, the chosen filter and the pinned unit") {
  const TemporaryFolder folder;
  const auto session = folder.path() / "ab.json";
  const auto picture = write_picture(folder, "b.png", 40);
  ConvSettings frozen;
  {
    Desk desk;
    desk.document.open_path(picture);
    desk.settle();
    desk.set("conv/stride_y", 2);
    desk.settle();
    desk.document.freeze_b();
    frozen = desk.document.ab.frozen();
    desk.document.open_builtin("scene");
    desk.settle();
    desk.document.ab.show = AbShow::kSwipe;
    desk.document.selection = {4, 1};
    desk.document.stack_look.pinned = UnitRef{2, {1, 3, 4}};
    REQUIRE(desk.document.save_session(session));
  }
  Desk desk;
  REQUIRE(desk.document.open_session(session));
  desk.settle();
  CHECK_FALSE(desk.has_complained());
  CHECK(desk.document.ab.kind() == BKind::kFrozen);
  CHECK(desk.document.ab.frozen() == frozen);
  CHECK(desk.document.ab.show == AbShow::kSwipe);
  REQUIRE(desk.document.ab.b());
  CHECK(desk.document.ab.b()->picture->ref.name == picture.string());
  CHECK(desk.document.ab.b()->geometry.p == 20);
  CHECK(desk.document.selection.filter == 4);
  CHECK(desk.document.selection.channel == 1);
  CHECK(desk.document.stack_look.pinned == UnitRef{2, {1, 3, 4}});
  CHECK(desk.document.picture()->title == "Scene");

  std::filesystem::remove(picture);
  Desk without;
  REQUIRE(without.document.open_session(session));
  without.settle();
  CHECK(without.has_complained());
  CHECK(without.message().find("There is no B") != std::string::npos);
  CHECK(without.document.ab.kind() == BKind::kNone);
  CHECK(without.document.selection.filter == 4);

  desk.document.new_document();
  desk.settle();
  CHECK(desk.document.ab.kind() == BKind::kNone);
  CHECK_FALSE(desk.document.stack_look.pinned);
}

TEST_CASE("a dropped net sets the layers of the stack and their weights in one step of the history") {
  const TemporaryFolder folder;
  training::TrainedModel net;
  net.model = *nn::make_model("lenet5");
  for (int i = 0; i < net.model.classes; ++i) net.preprocessing.class_names.push_back(std::to_string(i));
  net.values.assign(static_cast<std::size_t>(training::count_values(net.model)), 0.25F);
  const auto path = folder.path() / "net.safetensors";
  REQUIRE(training::save_model(path, net));
  Desk desk;
  REQUIRE(use_stack_preset(desk.document.settings.stack, "three-3x3"));
  desk.settle();
  const StackSettings before = desk.document.settings.stack;
  const std::size_t position = desk.document.history().position();
  SUBCASE("with its description in its notes") { std::filesystem::remove(training::description_path(path)); }
  SUBCASE("with a description beside it") {
    const auto read = io::read_safetensors(path);
    REQUIRE(read);
    REQUIRE(io::write_safetensors(path, read->tensors, {}));
  }
  desk.document.open_path(path);
  desk.settle();
  CHECK_MESSAGE(!desk.has_complained(), desk.message());
  CHECK(desk.document.settings.stack.model == net.model);
  CHECK(desk.document.settings.stack.has_softmax);
  CHECK(desk.document.settings.stack.weights_file == path.string());
  CHECK(desk.document.history().position() == position + 1);
  CHECK(read_weights(desk.document.settings.stack.model, path));
  desk.document.undo();
  CHECK(desk.document.settings.stack == before);
}

TEST_CASE("dropped weights without a description leave the layers as they are; broken files leave everything") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  REQUIRE(io::write_safetensors(path, std::vector<io::NamedTensor>{{"a", {1}, {2}}}, {}));
  Desk desk;
  const StackSettings before = desk.document.settings.stack;
  desk.document.open_path(path);
  desk.settle();
  CHECK(desk.document.settings.stack.model == before.model);
  CHECK(desk.document.settings.stack.weights_file == path.string());
  desk.document.undo();
  REQUIRE(io::write_file(path.parent_path() / "w.json", std::string_view("{\"layers\": 3}")));
  desk.document.open_path(path);
  CHECK(desk.has_complained());
  REQUIRE(io::write_file(path, std::string_view("PK\x03\x04 this is something else")));
  desk.document.open_path(path);
  CHECK(desk.has_complained());
  CHECK(desk.message().find("w.safetensors") != std::string::npos);
  desk.settle();
  CHECK(desk.document.settings.stack == before);
}

}  // namespace
}  // namespace convlens::model
