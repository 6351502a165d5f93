// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/audience.h"

#include <pwd.h>
#include <security/pam_modutil.h>
#include <string.h>

namespace sspr {
namespace {

constexpr std::size_t kLongestName = 255;

bool Passes(const NameLists& lists, std::string_view name) noexcept {
  if (IsListed(lists.denied, name)) return false;
  return lists.allowed.empty() || IsListed(lists.allowed, name);
}

std::string_view WithoutDev(std::string_view terminal) noexcept {
  constexpr std::string_view kDev = "/dev/";
  if (terminal.starts_with(kDev)) terminal.remove_prefix(kDev.size());
  return terminal;
}

bool IsMemberOfAny(pam_handle_t* pam, const char* user, std::string_view groups) noexcept {
  while (!groups.empty()) {
    const std::size_t comma = groups.find(',');
    const std::size_t length = comma == std::string_view::npos ? groups.size() : comma;
    char group[kLongestName + 1];
    if (length <= kLongestName) {
      memcpy(group, groups.data(), length);
      group[length] = '\0';
      if (pam_modutil_user_in_group_nam_nam(pam, user, group) == 1) return true;
    }
    groups.remove_prefix(comma == std::string_view::npos ? length : length + 1);
  }
  return false;
}

}  // namespace

const char* ReasonAgainstPlace(const Options& options, const Place& place) noexcept {
  if (place.remote) return "the login is remote";
  if (!OffersReset(options, place.service)) return "the PAM service is not listed";
  if (!Passes(options.ttys, WithoutDev(place.terminal))) return "the terminal is not listed";
  return nullptr;
}

const char* ReasonAgainstUser(pam_handle_t* pam, const Options& options,
                              const Secret& user) noexcept {
  const std::string_view name = user.Reveal();
  if (name == "root") return "root is never reset";
  if (!Passes(options.users, name)) return "the user is not listed";
  if (!options.groups.written() && !options.uids.written()) return nullptr;
  const char* terminated = user.RevealTerminated();
  const passwd* entry = pam_modutil_getpwnam(pam, terminated);
  if (entry == nullptr) return nullptr;
  if (entry->pw_uid < options.uids.first || entry->pw_uid > options.uids.last) {
    return "the user number is out of the range";
  }
  if (IsMemberOfAny(pam, terminated, options.groups.denied)) return "the group is denied";
  if (!options.groups.allowed.empty() && !IsMemberOfAny(pam, terminated, options.groups.allowed)) {
    return "the group is not listed";
  }
  return nullptr;
}

}  // namespace sspr
