// The slot between two threads.
#include "app/model/mailbox.h"

#include <doctest/doctest.h>

#include <memory>
#include <thread>

namespace convlens::model {
namespace {

TEST_CASE("the newest value replaces what was not taken") {
  Mailbox<int> mailbox;
  CHECK(mailbox.empty());
  CHECK_FALSE(mailbox.take());
  CHECK_FALSE(mailbox.put(1));
  CHECK(mailbox.put(2) == 1);
  CHECK_FALSE(mailbox.empty());
  CHECK(mailbox.take() == 2);
  CHECK(mailbox.empty());
}

TEST_CASE("values move through") {
  Mailbox<std::unique_ptr<int>> mailbox;
  mailbox.put(std::make_unique<int>(5));
  const auto taken = mailbox.take();
  REQUIRE(taken);
  CHECK(**taken == 5);
}

TEST_CASE("between threads values arrive in order, and the last one arrives") {
  constexpr int kLast = 20000;
  Mailbox<int> mailbox;
  std::jthread writer([&] {
    for (int i = 1; i <= kLast; ++i) mailbox.put(i);
  });
  int seen = 0;
  while (seen < kLast) {
    if (const auto value = mailbox.take()) {
      REQUIRE(*value > seen);
      seen = *value;
    } else {
      std::this_thread::yield();
    }
  }
  CHECK(seen == kLast);
}

}  // namespace
}  // namespace convlens::model
