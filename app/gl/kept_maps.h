// Maps on their way from the context that computes them to the one that draws them, and the shelf that their textures
// come back to. Both contexts share their objects.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "app/gl/conv_compute.h"
#include "engine/conv/accelerator.h"

namespace convlens::gl {

class MapShelf;

// A texture array of maps, layer n * K + k. Written once, by MapShelf's owner, before anybody else has it; goes back to
// the shelf when nobody has it any more, on any thread.
class KeptMaps : public conv::DeviceMaps {
 public:
  KeptMaps(std::shared_ptr<MapShelf> shelf, GpuMaps maps);
  ~KeptMaps() override;
  KeptMaps(const KeptMaps&) = delete;
  KeptMaps& operator=(const KeptMaps&) = delete;

  Shape shape() const override { return maps_.shape; }
  const GpuMaps& maps() const { return maps_; }
  GLuint texture() const { return maps_.texture.name(); }
  // After commands that read the texture, in the one context that draws: before they are done it is not written again.
  void was_read() const;

 private:
  std::shared_ptr<MapShelf> shelf_;
  GpuMaps maps_;
  mutable GLsync read_ = nullptr;
};

// Textures that nobody looks at any more, to be written again: three results live at once during a drag (shown, waiting
// to be shown, being computed), so two of them can be spare. Made by make_shared.
class MapShelf : public std::enable_shared_from_this<MapShelf> {
 public:
  MapShelf() = default;
  MapShelf(const MapShelf&) = delete;
  MapShelf& operator=(const MapShelf&) = delete;

  // Room for maps of `shape`: a texture from the shelf that nothing reads any more, or a new one. Frees what is too
  // much on the shelf. Called where a context of the group is current. Error: as ConvCompute::make_maps().
  Result<std::shared_ptr<KeptMaps>> take(const Shape& shape, const ConvCompute& compute);
  // Frees what is on the shelf; called where a context of the group is current.
  void clear();
  // The same for the last time: what comes back later goes with the contexts.
  void close();

  struct Counts {
    int textures = 0;  // that exist
    int spare = 0;     // of them, on the shelf
  };
  Counts counts() const;

 private:
  friend class KeptMaps;
  struct Spare {
    GpuMaps maps;
    GLsync read = nullptr;  // null: never read
  };
  static bool is_idle(const Spare& spare);
  void give(Spare spare);
  void free_first(std::size_t count);

  mutable std::mutex mutex_;
  std::vector<Spare> spares_;  // the oldest first
  int textures_ = 0;
  bool is_closed_ = false;
};

}  // namespace convlens::gl
