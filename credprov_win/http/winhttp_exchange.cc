// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/http/winhttp_exchange.h"

#include <utility>

namespace sspr {

std::shared_ptr<WinHttpExchange> WinHttpExchange::Start(HINTERNET request, std::string_view body,
                                                        bool once) {
  std::shared_ptr<WinHttpExchange> made(new WinHttpExchange(request, once));
  DWORD_PTR context = reinterpret_cast<DWORD_PTR>(made.get());
  const bool fits = made->body_.Append(body);
  if (!fits || WinHttpSetStatusCallback(request, OnStatus, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS,
                                        0) == WINHTTP_INVALID_STATUS_CALLBACK) {
    WinHttpCloseHandle(request);
    return nullptr;
  }
  made->self_ = made;
  if (!WinHttpSetOption(request, WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof context)) {
    made->self_.reset();
    WinHttpSetStatusCallback(request, nullptr, WINHTTP_CALLBACK_FLAG_ALL_NOTIFICATIONS, 0);
    WinHttpCloseHandle(request);
    return nullptr;
  }
  return made;
}

bool WinHttpExchange::SendRequest(const std::wstring& headers) {
  const std::span<char> bytes = body_.Bytes();
  const auto size = static_cast<DWORD>(bytes.size());
  return WinHttpSendRequest(request_, headers.c_str(), static_cast<DWORD>(headers.size()),
                            size > 0 ? bytes.data() : nullptr, size, size,
                            reinterpret_cast<DWORD_PTR>(this));
}

bool WinHttpExchange::AskForReply() { return WinHttpReceiveResponse(request_, nullptr); }

bool WinHttpExchange::AskForData() {
  return WinHttpReadData(request_, data_, sizeof data_, nullptr);
}

WinHttpExchange::News WinHttpExchange::Wait(std::chrono::milliseconds most) {
  std::unique_lock<std::mutex> locked(lock_);
  told_.wait_for(locked, most, [this] { return news_.status != 0; });
  return std::exchange(news_, News{});
}

void WinHttpExchange::Close() {
  {
    const std::lock_guard<std::mutex> locked(lock_);
    if (std::exchange(closed_, true)) return;
  }
  WinHttpCloseHandle(request_);
}

void CALLBACK WinHttpExchange::OnStatus(HINTERNET, DWORD_PTR context, DWORD status,
                                        void* information, DWORD length) {
  if (context == 0) return;
  auto* self = reinterpret_cast<WinHttpExchange*>(context);
  if (status == WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING) {
    // The last that we hear of it.
    const std::shared_ptr<WinHttpExchange> last = std::move(self->self_);
    return;
  }
  self->Take(status, information, length);
}

void WinHttpExchange::Take(DWORD status, void* information, DWORD length) {
  bool end = false;
  {
    const std::lock_guard<std::mutex> locked(lock_);
    switch (status) {
      case WINHTTP_CALLBACK_STATUS_SENDING_REQUEST:
        // A connection that broke after the request went out: WinHTTP would send it again.
        if (++sends_ > 1 && once_) {
          repeat_stopped_ = true;
          news_ = {WINHTTP_CALLBACK_STATUS_REQUEST_ERROR, ERROR_WINHTTP_CONNECTION_ERROR, 0};
          end = !std::exchange(closed_, true);
        }
        break;
      case WINHTTP_CALLBACK_STATUS_RESPONSE_RECEIVED:
        if (information != nullptr) received_ += *static_cast<const DWORD*>(information);
        return;
      case WINHTTP_CALLBACK_STATUS_SECURE_FAILURE:
        secure_failure_ = *static_cast<const DWORD*>(information);
        break;
      case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
      case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE:
        news_ = {status, 0, 0};
        break;
      case WINHTTP_CALLBACK_STATUS_READ_COMPLETE:
        news_ = {status, 0, length};
        break;
      case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
        news_ = {status, static_cast<const WINHTTP_ASYNC_RESULT*>(information)->dwError, 0};
        break;
      default:
        return;
    }
  }
  told_.notify_all();
  if (end) WinHttpCloseHandle(request_);
}

}  // namespace sspr
