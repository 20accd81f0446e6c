// conv::Accelerator by compute shaders, with a context of its own.
#pragma once

#include <filesystem>
#include <memory>

#include "app/gl/shader_library.h"
#include "engine/conv/accelerator.h"

namespace convlens::gl {

// For any thread that has no context yet: makes one without a window. Error: no OpenGL 4.3.
Result<std::unique_ptr<conv::Accelerator>> make_gpu_accelerator(ShaderTexts texts);

// The same with the shaders of a folder, or the embedded ones where the path is empty.
Result<std::unique_ptr<conv::Accelerator>> gpu_with_shaders_of(const std::filesystem::path& folder);

}  // namespace convlens::gl
