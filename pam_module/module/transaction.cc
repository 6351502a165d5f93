// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/transaction.h"

#include <security/pam_ext.h>
#include <syslog.h>

#include "common/base/text.h"

namespace sspr {
namespace {

void LogBadOption(pam_handle_t* pam, const char* word) noexcept {
  char shown[128];
  const std::size_t size =
      FilterForDisplay(word, Lines::kOne, std::span<char>(shown, sizeof shown - 1));
  shown[size] = '\0';
  const std::string_view service = Item(pam, PAM_SERVICE);
  pam_syslog(
      pam, LOG_ERR,
      "SSPR-P001 unknown or malformed option '%s' for pam_sspr.so in the PAM service '%.*s': "
      "no password reset is offered until it is corrected, see docs/pam-stack.md",
      shown, static_cast<int>(service.size()), service.data());
}

}  // namespace

bool Mark(pam_handle_t* pam, const char* name) noexcept {
  static constexpr char kMark = 0;
  // A constant: nothing of ours outlives the call.
  return pam_set_data(pam, name, const_cast<char*>(&kMark), nullptr) == PAM_SUCCESS;
}

bool IsMarked(pam_handle_t* pam, const char* name) noexcept {
  const void* mark = nullptr;
  return pam_get_data(pam, name, &mark) == PAM_SUCCESS;
}

std::string_view Item(pam_handle_t* pam, int type) noexcept {
  const void* item = nullptr;
  if (pam_get_item(pam, type, &item) != PAM_SUCCESS || item == nullptr) return {};
  return static_cast<const char*>(item);
}

Place PlaceOf(pam_handle_t* pam) noexcept {
  return {Item(pam, PAM_SERVICE), Item(pam, PAM_TTY), !Item(pam, PAM_RHOST).empty()};
}

bool Prepare(pam_handle_t* pam, int argc, const char** argv, Options& options,
             Secret& user) noexcept {
  const int bad = ParseOptions(argc, argv, options);
  if (bad >= 0) {
    LogBadOption(pam, argv[bad]);
    return false;
  }
  const char* name = nullptr;
  return pam_get_user(pam, &name, nullptr) == PAM_SUCCESS && name != nullptr && name[0] != '\0' &&
         user.Append(name);
}

void LogEnd(pam_handle_t* pam, const Options& options, ResetEnd end) noexcept {
  switch (end) {
    case ResetEnd::kPasswordSet:
    case ResetEnd::kNotChanged:
      return;  // sspr-flow has said more than we know
    case ResetEnd::kNotAvailable:
      pam_syslog(pam, LOG_ERR,
                 "SSPR-P004 no password reset: nobody, or nobody to be trusted, answers at %s; "
                 "start sspr-flow.socket",
                 options.socket);
      return;
    case ResetEnd::kNoAnswer:
      pam_syslog(pam, LOG_ERR, "SSPR-P005 no password reset: sspr-flow did not answer in time");
      return;
    case ResetEnd::kStopped:
      pam_syslog(pam, LOG_ERR,
                 "SSPR-P006 a password reset stopped: sspr-flow ended or broke the protocol; its "
                 "own messages say why");
      return;
  }
}

void LogNoOffer(pam_handle_t* pam, const Options& options, const char* reason) noexcept {
  if (options.debug) pam_syslog(pam, LOG_DEBUG, "SSPR-P003 no reset is offered: %s", reason);
}

bool UserChanged(pam_handle_t* pam, const Secret& user) noexcept {
  if (Item(pam, PAM_USER) == user.Reveal()) return false;
  pam_syslog(pam, LOG_ERR,
             "SSPR-P002 the user changed during the conversation: nothing is handed on");
  return true;
}

}  // namespace sspr
