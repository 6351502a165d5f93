// SPDX-License-Identifier: Apache-2.0
#include "pam_module/flow/sandbox.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "pam_module/confine/landlock.h"
#include "pam_module/flow/confinement.h"

namespace sspr {

#if defined(SSPR_NO_SECCOMP)

namespace {
// A sanitizer reads and writes what a reset does not.
Status ConfineFiles(const ClientConfig*, const std::string&) { return Ok(); }
}  // namespace

#else

namespace {

constexpr std::uint16_t kNameServerPort = 53;

// /etc as a whole: hosts, resolv.conf and passwd may be replaced by new files while a person types,
// and a rule for a file would end with it. Its secrets are not readable for our user. Beneath /run:
// what name services keep there.
constexpr const char* kRead[] = {"/etc",
                                 "/usr",
                                 "/lib",
                                 "/lib64",
                                 "/run/systemd/resolve",
                                 "/run/systemd/userdb",
                                 "/run/resolvconf",
                                 "/run/NetworkManager",
                                 "/run/nscd",
                                 "/var/lib/sss",
                                 "/proc/self",
                                 "/sys/devices/system/cpu",
                                 "/dev/null",
                                 "/dev/random",
                                 "/dev/urandom"};

Status ConfineFiles(const ClientConfig* config, const std::string& plugin) {
  Landlock landlock(Landlock::Reading::kListed);
  landlock.RestrictTcp();
  for (const char* path : kRead) landlock.AllowReading(path);
  if (!plugin.empty()) landlock.AllowReading(plugin);
  if (config != nullptr) {
    for (const std::string* path :
         {&config->ca_file, &config->resume_secret_file, &config->device_key_file}) {
      if (!path->empty()) landlock.AllowReading(*path);
    }
    landlock.AllowTcp(PortOf(config->base_url));
    landlock.AllowTcp(kNameServerPort);
  }
  const Result<bool> enforced = landlock.Enforce();
  if (!enforced) return enforced.error();
  return Ok();
}

}  // namespace

#endif

std::uint16_t PortOf(const std::string& url) {
  constexpr std::string_view kScheme = "https://";
  std::string_view host = url;
  if (host.starts_with(kScheme)) host.remove_prefix(kScheme.size());
  host = host.substr(0, host.find('/'));
  if (host.starts_with('[')) host.remove_prefix(std::min(host.find(']'), host.size()));
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return 443;
  const std::string_view digits = host.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [stopped, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return fault == std::errc{} && stopped == digits.data() + digits.size() ? port : 0;
}

Status Confine(const ClientConfig* config, const std::string& plugin) {
  if (Status dropped = DropTo(config != nullptr ? config->flow_user : kDefaultFlowUser); !dropped) {
    return dropped;
  }
  if (Status files = ConfineFiles(config, plugin); !files) return files;
  return ConfineSystemCalls();
}

}  // namespace sspr
