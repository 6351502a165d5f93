// SPDX-License-Identifier: Apache-2.0
#include "common/client/resume_key.h"

namespace sspr {
namespace {

constexpr std::size_t kShortestSecret = 16;

}  // namespace

std::vector<unsigned char> ResumeKey(const Secret& secret, std::string_view user,
                                     std::string_view terminal) {
  if (terminal.empty() || secret.size() < kShortestSecret) return {};
  std::string message = "SSPR resume v1";
  for (const std::string_view part : {user, terminal}) {
    message += '\0';
    message += part;
  }
  return ResumeHmac(secret, message);
}

}  // namespace sspr
