// conv::Accelerator by compute shaders, with a context of its own or beside the window's.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "app/gl/shader_library.h"
#include "engine/conv/accelerator.h"

namespace convlens::gl {

class WorkerContext;

// The shader texts that accelerators on other threads are to use from their next call on. Thread-safe.
class SharedShaders {
 public:
  explicit SharedShaders(ShaderTexts texts) : texts_(std::move(texts)) {}
  void set(ShaderTexts texts);
  struct Version {
    ShaderTexts texts;
    std::uint64_t revision = 0;
  };
  Version get() const;
  std::uint64_t revision() const { return revision_; }

 private:
  mutable std::mutex mutex_;
  ShaderTexts texts_;
  std::atomic<std::uint64_t> revision_{1};
};

// Whether the driver takes the compute shaders of these texts, in whatever OpenGL 4.3 context is current. Error: its
// log.
Status check_compute_shaders(const ShaderTexts& texts);

// For any thread that has no context yet: makes one without a window. Error: no OpenGL 4.3.
Result<std::unique_ptr<conv::Accelerator>> make_gpu_accelerator(std::shared_ptr<const SharedShaders> shaders);
// The same in the context beside the window's, which outlives it: there it keeps maps on the GPU. Where that one is not
// open or in use, as above.
Result<std::unique_ptr<conv::Accelerator>> make_gpu_accelerator(std::shared_ptr<const SharedShaders> shaders,
                                                                WorkerContext& beside);

// For the main thread of a program without a window, with the shaders of a folder, or the embedded ones where the path
// is empty. Opens a hidden window where there is no other way.
Result<std::unique_ptr<conv::Accelerator>> gpu_with_shaders_of(const std::filesystem::path& folder);

}  // namespace convlens::gl
