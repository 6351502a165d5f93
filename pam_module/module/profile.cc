// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/profile.h"

namespace sspr {
namespace {

constexpr Profile kProfiles[] = {
    {.name = "console",
     .services = "login,su,su-l,sudo,sudo-i,passwd",
     .columns = 79,
     .joins_messages = false,
     .visible_after_hidden = true,
     .draws_codes = true,
     .changes_passwords = true,
     .shows_reminders = true},
    // A console that asks for the password and for nothing behind it: no account, no session.
    {.name = "console-lock",
     .services = "vlock",
     .columns = 79,
     .joins_messages = false,
     .visible_after_hidden = true,
     .draws_codes = true},
    // GDM and the lock screen of GNOME queue messages, each for some seconds, and cut what stands
    // in a field or in a list.
    {.name = "gdm",
     .services = "gdm-password,gdm-launch-environment",
     .prompt_columns = 25,
     .choice_columns = 17,
     .changes_passwords = true},
    // The GTK greeter shows the last message only, no prompt where there was a message, and grows
    // with its lines beyond the edges of the screen.
    {.name = "lightdm",
     .services = "lightdm",
     .columns = 60,
     .prompt_columns = 0,
     .changes_passwords = true},
    // kscreenlocker: one line that the next message overwrites, a field that is not emptied.
    {.name = "kde",
     .services = "kde",
     .one_line = true,
     .prompt_columns = 0,
     .keeps_answers = true},
    // Each message is a box that waits for "OK".
    {.name = "xscreensaver", .services = "xscreensaver", .shows_waits = false},
    {.name = "one-answer",
     .services = "sddm,i3lock,swaylock",
     .one_answer = true,
     .shows_waits = false},
    // The last one serves whatever is not named: mate-screensaver and xsecurelock were seen to be
    // so.
    {.name = "plain", .services = ""},
};
constexpr const Profile& kPlain = kProfiles[sizeof kProfiles / sizeof kProfiles[0] - 1];

}  // namespace

const Profile& ProfileOf(std::string_view service) noexcept {
  for (const Profile& profile : kProfiles) {
    if (IsListed(profile.services, service)) return profile;
  }
  return kPlain;
}

const Profile* ProfileNamed(std::string_view name) noexcept {
  for (const Profile& profile : kProfiles) {
    if (name == profile.name) return &profile;
  }
  return nullptr;
}

std::string_view WithoutKept(std::string_view answer, std::string_view last, bool hidden) noexcept {
  if (!answer.starts_with(last)) return answer;
  if (answer.size() == last.size() && hidden) return answer;
  answer.remove_prefix(last.size());
  return answer;
}

bool IsListed(std::string_view list, std::string_view name) noexcept {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::size_t length = comma == std::string_view::npos ? list.size() : comma;
    std::string_view entry(list.data(), length);
    if (entry == name) return true;
    if (entry.ends_with('*')) {
      entry.remove_suffix(1);
      if (name.starts_with(entry)) return true;
    }
    list.remove_prefix(comma == std::string_view::npos ? length : length + 1);
  }
  return false;
}

}  // namespace sspr
