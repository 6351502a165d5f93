// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/front_ends.h"

#include <algorithm>
#include <array>

namespace sspr::doctor {
namespace {

using Kind = FrontEndKind;

constexpr std::string_view kOneText =
    "it answers every prompt with the one text that was typed, so no reset begins there";

constexpr auto kOfProfiles = std::to_array<FrontEnd>({
    {"console", Kind::kWhole, ""},
    {"console-lock", Kind::kWhole, ""},
    {"gdm", Kind::kWhole, ""},
    {"lightdm", Kind::kPartly,
     "its greeters show no prompt, or cut it, and only the last message before one"},
    {"kde", Kind::kPartly,
     "it does not clear its field between two prompts, so nothing is asked visibly, and what is "
     "typed behind the last answer counts"},
    {"xscreensaver", Kind::kPartly, "each message has to be confirmed with OK"},
    {"one-answer", Kind::kOneAnswer, kOneText},
});

// Those that no profile names.
constexpr auto kOthers = std::to_array<FrontEnd>({
    {"xsecurelock", Kind::kPartly, "messages are shown one at a time, for a few seconds"},
    {"mate-screensaver", Kind::kPartly, "only the last message before a prompt is shown"},
    {"cinnamon-screensaver", Kind::kPartly, "it was not tried"},
    {"gnome-screensaver", Kind::kPartly, "it was not tried"},
    {"sshd", Kind::kRemote, "logins through it are remote"},
    {"remote", Kind::kRemote, "logins through it are remote"},
    {"vsftpd", Kind::kRemote, "logins through it are remote"},
});

}  // namespace

std::optional<FrontEnd> FindFrontEnd(std::string_view service, std::string_view profile) {
  for (const FrontEnd& known : kOfProfiles) {
    if (known.service == profile) return FrontEnd{service, known.kind, known.what};
  }
  const auto found = std::ranges::find(kOthers, service, &FrontEnd::service);
  if (found == kOthers.end()) return std::nullopt;
  return *found;
}

}  // namespace sspr::doctor
