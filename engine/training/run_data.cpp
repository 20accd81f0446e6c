// From the words of a run's data to what its description says about them.
#include "engine/training/run_data.h"

#include <algorithm>
#include <utility>

namespace convlens::training {

Result<DataParts> open_data_for(const std::string& data, std::uint64_t seed, const nn::ModelSpec& model,
                                const std::vector<std::string>& class_names, const Parallel& parallel) {
  const bool is_picture_kind = model.channels == 1 || model.channels == 3;
  const PictureFolderOptions pictures{model.height, model.width, is_picture_kind ? model.channels : 0, class_names};
  auto parts = open_data(data, seed, pictures, parallel);
  if (!parts) return parts;
  if (auto fits = check_fit(model, *parts->train.data); !fits) return fits.error();
  return parts;
}

Result<RunData> measure_data(DataParts parts) {
  const std::vector<std::int64_t> counts = count_classes(parts.train);
  if (std::ranges::count_if(counts, [](std::int64_t count) { return count > 0; }) < 2) {
    return Error{
        "all training pictures are of one class, so that there is nothing to learn: choose data with two or more"};
  }
  RunData data{std::move(parts), {}, {}};
  data.fingerprint = fingerprint(data.parts.train);
  data.preprocessing = measure_preprocessing(data.parts.train);
  return data;
}

}  // namespace convlens::training
