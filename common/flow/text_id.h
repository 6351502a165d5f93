// SPDX-License-Identifier: Apache-2.0
// Every sentence that sspr-flow can say. The words are data, in common/client/texts_*.cc; the
// comments name the parameters.
#pragma once

#include <string>
#include <vector>

namespace sspr {

enum class TextId {
  kNone,  // no text at all

  // Beginning
  kIntro,
  kAskConfirm,          // user name
  kAskConfirmOrUnlock,  // user name
  kLockedOut,
  kAskUnlockOrReset,
  kLabelUnlock,
  kLabelReset,
  kCannotUnlock,
  kContacting,

  // Proofs
  kAskMethod,
  kAskSecondMethod,
  kLabelEmail,  // masked address
  kLabelEmailPlain,
  kLabelApp,
  kLabelApproval,
  kLabelHandOff,
  kSecondEmail,  // masked address
  kAskSendSecond,
  kSecondApp,
  kSecondApproval,
  kAskAskPhone,
  kApprovalNumber,       // digits
  kAskApproved,          // digits
  kAskApprovedOrOther,   // digits
  kHandOffWhere,         // address, code
  kAskHandedOff,         // code
  kAskHandedOffOrOther,  // code
  kPhoneWaited,
  kPhoneStillWaited,
  kPhoneSaidNo,
  kPhoneSilent,
  kNoOtherWayButPhone,
  kCodeSent,  // masked address
  kCodeSentPlain,
  kCodeStillGood,  // masked address
  kAskEmailCode,
  kAskEmailCodeOrOther,
  kAskAppCode,
  kAskAppCodeOrOther,
  kCodeWrongLength,  // digits
  kCodeUnreadable,
  kAppCodeEmpty,
  kWrongCode,
  kWrongCodeLeft,  // tries left
  kWrongCodeOneLeft,
  kWrongCodeNoneLeft,
  kWrongAppCodeNoneLeft,
  kResendTooEarly,  // seconds
  kNoOtherWay,
  kChoiceUnknown,

  // What the old password protects
  kOldHome,
  kOldKeyring,
  kAskOldPassword,
  kTryingOld,
  kOldTaken,
  kOldWrong,
  kAskConsent,
  kOldHomeStays,

  // New password
  kPasswordRules,       // fewest characters
  kPasswordRulesKinds,  // fewest characters, kinds
  kOldSeals,            // Windows: what the old one sealed is lost
  kAskNewPassword,
  kAskRepeat,
  kPasswordEmpty,
  kPasswordMismatch,
  kPasswordTooShort,       // fewest characters
  kPasswordTooShortForUs,  // by the service's word alone
  kPasswordTooLong,
  kPasswordUntypable,
  kPasswordTooFewKinds,  // kinds
  kPasswordForbiddenPart,
  kPasswordTooWeak,
  kPasswordTooWeakHere,  // the machine's own reason
  kPasswordUsedBefore,
  kPasswordBanned,
  kPasswordInvalid,
  kSetting,
  kUnlocking,

  // Ends
  kSet,
  kUnlocked,
  kSetInDirectory,
  kSetKeyringAside,
  kSetKeyringLeft,
  kSetHomeLeft,
  kNothingChanged,
  kUnreachable,
  kTimedOut,
  kCertificate,
  kCertificateTime,
  kSignInPage,
  kBadAnswer,
  kOutOfOrder,
  kInternal,
  kExpired,
  kTooManyAttempts,
  kTooManyAttemptsMinutes,  // minutes
  kTooManyQuestions,
  kUseAnotherWay,
  kPhoneReported,
  kNoSuchAccount,
  kEnrolDevice,
  kDeviceRevoked,
  kAskAdministrator,
  kNoMethods,
  kTooFewGates,
  kAccountNotPermitted,
  kAccountBusy,
  kMachineNotReady,
  kMachineReadOnly,
  kHomeIsPassword,
  kServiceCannotSetLocal,
  kNotSetByService,
  kOutcomeUnknown,
  kLocalLater,
  kLocalNotSet,
  kLocalUnknown,  // Windows: nothing is finished later
  kNotLocked,
  kUnlockRefused,
  kNotUnlocked,

  // Before a flow begins
  kBadConfiguration,
  kNotYourAccount,
  kUserNameRefused,

  // Outside of a flow: what a login is told that asks for a verdict
  kDemandReset,
  kDemandBlocked,
  kManagedPassword,
  kUnreadyPassword,  // address
  kReminder,         // address
  kReminderToCheck,  // address
};

inline constexpr TextId kLastTextId = TextId::kReminderToCheck;

struct Text {
  TextId id = TextId::kNone;
  std::vector<std::string> parameters = {};

  bool operator==(const Text&) const = default;
};

}  // namespace sspr
