// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/password_quality.h"

#include <pwquality.h>

#include <memory>
#include <string>
#include <utility>

namespace sspr::setpw {
namespace {

struct FreeSettings {
  void operator()(pwquality_settings_t* settings) const noexcept {
    pwquality_free_settings(settings);
  }
};

std::string Sentence(int code, void* auxiliary) {
  char buffer[PWQ_MAX_ERROR_MESSAGE_LEN];
  const char* const text = pwquality_strerror(buffer, sizeof buffer, code, auxiliary);
  return text == nullptr ? std::string() : std::string(text);
}

bool IsOwnFault(int code) {
  return code == PWQ_ERROR_FATAL_FAILURE || code == PWQ_ERROR_MEM_ALLOC ||
         code == PWQ_ERROR_CFGFILE_OPEN || code == PWQ_ERROR_CFGFILE_MALFORMED;
}

// Without cracklib-runtime there is no dictionary, and cracklib refuses every password.
// Untranslated: this program sets no locale.
bool LacksDictionary(int code, const std::string& sentence) {
  return code == PWQ_ERROR_CRACKLIB_CHECK && sentence.ends_with("error loading dictionary");
}

}  // namespace

std::optional<Rejection> CheckPasswordQuality(const Secret& password, const std::string& account,
                                              const MachinePolicy& policy) {
  const std::unique_ptr<pwquality_settings_t, FreeSettings> settings(pwquality_default_settings());
  if (settings == nullptr) return Rejection{RejectionReason::kInternal, "no memory"};
  void* auxiliary = nullptr;
  const int read = pwquality_read_config(settings.get(), policy.quality_file.c_str(), &auxiliary);
  // Without the file the library's defaults hold, as for pam_pwquality.
  if (read != 0 && read != PWQ_ERROR_CFGFILE_OPEN) {
    return Rejection{RejectionReason::kInternal, Sentence(read, auxiliary)};
  }
  for (const std::string& option : policy.quality_options) {
    // What the library does not know is an argument of the PAM module alone (retry_first_pass...).
    pwquality_set_option(settings.get(), option.c_str());
  }
  int enforcing = 1;
  pwquality_get_int_value(settings.get(), PWQ_SETTING_ENFORCING, &enforcing);
  if (enforcing == 0) return std::nullopt;
  for (const bool last_try : {false, true}) {
    const int score = pwquality_check(settings.get(), password.RevealTerminated(), nullptr,
                                      account.c_str(), &auxiliary);
    if (score >= 0) return std::nullopt;
    std::string sentence = Sentence(score, auxiliary);
    if (!last_try && LacksDictionary(score, sentence)) {
      pwquality_set_int_value(settings.get(), PWQ_SETTING_DICT_CHECK, 0);
      continue;
    }
    return Rejection{IsOwnFault(score) ? RejectionReason::kInternal : RejectionReason::kTooWeak,
                     std::move(sentence)};
  }
  return std::nullopt;
}

}  // namespace sspr::setpw
