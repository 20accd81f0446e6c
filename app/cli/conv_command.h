// `convlens conv`: files in, one convolution, a file out.
#pragma once

#include <cstdint>
#include <string>

#include "app/cli/options.h"
#include "engine/core/error.h"
#include "engine/core/tensor.h"

namespace convlens::cli {

struct ConvOutcome {
  Shape shape;
  conv::Report report;
  double median_ms = 0;
  double gflops = 0;  // 2 * multiply-adds / median time
};

// Reads, convolves `repeat` times and writes the output whole, or says why not.
Result<ConvOutcome> run_conv(const ConvOptions& options);

// {"shape": [1,1,480,640], "kernel": ..., "isa": ..., "threads": ..., "median_ms": ..., "gflops": ...} on one line.
std::string to_json(const ConvOutcome& outcome);
// The same for people.
std::string to_words(const ConvOutcome& outcome);

}  // namespace convlens::cli
