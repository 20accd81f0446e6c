// Words of the Train workspace: names of data, sentences of its state, why Reset must wait.
#include <doctest/doctest.h>

#include "app/ui/train_controls.h"
#include "app/ui/train_files.h"

using namespace convlens::ui;

TEST_CASE("data are called as people call them") {
  CHECK(data_title("synthetic:12000") == "Synthetic digits");
  CHECK(data_title("synthetic") == "Synthetic digits");
  CHECK(data_title("mnist:/home/somebody/digits") == "MNIST");
  CHECK(data_title("idx:/data/Fashion-MNIST") == "Fashion-MNIST");
  CHECK(data_title("idx:/data/mnist/") == "MNIST");
  CHECK(data_title("idx:/data/emnist-letters") == "emnist-letters");
  CHECK(data_title("folder:/pictures/my flowers") == "my flowers");
  CHECK(data_title("folder:/") == "folder:/");
}

TEST_CASE("words become sentences once") {
  CHECK(as_sentence("") == "");
  CHECK(as_sentence("training diverged at step 3") == "Training diverged at step 3.");
  CHECK(as_sentence("Paused.") == "Paused.");
  CHECK(as_sentence("reading…") == "Reading…");
}
