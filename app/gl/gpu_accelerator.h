// conv::Accelerator by compute shaders, with a context of its own.
#pragma once

#include "app/gl/shader_library.h"
#include "engine/conv/accelerator.h"

namespace convlens::gl {

// For any thread that has no context yet: makes one without a window. Error: no OpenGL 4.3.
Result<std::unique_ptr<conv::Accelerator>> make_gpu_accelerator(ShaderTexts texts);

}  // namespace convlens::gl
