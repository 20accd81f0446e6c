// Small pictures of files and built-ins, made off the frame thread and kept as textures. Bounded: the longest unseen
// go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "app/view/picture.h"

namespace convlens::ui {

struct Thumbnail {
  view::Image image;       // texture 0 while it is being made, or where none can be made
  bool is_ready = false;   // done, with or without a picture
  std::int64_t width = 0;  // of the picture itself; 0 while unknown
  std::int64_t height = 0;
  std::string error;  // why there is no picture
};

class Thumbnails {
 public:
  Thumbnails();
  ~Thumbnails();

  // Never waits: the first call asks for the thumbnail, later ones return it as far as it has come. Call for what is
  // visible only; the references live until the next collect().
  const Thumbnail& of_file(const std::filesystem::path& path, std::filesystem::file_time_type changed);
  const Thumbnail& of_builtin(std::string_view name);
  // Once a frame before the calls above: uploads what is ready and forgets what has long not been asked for.
  void collect();
  // Something that was asked for lately is not there yet.
  bool is_busy() const;

  // Longer side of a thumbnail, in texture pixels.
  static constexpr int kSide = 192;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace convlens::ui
