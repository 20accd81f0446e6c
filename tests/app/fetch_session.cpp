// Fetching beside the frame: progress, outcomes, cancelling.
#include "app/model/fetch_session.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "app/model/user_folders.h"
#include "engine/io/file.h"
#include "tests/support/http_server.h"
#include "tests/support/temporary_folder.h"

namespace convlens::model {
namespace {

// The outcome, however long it takes; ctest's own limit ends what never comes.
Result<training::FetchReport> outcome(FetchSession& session) {
  for (;;) {
    if (auto end = session.take()) return std::move(*end);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void wait_for_end(const FetchSession& session) {
  while (session.is_under_way()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

// A variable of the environment, until the end of a block.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_CASE("a mirror with other files is told, after the progress was") {
  HttpServer server;
  server.set("train-images-idx3-ubyte.gz", {std::vector<std::uint8_t>(1'000'000, 7)});
  const TemporaryFolder folder;
  std::atomic<int> calls = 0;
  FetchSession session([&] { ++calls; });
  CHECK_FALSE(session.is_under_way());
  session.begin(folder.path() / "mnist", {server.address()});
  const auto end = outcome(session);
  REQUIRE_FALSE(end);
  CHECK(end.error().message.find("is not the right file") != std::string::npos);
  wait_for_end(session);
  CHECK(session.state().file == "train-images-idx3-ubyte");
  CHECK(session.state().file_number == 1);
  CHECK(session.state().file_count == 4);
  CHECK(session.state().done > 0);
  CHECK(session.state().share > 0);
  CHECK(session.state().share < 0.9);  // of all four
  CHECK(calls > 0);
  CHECK_FALSE(has_mnist(folder.path() / "mnist"));
}

TEST_CASE("where nobody answers, the next try can be made") {
  const TemporaryFolder folder;
  FetchSession session({});
  for (int i = 0; i < 2; ++i) {
    session.begin(folder.path() / "mnist", {address_without_server()});
    CHECK_FALSE(outcome(session));
    wait_for_end(session);
  }
}

TEST_CASE("a cancelled fetch ends without an outcome, and so does one whose session goes") {
  HttpServer server;
  HttpServer::File endless{std::vector<std::uint8_t>(1000, 1)};
  endless.stalls = true;
  server.set("train-images-idx3-ubyte.gz", endless);
  const TemporaryFolder folder;
  {
    FetchSession session({});
    session.begin(folder.path() / "mnist", {server.address()});
    CHECK(session.is_under_way());
    session.cancel();
    wait_for_end(session);
    CHECK_FALSE(session.take());
  }
  FetchSession session({});
  session.begin(folder.path() / "mnist", {server.address()});
}

TEST_CASE("MNIST is there when all four files are, packed or not") {
  const TemporaryFolder folder;
  CHECK_FALSE(has_mnist(folder.path()));
  for (const training::RemoteFile& file : training::mnist_files()) {
    CHECK_FALSE(has_mnist(folder.path()));
    const std::string ending = file.name.starts_with("train") ? ".gz" : "";
    REQUIRE(io::write_file(folder.path() / (std::string(file.name) + ending), "x"));
  }
  CHECK(has_mnist(folder.path()));
}

TEST_CASE("folders and mirrors come from the environment") {
  {
    const Variable data("XDG_DATA_HOME", "/somewhere/data");
    CHECK(mnist_folder() == "/somewhere/data/convlens/mnist");
  }
  {
    const Variable data("XDG_DATA_HOME", "not/absolute");
    const Variable state("XDG_STATE_HOME", "/s");
    const Variable config("XDG_CONFIG_HOME", "");
    const Variable home("HOME", "/home/somebody");
    CHECK(data_folder() == "/home/somebody/.local/share/convlens");
    CHECK(config_folder() == "/home/somebody/.config/convlens");
    CHECK(state_folder() == "/s/convlens");
  }
  {
    const Variable none("CONVLENS_MNIST_MIRROR", "");
    CHECK(chosen_mirrors() == training::mnist_mirrors());
  }
  const Variable mirror("CONVLENS_MNIST_MIRROR", "http://one/a http://two/");
  CHECK(chosen_mirrors() == std::vector<std::string>{"http://one/a/", "http://two/"});
}

}  // namespace
}  // namespace convlens::model
