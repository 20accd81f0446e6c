// Fetching from a server on this machine that behaves like good and bad mirrors.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/io/file.h"
#include "engine/io/gzip.h"
#include "engine/io/md5.h"
#include "engine/training/download.h"
#include "engine/training/fetch.h"
#include "tests/support/http_server.h"
#include "tests/support/temporary_folder.h"

namespace convlens::training {
namespace {

using Bytes = std::vector<std::uint8_t>;

// What deflate cannot shrink, so that a transfer has some length.
Bytes noise(std::uint64_t seed, std::size_t size) {
  Random random(seed);
  Bytes bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  return bytes;
}

// Two files on a server, and what a fetch should make of them.
struct Mirror {
  Mirror() {
    server.set("first.gz", {packed_first});
    server.set("second.gz", {packed_second});
  }

  Result<FetchReport> fetch(const std::filesystem::path& folder, std::vector<std::string> mirrors = {}) {
    FetchOptions options;
    options.mirrors = mirrors.empty() ? std::vector{server.address()} : std::move(mirrors);
    options.on_progress = [this](const FetchProgress& told) { progress.push_back(told); };
    options.stop = stop.get_token();
    return fetch_files(files, folder, options);
  }

  HttpServer server;
  Bytes first = noise(1, 300'000), second = noise(2, 40'000);
  Bytes packed_first = io::gzip(first), packed_second = io::gzip(second);
  std::string first_md5 = io::md5_hex(first), second_md5 = io::md5_hex(second);
  std::vector<RemoteFile> files = {{"first", first_md5}, {"second", second_md5}};
  std::vector<FetchProgress> progress;
  std::stop_source stop;
};

// While it lives, no file of this process may grow beyond `bytes`: writing fails as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    handler_before_ = ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_before_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_before_ = SIG_DFL;
};

std::string failure(const Result<FetchReport>& report) { return report ? "no error" : report.error().message; }

bool says(const std::string& message, const std::string& words) {
  return message.find(words) != std::string::npos && message.find('\n') == std::string::npos;
}

TEST_CASE("MD5 sums are the standard's") {
  const auto sum = [](const std::string& text) {
    return io::md5_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  };
  CHECK(sum("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(sum("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST_CASE("files are fetched whole, once") {
  Mirror mirror;
  const TemporaryFolder folder;
  const std::filesystem::path deep = folder / "new" / "deeper";
  const Result<FetchReport> report = mirror.fetch(deep);
  REQUIRE_MESSAGE(report.ok(), failure(report));
  CHECK(report->fetched == 2);
  CHECK(report->already_there == 0);
  CHECK(io::read_file(deep / "first.gz").value() == mirror.packed_first);
  CHECK(io::read_file(deep / "second.gz").value() == mirror.packed_second);
  REQUIRE(!mirror.progress.empty());
  CHECK(mirror.progress.back().file == "second");
  CHECK(mirror.progress.back().file_number == 2);
  CHECK(mirror.progress.back().file_count == 2);
  CHECK(mirror.progress.back().done == mirror.packed_second.size());
  CHECK(mirror.progress.back().total == mirror.packed_second.size());

  const Result<FetchReport> again = mirror.fetch(deep);
  REQUIRE(again.ok());
  CHECK(again->fetched == 0);
  CHECK(again->already_there == 2);
  CHECK(mirror.server.requests().size() == 2);
}

TEST_CASE("an unpacked file with the right sum counts as there; a wrong one is made good") {
  Mirror mirror;
  const TemporaryFolder folder;
  REQUIRE(io::write_file(folder / "first", mirror.first).ok());
  REQUIRE(io::write_file(folder / "second.gz", mirror.packed_first).ok());
  const Result<FetchReport> report = mirror.fetch(folder.path());
  REQUIRE_MESSAGE(report.ok(), failure(report));
  CHECK(report->already_there == 1);
  CHECK(report->fetched == 1);
  CHECK(io::read_file(folder / "second.gz").value() == mirror.packed_second);
}

TEST_CASE("a transfer that breaks off is gone on with, within a call and by the next one") {
  Mirror mirror;
  const TemporaryFolder folder;
  mirror.server.set("first.gz", {.body = mirror.packed_first, .cut_after = 100'000, .cuts = 2});
  REQUIRE(mirror.fetch(folder.path()).ok());
  CHECK(mirror.server.requests() == std::vector<std::string>{"first.gz from 0", "first.gz from 100000",
                                                             "first.gz from 200000", "second.gz from 0"});
  CHECK(folder.count_files() == 2);

  const TemporaryFolder other;
  mirror.server.set("first.gz", {.body = mirror.packed_first, .cut_after = 1000, .cuts = 1000});
  const std::string message = failure(mirror.fetch(other.path()));
  CHECK_MESSAGE(says(message, "broke off after 4000 bytes"), message);
  CHECK(io::read_file(other / "first.gz.part").value().size() == 4000);
  CHECK_FALSE(std::filesystem::exists(other / "first.gz"));
  mirror.server.set("first.gz", {mirror.packed_first});
  REQUIRE(mirror.fetch(other.path()).ok());
  CHECK(mirror.server.requests()[mirror.server.requests().size() - 2] == "first.gz from 4000");
  CHECK(io::read_file(other / "first.gz").value() == mirror.packed_first);
  CHECK(other.count_files() == 2);
}

TEST_CASE("a server that cannot go on starts over; a part that is whole or too long is no trap") {
  Mirror mirror;
  for (const bool knows_ranges : {false, true}) {
    for (const std::size_t have : {std::size_t{5000}, mirror.packed_first.size(), mirror.packed_first.size() + 10}) {
      CAPTURE(knows_ranges);
      CAPTURE(have);
      const TemporaryFolder folder;
      Bytes part = mirror.packed_first;
      part.resize(have, 7);
      REQUIRE(io::write_file(folder / "first.gz.part", part).ok());
      mirror.server.set("first.gz", {.body = mirror.packed_first, .knows_ranges = knows_ranges});
      const Result<FetchReport> report = mirror.fetch(folder.path());
      REQUIRE_MESSAGE(report.ok(), failure(report));
      CHECK(io::read_file(folder / "first.gz").value() == mirror.packed_first);
      CHECK(folder.count_files() == 2);
    }
  }
}

TEST_CASE("a part with the wrong beginning is thrown away") {
  Mirror mirror;
  const TemporaryFolder folder;
  REQUIRE(io::write_file(folder / "first.gz.part", Bytes(5000, 1)).ok());
  REQUIRE(mirror.fetch(folder.path()).ok());
  CHECK(io::read_file(folder / "first.gz").value() == mirror.packed_first);
}

TEST_CASE("a wrong file is refused, and the next mirror asked") {
  Mirror mirror, good;
  const TemporaryFolder folder;
  REQUIRE(io::write_file(folder / "first.gz", Bytes{1, 2, 3}).ok());
  mirror.server.set("first.gz", {mirror.packed_second});
  std::string message = failure(mirror.fetch(folder.path()));
  CHECK_MESSAGE(says(message, "MD5 sum is " + mirror.second_md5 + " instead of " + mirror.first_md5), message);
  CHECK(io::read_file(folder / "first.gz").value() == Bytes{1, 2, 3});
  CHECK(folder.count_files() == 1);

  const std::string text = "<html>Please log in to this network</html>";
  mirror.server.set("first.gz", {Bytes(text.begin(), text.end())});
  message = failure(mirror.fetch(folder.path()));
  CHECK_MESSAGE(says(message, "is not the right file"), message);

  const Result<FetchReport> report = mirror.fetch(folder.path(), {mirror.server.address(), good.server.address()});
  REQUIRE_MESSAGE(report.ok(), failure(report));
  CHECK(io::read_file(folder / "first.gz").value() == mirror.packed_first);
}

TEST_CASE("what cannot be reached is said in a sentence, and leaves nothing behind") {
  Mirror mirror;
  const TemporaryFolder folder;
  std::string message = failure(mirror.fetch(folder.path(), {address_without_server()}));
  CHECK_MESSAGE(says(message, "cannot connect to 127.0.0.1"), message);
  message = failure(mirror.fetch(folder.path(), {mirror.server.address() + "nothing/"}));
  CHECK_MESSAGE(says(message, "HTTP status 404"), message);
  mirror.server.set("first.gz", {.body = mirror.packed_first, .status = 503});
  message = failure(mirror.fetch(folder.path()));
  CHECK_MESSAGE(says(message, "HTTP status 503"), message);
  message = failure(mirror.fetch(folder.path(), {"file:///etc/"}));
  CHECK_MESSAGE(says(message, "is not an http or https address"), message);
  CHECK(folder.count_files() == 0);

  REQUIRE(io::write_file(folder / "file", Bytes{1}).ok());
  message = failure(mirror.fetch(folder / "file"));
  CHECK_MESSAGE(says(message, "cannot make the folder"), message);
}

TEST_CASE("cancelling keeps what has come") {
  Mirror mirror;
  const TemporaryFolder folder;
  FetchOptions options;
  options.mirrors = {mirror.server.address()};
  options.stop = mirror.stop.get_token();
  options.on_progress = [&](const FetchProgress& progress) {
    if (progress.done > 0) mirror.stop.request_stop();
  };
  mirror.server.set("first.gz", {.body = mirror.packed_first, .cut_after = 90'000, .cuts = 1, .stalls = true});
  const std::string message = failure(fetch_files(mirror.files, folder.path(), options));
  CHECK_MESSAGE(says(message, "cancelled"), message);
  const std::size_t kept = io::read_file(folder / "first.gz.part").value().size();
  CHECK(kept > 0);
  CHECK(kept <= 90'000);
}

TEST_CASE("a full disk ends the fetch with a sentence") {
  Mirror mirror;
  const TemporaryFolder folder;
  mirror.server.set("first.gz", {mirror.packed_first});
  {
    const FileSizeLimit limit(65536);
    const TransferResult result = download(mirror.server.address() + "first.gz", folder / "part", 1u << 30, {});
    CHECK(result.end == TransferEnd::kDisk);
    CHECK_MESSAGE(says(result.message, "may not grow so large"), result.message);
    const std::string message = failure(mirror.fetch(folder.path()));
    CHECK_MESSAGE(says(message, "cannot write"), message);
  }
  REQUIRE(mirror.fetch(folder.path()).ok());
  CHECK(io::read_file(folder / "first.gz").value() == mirror.packed_first);
}

TEST_CASE("an answer without end is cut") {
  Mirror mirror;
  const TemporaryFolder folder;
  const TransferResult result = download(mirror.server.address() + "first.gz", folder / "part", 50'000, {});
  CHECK(result.end == TransferEnd::kRefused);
  CHECK_MESSAGE(says(result.message, "sends more than the file has"), result.message);
}

TEST_CASE("MNIST is known by its published sums") {
  REQUIRE(mnist_files().size() == 4);
  for (const RemoteFile& file : mnist_files()) CHECK(file.md5.size() == 32);
  CHECK(mnist_files()[0].md5 == "6bbc9ace898e44ae57da46a324031adb");
  CHECK(mnist_mirrors().size() >= 2);
  for (const std::string& mirror : mnist_mirrors()) {
    CHECK(mirror.starts_with("https://"));
    CHECK(mirror.ends_with("/"));
  }
}

}  // namespace
}  // namespace convlens::training
