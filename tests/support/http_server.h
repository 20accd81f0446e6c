// A small HTTP server on this machine for tests: files from memory, with the misbehaviour of real mirrors on demand.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace convlens {

class HttpServer {
 public:
  using Bytes = std::vector<std::uint8_t>;
  struct File {
    Bytes body;
    bool knows_ranges = true;
    // Bytes of the body after which the connection is cut, counted per answer; only this many times.
    std::size_t cut_after = SIZE_MAX;
    int cuts = 0;
    int status = 200;
    // The answer's body never ends: the connection stays open without a byte until the server stops.
    bool stalls = false;
  };

  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "http://127.0.0.1:PORT/"
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  void set(const std::string& name, File file);
  // "NAME from START" of every request so far, in order.
  std::vector<std::string> requests() const;

 private:
  void serve();
  void answer(int connection);

  int port_ = 0;  // written when the listener is made
  int listener_ = -1;
  std::atomic<bool> is_stopping_{false};
  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// An address on this machine where nobody listens.
std::string address_without_server();

}  // namespace convlens
