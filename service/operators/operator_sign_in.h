// SPDX-License-Identifier: Apache-2.0
// How an operator gets in: password and authenticator code together, one verdict for both; before
// that, once, an invitation. Sessions end after a quarter of an hour without a request, after eight
// hours, and with every change of the account.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/engine/foundation.h"
#include "service/operators/operator_accounts.h"

namespace sspr::service {

struct OperatorSession {
  std::string digest;
  OperatorSessionKind kind = OperatorSessionKind::kSignedIn;
  OperatorRecord account;
  std::string sealed_secret;  // while enrolling
};

enum class SignInVerdict {
  kIn,
  kWrong,  // name, password, code or invitation: never said which
  kWait,   // too many tries, of the name or from the network
};

struct SignInAnswer {
  SignInVerdict verdict = SignInVerdict::kWrong;
  std::string token = {};  // of the new session, when kIn; 256 bits, hexadecimal
  int wait_seconds = 0;
};

struct OperatorCredentials {
  std::string_view name;
  const Secret& password;
  const Secret& code;
};

class OperatorSignIn {
 public:
  // foundation outlives it.
  explicit OperatorSignIn(Foundation& foundation)
      : foundation_(foundation), table_(*foundation.database) {}

  // Errors of all calls: kInternal, kTimedOut (no room to hash). Unknown names take as long.
  Result<SignInAnswer> SignIn(const OperatorCredentials& typed, const std::string& address);

  // Opens an enrolment; the invitation stays good until Enrol.
  Result<SignInAnswer> Redeem(std::string_view name, const Secret& invitation,
                              const std::string& address);
  // What the authenticator app is to be given; of a session that enrols.
  Result<TotpEnrolment> Enrolment(const OperatorSession& session);
  // Sets the password and the authenticator, and signs in. kPolicy, with a sentence, when the
  // password is not good enough; kDenied when the code is wrong or the invitation is spent.
  Result<std::string> Enrol(const OperatorSession& session, const Secret& password,
                            const Secret& code, const std::string& address);

  // Nothing when there is none, it is over, or the account is switched off. Counts as a request of
  // the session.
  std::optional<OperatorSession> Find(std::string_view token);
  void SignOut(const OperatorSession& session, const std::string& address);

 private:
  std::string Begin(const OperatorRecord& account, OperatorSessionKind kind,
                    const Secret* enrolling_secret);
  void Note(const char* event, const char* outcome, const OperatorRecord* account,
            const std::string& address);
  // Counts a try of the name and of the network; the reservation of the network is given back by
  // the caller when all was right.
  std::optional<SignInAnswer> Count(const std::string& subject, const std::string& address,
                                    std::string& reservation);
  bool IsCodeRight(const OperatorRecord* account, const Secret& typed, std::int64_t& step);

  Foundation& foundation_;
  OperatorTable table_;
};

}  // namespace sspr::service
