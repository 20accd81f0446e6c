// Runs the clipboard tools as child processes with a time limit.
#include "app/ui/clipboard_image.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

extern char** environ;

namespace convlens::ui {
namespace {

using Clock = std::chrono::steady_clock;
using Bytes = std::vector<std::uint8_t>;

constexpr auto kPatience = std::chrono::seconds(3);
constexpr std::size_t kMostBytes = 512U << 20U;
constexpr std::array kTypes{"image/png", "image/jpeg", "image/bmp"};

// Reads until the end, the deadline or the limit; nothing in the latter two cases.
std::optional<Bytes> read_all(int from, Clock::time_point deadline) {
  Bytes bytes;
  std::array<std::uint8_t, 65536> block{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{.fd = from, .events = POLLIN, .revents = 0};
    if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) <= 0) return std::nullopt;
    const ssize_t count = read(from, block.data(), block.size());
    if (count < 0 || bytes.size() > kMostBytes) return std::nullopt;
    if (count == 0) return bytes;
    bytes.insert(bytes.end(), block.begin(), block.begin() + count);
  }
}

struct Output {
  bool is_installed = false;
  Bytes bytes;  // empty where the tool failed
};

Output run(std::vector<std::string> command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const bool is_started = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  Output output;
  if (is_started) {
    std::optional<Bytes> bytes = read_all(ends[0], Clock::now() + kPatience);
    // A tool that keeps its output open, or never answers, is not waited for.
    if (!bytes) kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    const bool is_missing = WIFEXITED(status) && WEXITSTATUS(status) == 127;
    output.is_installed = !is_missing;
    if (bytes && WIFEXITED(status) && WEXITSTATUS(status) == 0) output.bytes = std::move(*bytes);
  }
  close(ends[0]);
  return output;
}

std::vector<std::string> command_for(bool is_wayland, const std::string& type) {
  if (is_wayland) return {"wl-paste", "--no-newline", "--type", type};
  return {"xclip", "-selection", "clipboard", "-target", type, "-out"};
}

}  // namespace

ClipboardPicture read_clipboard_image() {
  const bool has_wayland = std::getenv("WAYLAND_DISPLAY") != nullptr;
  bool is_installed = false;
  for (const bool is_wayland : {true, false}) {
    if (is_wayland && !has_wayland) continue;
    for (const char* type : kTypes) {
      Output output = run(command_for(is_wayland, type));
      if (!output.bytes.empty()) return {std::move(output.bytes), {}};
      if (!output.is_installed) break;
      is_installed = true;
    }
  }
  if (is_installed) return {{}, "There is no picture, matrix or file path on the clipboard."};
  return {{},
          has_wayland ? "Pasting a picture needs the program wl-paste: install the package wl-clipboard."
                      : "Pasting a picture needs the program xclip: install the package xclip."};
}

void ClipboardImage::follow(Ui& ui) {
  if (ui.requests.paste_image) {
    ui.requests.paste_image = false;
    no_image_ = std::move(ui.requests.no_image);
    if (!under_way_.valid()) under_way_ = std::async(std::launch::async, read_clipboard_image);
  }
  if (!under_way_.valid()) return;
  if (under_way_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    ui.wake_in(0.03);
    return;
  }
  ClipboardPicture picture = under_way_.get();
  if (!picture.bytes.empty()) {
    ui.document.paste_picture(std::move(picture.bytes));
  } else {
    ui.document.complain(no_image_.empty() ? picture.why_not : no_image_);
  }
}

}  // namespace convlens::ui
