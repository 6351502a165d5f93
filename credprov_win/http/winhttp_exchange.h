// SPDX-License-Identifier: Apache-2.0
// One request and its reply over WinHTTP, asynchronously. WinHTTP may call back long after we gave
// up (seconds), so the exchange, with the copy of the body that it sends from, lives until WinHTTP
// has said that it is over.
#pragma once

#include <windows.h>
// After windows.h.
#include <winhttp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "common/base/secret.h"

namespace sspr {

class WinHttpExchange {
 public:
  // What WinHTTP has said last, since the last question.
  struct News {
    DWORD status = 0;  // WINHTTP_CALLBACK_STATUS_...; 0: nothing yet
    DWORD error = 0;   // of WINHTTP_CALLBACK_STATUS_REQUEST_ERROR
    DWORD bytes = 0;   // of ..._READ_COMPLETE, ..._DATA_AVAILABLE
  };

  // Owns request, an open handle without a context. Body is copied. once: the request must not be
  // sent a second time, whatever happens to the connection.
  static std::shared_ptr<WinHttpExchange> Start(HINTERNET request, std::string_view body,
                                                bool once);
  ~WinHttpExchange() = default;
  WinHttpExchange(const WinHttpExchange&) = delete;
  WinHttpExchange& operator=(const WinHttpExchange&) = delete;

  // False: WinHTTP refuses, GetLastError says why.
  bool SendRequest(const std::wstring& headers);
  bool AskForReply();
  bool AskForData();

  // Waits at most so long.
  News Wait(std::chrono::milliseconds most);
  HINTERNET request() const noexcept { return request_; }
  std::string_view data(DWORD bytes) const noexcept { return {data_, bytes}; }
  DWORD secure_failure() const noexcept { return secure_failure_; }
  bool sent() const noexcept { return sends_ > 0; }
  bool anything_received() const noexcept { return received_ > 0; }
  bool repeat_stopped() const noexcept { return repeat_stopped_; }

  // Ends it; callbacks that are still to come find memory that lives.
  void Close();

 private:
  WinHttpExchange(HINTERNET request, bool once) : request_(request), once_(once) {}
  static void CALLBACK OnStatus(HINTERNET handle, DWORD_PTR context, DWORD status,
                                void* information, DWORD length);
  void Take(DWORD status, void* information, DWORD length);

  std::shared_ptr<WinHttpExchange> self_;  // while WinHTTP may call back
  HINTERNET request_;
  const bool once_;
  SecretBody body_;
  char data_[8192] = {};
  std::mutex lock_;
  std::condition_variable told_;
  News news_;
  std::atomic<DWORD> secure_failure_{0};
  std::atomic<DWORD> received_{0};
  std::atomic<int> sends_{0};
  std::atomic<bool> repeat_stopped_{false};
  bool closed_ = false;
};

}  // namespace sspr
