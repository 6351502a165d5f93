// SPDX-License-Identifier: Apache-2.0
#include "pam_module/machine/machine_transport.h"

#include <ctime>

#include "common/http/curl_library.h"
#include "common/http/curl_transport.h"

namespace sspr {

UnixSeconds WallClock::Now() const { return std::time(nullptr); }

std::chrono::milliseconds WallClock::Monotonic() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
}

Result<std::unique_ptr<HttpTransport>> OpenTransportOf(const Machine& machine,
                                                       const char* program) {
  if (const Status ready = InitialiseCurl(); !ready.ok()) return ready.error();
  HttpSettings settings;
  settings.base_url = machine.client.base_url;
  settings.ca_file = machine.CaFile();
  settings.user_agent = std::string(program) + "/" SSPR_VERSION;
  Result<std::unique_ptr<CurlTransport>> made = CurlTransport::Make(std::move(settings));
  if (!made.ok()) return made.error();
  return std::unique_ptr<HttpTransport>(std::move(*made));
}

}  // namespace sspr
