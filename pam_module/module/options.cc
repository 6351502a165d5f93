// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/options.h"

#include <stdlib.h>

#include "common/base/text.h"

namespace sspr {
namespace {

constexpr std::string_view kLocalServices =
    "login,gdm-password,lightdm,sddm,kde,xscreensaver,i3lock,swaylock,xsecurelock,mate-screensaver,"
    "cinnamon-screensaver,gnome-screensaver,vlock";
constexpr std::string_view kDefaultAccount = "forgot";

// Names of accounts, groups, services and terminals, separated by commas.
bool IsNameList(std::string_view list) noexcept {
  constexpr std::string_view kMarks = "._-+@\\/:*,";
  for (const char c : list) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && kMarks.find(c) == std::string_view::npos) return false;
  }
  return !list.empty();
}

// Cuts "key=" off the front of word; false when word begins otherwise.
bool Take(std::string_view& word, std::string_view key) noexcept {
  if (!word.starts_with(key)) return false;
  word.remove_prefix(key.size());
  return true;
}

// The language of the host's locale, without touching the host's locale.
std::optional<Language> HostLanguage() noexcept {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = getenv(name);
    if (value != nullptr && value[0] != '\0') return LanguageOf(value);
  }
  return std::nullopt;
}

bool ParseNumber(std::string_view digits, std::uint32_t& number) noexcept {
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > UINT32_MAX) return false;
  }
  number = static_cast<std::uint32_t>(value);
  return !digits.empty();
}

bool ParseUids(std::string_view word, UidRange& range) noexcept {
  const std::size_t dash = word.find('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view first(word.data(), dash);
  const std::string_view last(word.data() + dash + 1, word.size() - dash - 1);
  if (!ParseNumber(first, range.first)) return false;
  return (last.empty() || ParseNumber(last, range.last)) && range.first <= range.last;
}

// Whether word was one of the lists; sound says whether it was well formed.
bool ParseLists(std::string_view word, Options& options, bool& sound) noexcept {
  const struct {
    std::string_view key;
    std::string_view& list;
  } kLists[] = {
      {"services=", options.services.allowed}, {"no_services=", options.services.denied},
      {"users=", options.users.allowed},       {"no_users=", options.users.denied},
      {"groups=", options.groups.allowed},     {"no_groups=", options.groups.denied},
      {"ttys=", options.ttys.allowed},         {"no_ttys=", options.ttys.denied},
  };
  for (const auto& one : kLists) {
    if (!Take(word, one.key)) continue;
    if (&one.list == &options.services.allowed) options.adds_services = Take(word, "+");
    one.list = word;
    const bool of_groups =
        &one.list == &options.groups.allowed || &one.list == &options.groups.denied;
    sound = IsNameList(word) && !(of_groups && word.find('*') != std::string_view::npos);
    return true;
  }
  return false;
}

// Whether word was one of the times; sound says whether it was well formed.
bool ParseTimes(std::string_view word, Options& options, bool& sound) noexcept {
  std::uint32_t number = 0;
  if (Take(word, "limit=")) {
    sound = ParseNumber(word, number) && number >= 100 && number <= 10'000;
    options.limit = std::chrono::milliseconds(number);
    return true;
  }
  if (!Take(word, "idle=")) return false;
  sound = ParseNumber(word, number) && number >= 30 && number <= 300;
  options.idle = std::chrono::seconds(number);
  return true;
}

bool ParseTrigger(std::string_view word, Trigger& trigger) noexcept {
  if (word == "failure") {
    trigger = Trigger::kFailure;
  } else if (word == "account") {
    trigger = Trigger::kAccount;
  } else if (word == "demand") {
    trigger = Trigger::kDemand;
  } else {
    trigger = Trigger::kPrompt;
    return word == "prompt";
  }
  return true;
}

void SetLanguage(std::optional<Language> language, Options& options) noexcept {
  options.language_known = language.has_value();
  options.language = language.value_or(Language::kEnglish);
}

bool ParseOne(const char* argument, Options& options) noexcept {
  std::string_view word = argument;
  bool sound = true;
  if (ParseLists(word, options, sound) || ParseTimes(word, options, sound)) return sound;
  if (Take(word, "trigger=")) return ParseTrigger(word, options.trigger);
  if (Take(word, "uids=")) return ParseUids(word, options.uids);
  if (Take(word, "socket=")) {
    options.socket = word.data();
    return word.starts_with('/');
  }
  if (Take(word, "account=")) {
    options.account = word;
    return IsCarriableUserName(word);
  }
  if (Take(word, "word=")) {
    options.word = word;
    return !word.empty();
  }
  if (Take(word, "empty=")) {
    options.empty = word == "yes" ? Empty::kTriggers : Empty::kIsAPassword;
    return word == "yes" || word == "no";
  }
  if (Take(word, "profile=")) {
    options.profile = ProfileNamed(word);
    return options.profile != nullptr;
  }
  if (Take(word, "unreachable=")) {
    options.closed = word == "closed";
    return options.closed || word == "open";
  }
  if (Take(word, "lang=")) {
    SetLanguage(LanguageOf(word), options);
    return options.language_known && word == LanguageTag(options.language);
  }
  if (word == "ask_new") {
    options.asks_new = true;
    return true;
  }
  options.debug = true;
  return word == "debug";
}

}  // namespace

int ParseOptions(int argc, const char** argv, Options& options) noexcept {
  for (int i = 0; i < argc; ++i) {
    if (!ParseOne(argv[i], options)) return i;
  }
  if (!options.language_known) SetLanguage(HostLanguage(), options);
  if (options.trigger == Trigger::kAccount && options.account.empty()) {
    options.account = kDefaultAccount;
  }
  return -1;
}

bool OffersReset(const Options& options, std::string_view service) noexcept {
  if (IsListed(options.services.denied, service)) return false;
  if (IsListed(options.services.allowed, service)) return true;
  const bool built_in = options.services.allowed.empty() || options.adds_services;
  return built_in && IsListed(kLocalServices, service);
}

const Profile& ProfileFor(const Options& options, std::string_view service) noexcept {
  return options.profile != nullptr ? *options.profile : ProfileOf(service);
}

bool EmptyTriggers(const Options& options, const Profile& profile) noexcept {
  switch (options.empty) {
    case Empty::kByService:
      return !profile.one_answer;
    case Empty::kTriggers:
      return true;
    case Empty::kIsAPassword:
      return false;
  }
  return false;
}

}  // namespace sspr
