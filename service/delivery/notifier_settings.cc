// SPDX-License-Identifier: Apache-2.0
#include "service/delivery/notifier_settings.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "common/base/wipe.h"

namespace sspr::service {

bool IsThisMachine(std::string_view host) {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

Result<Secret> SecretInFile(const std::string& path, std::string_view what) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) {
    return Error{Errc::kInternal, "cannot read the " + std::string(what) + " file " + path};
  }
  std::array<char, Secret::kMaxSize> bytes{};
  const ssize_t count = ::read(descriptor, bytes.data(), bytes.size());
  ::close(descriptor);
  const std::string_view text(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  std::optional<Secret> secret = Secret::CopyOf(text.substr(0, text.find_first_of("\r\n")));
  Wipe(bytes.data(), bytes.size());
  if (!secret || secret->empty() || secret->Reveal().find('\0') != std::string_view::npos) {
    return Error{Errc::kInternal, "no " + std::string(what) + " in the first line of " + path};
  }
  return std::move(*secret);
}

}  // namespace sspr::service
