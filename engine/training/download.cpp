// libcurl's easy interface, its answers put into words.
#include "engine/training/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>

namespace convlens::training {
namespace {

namespace fs = std::filesystem;

constexpr long kConnectSeconds = 15;
constexpr long kStalledSeconds = 30;  // with under a byte per second
constexpr long kHttpRangeNotSatisfiable = 416;

struct CloseEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CloseEasy>;

// What the callbacks of one transfer share.
struct Transfer {
  const TransferHooks* hooks = nullptr;
  int file = -1;
  std::uint64_t kept = 0;  // bytes of earlier calls
  std::uint64_t done = 0;  // with those of this one
  std::uint64_t most = 0;
  int disk_error = 0;
  bool is_too_long = false;
};

std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::size_t left = size * count;
  if (transfer.done + left > transfer.most) {
    transfer.is_too_long = true;
    return 0;
  }
  while (left > 0) {
    const ssize_t written = ::write(transfer.file, bytes, left);
    if (written < 0) {
      if (errno == EINTR) continue;
      transfer.disk_error = errno;
      return 0;
    }
    bytes += written;
    left -= static_cast<std::size_t>(written);
    transfer.done += static_cast<std::uint64_t>(written);
  }
  return size * count;
}

int on_progress(void* user, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.hooks->stop.stop_requested()) return 1;
  if (transfer.hooks->on_progress) {
    const std::uint64_t all = total > 0 ? transfer.kept + static_cast<std::uint64_t>(total) : 0;
    transfer.hooks->on_progress({transfer.done, all});
  }
  return 0;
}

std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://");
  if (start == std::string::npos) return url;
  return url.substr(start + 3, url.find('/', start + 3) - start - 3);
}

std::string disk_words(const fs::path& part, int error) {
  std::string reason = std::string(std::strerror(error)) + "; check the disk and try again";
  if (error == ENOSPC || error == EDQUOT) reason = "the disk is full; free some space or choose another disk";
  if (error == EFBIG) reason = "files may not grow so large there; choose another disk";
  if (error == EACCES || error == EPERM || error == EROFS) reason = "you may not write there; choose another folder";
  return "cannot write " + part.string() + ": " + reason;
}

TransferResult in_words(CURLcode code, long status, const std::string& url, const fs::path& part,
                        const Transfer& transfer) {
  const bool was_resumed = transfer.kept > 0;
  const auto ended = [&](TransferEnd end, std::string message) {
    return TransferResult{end, std::move(message), was_resumed};
  };
  if (transfer.disk_error != 0) return ended(TransferEnd::kDisk, disk_words(part, transfer.disk_error));
  if (transfer.is_too_long) {
    return ended(TransferEnd::kRefused, url + " sends more than the file has; try another mirror");
  }
  switch (code) {
    case CURLE_OK:
      return ended(TransferEnd::kWhole, "");
    case CURLE_ABORTED_BY_CALLBACK:
      return ended(TransferEnd::kCancelled, "fetching was cancelled after " + std::to_string(transfer.done) +
                                                " bytes of " + url +
                                                "; they are kept, and fetching again goes on from there");
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return ended(TransferEnd::kRefused,
                   "cannot find " + host_of(url) + " on the network; check the network connection");
    case CURLE_COULDNT_CONNECT:
      return ended(TransferEnd::kRefused, "cannot connect to " + host_of(url) + "; check the network connection");
    case CURLE_HTTP_RETURNED_ERROR:
      return ended(TransferEnd::kRefused, url + " answers with HTTP status " + std::to_string(status) +
                                              "; try another mirror or try again later");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
      return ended(TransferEnd::kRefused, "no secure connection to " + host_of(url) + " (" + curl_easy_strerror(code) +
                                              "); check the computer's date and certificates");
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return ended(TransferEnd::kRefused, "'" + url + "' is not an http or https address; correct it");
    case CURLE_OPERATION_TIMEDOUT:
      if (transfer.done == transfer.kept) {
        return ended(TransferEnd::kRefused, host_of(url) + " does not answer; try again later");
      }
      [[fallthrough]];
    default:
      return ended(TransferEnd::kBroken, "the transfer of " + url + " broke off after " +
                                             std::to_string(transfer.done) +
                                             " bytes; they are kept, and fetching again goes on from there");
  }
}

// libcurl wants its global state made once, before threads use it.
void initialise_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

void set_up(CURL* easy, const std::string& url, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "convlens");
  curl_easy_setopt(easy, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.kept));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &transfer);
}

// One request. `cannot_resume` is set when only a fresh start can help.
TransferResult request(const std::string& url, const fs::path& part, std::uint64_t most, const TransferHooks& hooks,
                       bool& cannot_resume) {
  Transfer transfer;
  transfer.hooks = &hooks;
  transfer.most = most;
  transfer.file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (transfer.file < 0) return {TransferEnd::kDisk, disk_words(part, errno), false};
  const off_t size = ::lseek(transfer.file, 0, SEEK_END);
  transfer.kept = transfer.done = size > 0 ? static_cast<std::uint64_t>(size) : 0;

  initialise_curl();
  const Easy easy(curl_easy_init());
  CURLcode code = CURLE_FAILED_INIT;
  long status = 0;
  if (easy) {
    set_up(easy.get(), url, transfer);
    code = curl_easy_perform(easy.get());
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  }
  // Some disks tell only here that they are full. Pipes and some disks cannot sync, which is no reason to stop.
  if (code == CURLE_OK && ::fsync(transfer.file) != 0 && errno != EINVAL) transfer.disk_error = errno;
  if (::close(transfer.file) != 0 && transfer.disk_error == 0) transfer.disk_error = errno;
  cannot_resume = transfer.kept > 0 && (code == CURLE_RANGE_ERROR || status == kHttpRangeNotSatisfiable);
  return in_words(code, status, url, part, transfer);
}

}  // namespace

TransferResult download(const std::string& url, const fs::path& part, std::uint64_t most, const TransferHooks& hooks) {
  bool cannot_resume = false;
  TransferResult result = request(url, part, most, hooks, cannot_resume);
  if (!cannot_resume) return result;
  std::error_code ignored;
  fs::remove(part, ignored);
  return request(url, part, most, hooks, cannot_resume);
}

}  // namespace convlens::training
