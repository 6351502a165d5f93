// SPDX-License-Identifier: Apache-2.0
#include "common/flow/texts_for.h"

namespace sspr {

Text TextFor(ServiceFailure failure) {
  switch (failure) {
    case ServiceFailure::kUnreachable:
      return {TextId::kUnreachable};
    case ServiceFailure::kTimedOut:
      return {TextId::kTimedOut};
    case ServiceFailure::kCertificate:
      return {TextId::kCertificate};
    case ServiceFailure::kCertificateTime:
      return {TextId::kCertificateTime};
    case ServiceFailure::kSignInPage:
      return {TextId::kSignInPage};
    case ServiceFailure::kBadAnswer:
      return {TextId::kBadAnswer};
    case ServiceFailure::kOutOfOrder:
      return {TextId::kOutOfOrder};
    case ServiceFailure::kInternal:
      return {TextId::kInternal};
  }
  return {TextId::kInternal};
}

Text TextFor(const Refused& refused) {
  switch (refused.next) {
    case Refused::Next::kStartAgain:
      return {TextId::kExpired};
    case Refused::Next::kComeBackLater:
      if (!refused.retry_seconds) return {TextId::kTooManyAttempts};
      return {TextId::kTooManyAttemptsMinutes,
              {std::to_string((*refused.retry_seconds + 59) / 60)}};
    case Refused::Next::kWaitLonger:
      return {TextId::kTooManyAttempts};
    case Refused::Next::kPhoneReported:
      return {TextId::kPhoneReported};
    case Refused::Next::kUseAnotherWay:
      return {TextId::kUseAnotherWay};
    case Refused::Next::kNoSuchAccount:
      return {TextId::kNoSuchAccount};
    case Refused::Next::kEnrolDevice:
      return {TextId::kEnrolDevice};
    case Refused::Next::kDeviceRevoked:
      return {TextId::kDeviceRevoked};
    case Refused::Next::kNotLocked:
      return {TextId::kNotLocked};
    case Refused::Next::kUnlockDisabled:
      return {TextId::kUnlockRefused};
    case Refused::Next::kAskAdministrator:
      return {TextId::kAskAdministrator};
    case Refused::Next::kWait:
    case Refused::Next::kPhoneSaidNo:
    case Refused::Next::kPhoneSilent:
    case Refused::Next::kTypeCodeAgain:
    case Refused::Next::kPassSecondGate:
    case Refused::Next::kOtherPassword:
      return {TextId::kBadAnswer};  // out of its place
  }
  return {TextId::kInternal};
}

Text TextFor(RefusalReason reason) {
  switch (reason) {
    case RefusalReason::kNotPermitted:
      return {TextId::kAccountNotPermitted};
    case RefusalReason::kBusy:
      return {TextId::kAccountBusy};
    case RefusalReason::kReadOnly:
      return {TextId::kMachineReadOnly};
    case RefusalReason::kNotLocal:
    case RefusalReason::kNotEnrolled:
    case RefusalReason::kInternal:
      return {TextId::kMachineNotReady};
  }
  return {TextId::kMachineNotReady};
}

Text TextFor(PasswordFault fault) {
  switch (fault) {
    case PasswordFault::kTooWeak:
      return {TextId::kPasswordTooWeak};
    case PasswordFault::kTooShort:
      return {TextId::kPasswordTooShortForUs};
    case PasswordFault::kTooLong:
      return {TextId::kPasswordTooLong};
    case PasswordFault::kRecentlyUsed:
      return {TextId::kPasswordUsedBefore};
    case PasswordFault::kBanned:
      return {TextId::kPasswordBanned};
    case PasswordFault::kInvalid:
      return {TextId::kPasswordInvalid};
  }
  return {TextId::kPasswordInvalid};
}

Text TextFor(RuleBroken broken, const PasswordRules& rules) {
  switch (broken) {
    case RuleBroken::kUntypable:
      return {TextId::kPasswordUntypable};
    case RuleBroken::kTooShort:
      return {TextId::kPasswordTooShort, {std::to_string(rules.min_length)}};
    case RuleBroken::kTooLong:
      return {TextId::kPasswordTooLong};
    case RuleBroken::kTooFewKinds:
      return {TextId::kPasswordTooFewKinds, {std::to_string(rules.min_kinds)}};
    case RuleBroken::kForbiddenPart:
      return {TextId::kPasswordForbiddenPart};
  }
  return {TextId::kPasswordInvalid};
}

}  // namespace sspr
