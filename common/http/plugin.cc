// SPDX-License-Identifier: Apache-2.0
// The one symbol of libsspr_http.so; http_settings.h says what it does.
#include <exception>
#include <memory>
#include <utility>

#include "common/http/curl_transport.h"
#include "common/http/http_settings.h"

extern "C" __attribute__((visibility("default"))) sspr::HttpTransport* sspr_http_open(
    const sspr::HttpSettings* settings) {
  try {
    auto transport = sspr::CurlTransport::Make(*settings);
    return transport.ok() ? std::move(transport).value().release() : nullptr;
  } catch (const std::exception&) {
    return nullptr;
  }
}
