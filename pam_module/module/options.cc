// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/options.h"

#include <stdlib.h>

namespace sspr {
namespace {

constexpr std::string_view kLocalServices =
    "login,gdm-password,lightdm,sddm,kde,xscreensaver,i3lock,swaylock,xsecurelock,mate-screensaver,"
    "cinnamon-screensaver,gnome-screensaver,vlock";

constexpr std::string_view kOneAnswerServices = "i3lock,swaylock";

bool IsListed(std::string_view list, std::string_view service) noexcept {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::size_t length = comma == std::string_view::npos ? list.size() : comma;
    if (std::string_view(list.data(), length) == service) return true;
    list.remove_prefix(comma == std::string_view::npos ? length : length + 1);
  }
  return false;
}

bool IsServiceList(std::string_view list) noexcept {
  for (const char c : list) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '.' && c != '_' && c != '-' && c != ',') return false;
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
Language HostLanguage() noexcept {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = getenv(name);
    if (value != nullptr && value[0] != '\0') return LanguageOf(value);
  }
  return Language::kEnglish;
}

bool ParseOne(const char* argument, Options& options, bool& has_language) noexcept {
  std::string_view word = argument;
  if (Take(word, "trigger=")) {
    options.trigger = word == "failure" ? Trigger::kFailure : Trigger::kPrompt;
    return word == "failure" || word == "prompt";
  }
  if (Take(word, "socket=")) {
    options.socket = word.data();
    return word.starts_with('/');
  }
  if (Take(word, "services=")) {
    options.adds_services = Take(word, "+");
    options.services = word;
    return IsServiceList(word);
  }
  if (Take(word, "word=")) {
    options.word = word;
    return !word.empty();
  }
  if (Take(word, "empty=")) {
    options.empty = word == "yes" ? Empty::kTriggers : Empty::kIsAPassword;
    return word == "yes" || word == "no";
  }
  if (Take(word, "lang=")) {
    has_language = true;
    options.language = LanguageOf(word);
    return word == "en" || word == "de";
  }
  options.debug = true;
  return word == "debug";
}

}  // namespace

int ParseOptions(int argc, const char** argv, Options& options) noexcept {
  bool has_language = false;
  for (int i = 0; i < argc; ++i) {
    if (!ParseOne(argv[i], options, has_language)) return i;
  }
  if (!has_language) options.language = HostLanguage();
  return -1;
}

bool OffersReset(const Options& options, std::string_view service) noexcept {
  if (IsListed(options.services, service)) return true;
  const bool built_in = options.services.empty() || options.adds_services;
  return built_in && IsListed(kLocalServices, service);
}

bool EmptyTriggers(const Options& options, std::string_view service) noexcept {
  switch (options.empty) {
    case Empty::kByService:
      return !IsListed(kOneAnswerServices, service);
    case Empty::kTriggers:
      return true;
    case Empty::kIsAPassword:
      return false;
  }
  return false;
}

}  // namespace sspr
