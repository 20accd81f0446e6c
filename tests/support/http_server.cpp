// One connection at a time on a loopback socket; every answer closes it.
#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace convlens {
namespace {

// A listening socket on a free port, which is written to `port`.
int listen_on_loopback(int& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, 8) != 0 || ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the test server cannot listen on 127.0.0.1");
  }
  port = ntohs(address.sin_port);
  return listener;
}

bool is_ready(int socket, int milliseconds) {
  pollfd wanted{socket, POLLIN, 0};
  return ::poll(&wanted, 1, milliseconds) > 0;
}

void send_all(int connection, const void* data, std::size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(connection, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

std::string read_request(int connection) {
  std::string text;
  char buffer[2048];
  while (text.find("\r\n\r\n") == std::string::npos && is_ready(connection, 2000)) {
    const ssize_t got = ::recv(connection, buffer, sizeof(buffer), 0);
    if (got <= 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

HttpServer::HttpServer() : listener_(listen_on_loopback(port_)), thread_([this] { serve(); }) {}

HttpServer::~HttpServer() {
  is_stopping_ = true;
  thread_.join();
  ::close(listener_);
}

void HttpServer::set(const std::string& name, File file) {
  const std::lock_guard lock(mutex_);
  files_[name] = std::move(file);
}

std::vector<std::string> HttpServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void HttpServer::serve() {
  while (!is_stopping_) {
    if (!is_ready(listener_, 20)) continue;
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    answer(connection);
    ::close(connection);
  }
}

void HttpServer::answer(int connection) {
  const std::string request = read_request(connection);
  const std::size_t start = request.find('/') + 1;
  const std::string name = request.substr(start, request.find(' ', start) - start);
  const std::size_t range = request.find("Range: bytes=");
  const std::size_t from = range == std::string::npos
                               ? 0
                               : static_cast<std::size_t>(std::strtoull(request.c_str() + range + 13, nullptr, 10));

  File file;
  file.status = 404;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(name + " from " + std::to_string(from));
    const auto found = files_.find(name);
    if (found != files_.end()) {
      file = found->second;
      if (found->second.cuts > 0) {
        --found->second.cuts;
      } else {
        file.cut_after = SIZE_MAX;
      }
    }
  }
  const std::size_t size = file.body.size();
  const bool is_part = file.status == 200 && file.knows_ranges && range != std::string::npos;
  std::string head;
  if (is_part && from >= size) {
    head = "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */" + std::to_string(size) + "\r\n";
    file.body.clear();
  } else if (is_part) {
    head = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) + "-" +
           std::to_string(size - 1) + "/" + std::to_string(size) + "\r\n";
    file.body.erase(file.body.begin(), file.body.begin() + static_cast<std::ptrdiff_t>(from));
  } else {
    head = "HTTP/1.1 " + std::to_string(file.status) + " Answer\r\n";
  }
  head += "Content-Length: " + std::to_string(file.body.size()) + "\r\nConnection: close\r\n\r\n";
  send_all(connection, head.data(), head.size());
  send_all(connection, file.body.data(), std::min(file.body.size(), file.cut_after));
  while (file.stalls && !is_stopping_) is_ready(connection, 20);
}

std::string address_without_server() {
  int port = 0;
  ::close(listen_on_loopback(port));
  return "http://127.0.0.1:" + std::to_string(port) + "/";
}

}  // namespace convlens
