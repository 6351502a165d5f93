// SPDX-License-Identifier: Apache-2.0
// Names on the wire, shared by the clients and the service: paths, parameters, error words.
// docs/protocol.md says what they mean and where they come from.
#pragma once

namespace sspr::wire {

// Below the base URL https://host/tenant.
inline constexpr char kConfigurationPath[] = "/.well-known/sspr-configuration";
inline constexpr char kStartPath[] = "/resetpassword/v1.0/start";
inline constexpr char kIntrospectPath[] = "/resetpassword/v1.0/introspect";
inline constexpr char kChallengePath[] = "/resetpassword/v1.0/challenge";
inline constexpr char kContinuePath[] = "/resetpassword/v1.0/continue";
inline constexpr char kHandOffPath[] = "/resetpassword/v1.0/handoff";
inline constexpr char kSubmitPath[] = "/resetpassword/v1.0/submit";
inline constexpr char kUnlockPath[] = "/resetpassword/v1.0/unlock";
inline constexpr char kPollPath[] = "/resetpassword/v1.0/poll_completion";
inline constexpr char kPolicyPath[] = "/resetpassword/v1.0/policy";
inline constexpr char kTransactionPath[] = "/resetpassword/v1.0/transaction";
inline constexpr char kSignInInitiatePath[] = "/oauth2/v2.0/initiate";
inline constexpr char kSignInChallengePath[] = "/oauth2/v2.0/challenge";
inline constexpr char kSignInIntrospectPath[] = "/oauth2/v2.0/introspect";
inline constexpr char kRegisterIntrospectPath[] = "/register/v1.0/introspect";
inline constexpr char kRegisterChallengePath[] = "/register/v1.0/challenge";
inline constexpr char kRegisterContinuePath[] = "/register/v1.0/continue";
inline constexpr char kRiskPath[] = "/risk/v1.0/users";
inline constexpr char kRiskSignInPath[] = "/risk/v1.0/signin";
inline constexpr char kRegisterStatePath[] = "/register/v1.0/state";
inline constexpr char kRegisterSnoozePath[] = "/register/v1.0/snooze";
inline constexpr char kEnrollPath[] = "/devices/v1.0/enroll";
inline constexpr char kHeartbeatPath[] = "/devices/v1.0/heartbeat";
inline constexpr char kTokenPath[] = "/oauth2/v2.0/token";

// Capabilities that a client announces at /start; a server that does not know them ignores them.
inline constexpr char kCapabilityIntrospect[] = "reset_introspect";  // method lists, inline too
inline constexpr char kCapabilityTwoGates[] = "reset_mfa_required";  // a second gate at /continue
inline constexpr char kCapabilityFinalSubmit[] = "reset_final_submit";  // /submit may end the flow

// No local password is set: the permit unlocks.
inline constexpr char kCapabilityUnlockPermit[] = "reset_unlock_permit";
inline constexpr char kCapabilityHandOff[] = "handoff";  // a phone may give the proofs
inline constexpr char kCapabilityPush[] = "push";        // shows a number and waits for a phone

// And at /initiate or /start, Microsoft's own, for what follows the password.
inline constexpr char kCapabilityMfa[] = "mfa_required";
inline constexpr char kCapabilityRegistration[] = "registration_required";

// operation of /start
inline constexpr char kOperationReset[] = "reset";
inline constexpr char kOperationUnlock[] = "unlock";

// challenge_type
inline constexpr char kTypeOob[] = "oob";
inline constexpr char kTypeTotp[] = "totp";
inline constexpr char kTypeQuestions[] = "questions";
inline constexpr char kTypeRecoveryCode[] = "recovery_code";
inline constexpr char kTypeTemporaryPass[] = "tap";
inline constexpr char kTypePasskey[] = "passkey";  // on the portal's pages alone
inline constexpr char kTypePassword[] = "password";
inline constexpr char kTypeRedirect[] = "redirect";

// challenge_channel of an approval
inline constexpr char kChannelPush[] = "push";

// grant_type of a client whose person goes on at a phone (RFC 8628)
inline constexpr char kGrantDeviceCode[] = "urn:ietf:params:oauth:grant-type:device_code";

}  // namespace sspr::wire
