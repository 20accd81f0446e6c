// `convlens conv`: files in, one convolution, a file out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/cli/options.h"
#include "engine/conv/accelerator.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::cli {

struct ConvOutcome {
  Shape shape;
  conv::Report report;
  double median_ms = 0;
  double gflops = 0;  // 2 * multiply-adds / median time
  // Where an accelerator ran: which one, and its median time with the transfers.
  std::string renderer;
  double total_ms = 0;
};

// Makes the accelerator behind the kernel "glsl", with the shaders of a folder where the path is not empty.
using GpuFactory = std::function<Result<std::unique_ptr<conv::Accelerator>>(const std::filesystem::path& shader_dir)>;

// Reads, convolves `repeat` times and writes the output whole, or says why not.
Result<ConvOutcome> run_conv(const ConvOptions& options, const GpuFactory& make_gpu);

// {"shape": [1,1,480,640], "kernel": ..., "isa": ..., "threads": ..., "median_ms": ..., "gflops": ...} on one line;
// an accelerator adds "renderer" and "total_ms".
std::string to_json(const ConvOutcome& outcome);
// The same for people.
std::string to_words(const ConvOutcome& outcome);

}  // namespace convlens::cli
