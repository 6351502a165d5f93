// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/front_ends.h"

#include <algorithm>
#include <array>

#include "pam_module/module/profile.h"

namespace sspr::doctor {
namespace {

using Kind = FrontEndKind;

constexpr std::string_view kOneText =
    "it answers every prompt with the one text that was typed, so no reset begins there";

constexpr auto kFrontEnds = std::to_array<FrontEnd>({
    {"login", Kind::kWhole, ""},
    {"vlock", Kind::kWhole, ""},
    {"su", Kind::kWhole, ""},
    {"su-l", Kind::kWhole, ""},
    {"sudo", Kind::kWhole, ""},
    {"gdm-password", Kind::kWhole, ""},
    {"lightdm", Kind::kPartly,
     "its greeters show no prompt, or cut it, and only the last message before one"},
    {"xscreensaver", Kind::kPartly, "each message has to be confirmed with OK"},
    {"xsecurelock", Kind::kPartly, "messages are shown one at a time, for a few seconds"},
    {"mate-screensaver", Kind::kPartly, "only the last message before a prompt is shown"},
    {"cinnamon-screensaver", Kind::kPartly, "it was not tried"},
    {"gnome-screensaver", Kind::kPartly, "it was not tried"},
    {"kde", Kind::kPartly,
     "it does not clear its field between two prompts, so each answer has to be typed into an "
     "emptied field, and may be seen at a visible one"},
    {"sshd", Kind::kRemote, "logins through it are remote"},
    {"remote", Kind::kRemote, "logins through it are remote"},
    {"vsftpd", Kind::kRemote, "logins through it are remote"},
});

}  // namespace

std::optional<FrontEnd> FindFrontEnd(std::string_view service) {
  if (ProfileOf(service).one_answer) return FrontEnd{service, Kind::kOneAnswer, kOneText};
  const auto found = std::ranges::find(kFrontEnds, service, &FrontEnd::service);
  if (found == kFrontEnds.end()) return std::nullopt;
  return *found;
}

}  // namespace sspr::doctor
