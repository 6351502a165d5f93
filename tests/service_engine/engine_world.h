// SPDX-License-Identifier: Apache-2.0
// The real engine on a real database, with a clock in the test's hand and the mails in memory.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/permit/permit.h"
#include "common/permit/permit_keys.h"
#include "service/engine/foundation.h"
#include "tests/fakes/fake_clock.h"
#include "tests/postgresql/test_database.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {

struct SentMail {
  std::string to;
  std::string subject;
  std::string text;
  Channel channel = Channel::kMail;
};

inline constexpr char kClient[] = "login";
inline constexpr char kOpenClient[] = "msal";  // unknown users are told
inline constexpr char kOldPassword[] = "the old one was long enough";
inline constexpr char kNewPassword[] = "river stone lantern gravel";

// The extension, with the methods that are on by default and stand alone.
inline constexpr Capabilities kExtended{
    .introspect = true, .two_gates = true, .final_submit = true, .totp = true};

// Every word of it.
inline constexpr Capabilities kEveryMethod{.introspect = true,
                                           .two_gates = true,
                                           .final_submit = true,
                                           .totp = true,
                                           .questions = true,
                                           .recovery_code = true,
                                           .temporary_pass = true};

template <typename T>
const T* Value(const Reply<T>& reply) {
  return std::get_if<T>(&reply);
}
// The refusal's code; kInternal stands for "not refused" in a failed expectation's message only.
template <typename T>
const Refusal* RefusalIn(const Reply<T>& reply) {
  return std::get_if<Refusal>(&reply);
}
template <typename T>
std::string Outcome(const Reply<T>& reply);
std::string OutcomeName(RefusalCode code);

template <typename T>
std::string Outcome(const Reply<T>& reply) {
  if (Value(reply) != nullptr) return "ok";
  if (std::holds_alternative<Redirect>(reply)) return "redirect";
  return OutcomeName(RefusalIn(reply)->code);
}

Secret Hidden(std::string_view text);

// What an app with this raw secret shows at that time.
std::string AppCodeAt(const std::string& secret, UnixSeconds at);

class EngineWorld {
 public:
  EngineWorld();

  // Closes everything and opens it again, as a restart does.
  void Restart();
  // The same with this filter of leaked passwords.
  void UseBreachFilter(const std::string& path) {
    settings_.breach_filter_file = path;
    Restart();
  }
  void UsePublicUrl(const std::string& url) {
    settings_.public_url = url;
    Restart();
  }
  FlowService& engine() { return *engine_; }
  AdminService& admin() { return *admin_; }
  Foundation& foundation() { return *foundation_; }
  FakeClock& clock() { return clock_; }
  const EngineSettings& settings() const { return settings_; }
  const test::ScratchFolder& folder() const { return folder_; }

  // A user with kOldPassword and an e-mail address NAME@example.org.
  void AddUser(const std::string& name);
  // Her authenticator; kept for AppCode.
  void AddApp(const std::string& name);
  // The code that the app shows at now + drift seconds.
  std::string AppCode(const std::string& name, UnixSeconds drift = 0) const;
  void SetPolicy(std::string_view key, std::string_view value);

  std::vector<SentMail> Mails() const;
  // The digits of the last mail to the address; empty when there is none.
  std::string LastCode(const std::string& address) const;
  // The digits at the start of the last text message to the number; empty when there is none.
  std::string LastTextCode(const std::string& number) const;
  std::size_t CodesSent() const;
  std::string LogText() const;
  std::string AuditText() const { return folder_.Read("audit.jsonl"); }

  Caller From(std::string address = "192.0.2.7", std::string client = kClient) const;
  StartRequest For(const std::string& name, Capabilities capabilities = kExtended) const;
  LocalSet SetAt(char device) const;

  // A name that is nobody's and for which a code by e-mail is offered.
  std::string Nobody(int which = 1);
  // Start and challenge by e-mail; the token of the challenge.
  std::string OpenEmail(const std::string& name);
  // The methods that are offered at the start, to a client that knows them all.
  GateState Offered(const std::string& name, Operation operation = Operation::kReset);
  // Start and challenge of this kind; a client that knows all methods.
  Reply<ChallengeReply> Open(const std::string& name, MethodKind kind,
                             Operation operation = Operation::kReset);
  // Challenge of this kind with a token of a flow that is under way.
  Reply<ChallengeReply> OpenNext(const std::string& token, MethodKind kind);
  // The same, and the right code; the token for /submit. The policy asks for one gate.
  std::string Prove(const std::string& name);
  // A whole reset; the reply of /submit.
  Reply<SubmitReply> Reset(const std::string& name, std::string_view password);
  bool CanSignIn(const std::string& name, std::string_view password);

  SigningKey permit_key;

 private:
  void Open();

  test::ScratchFolder folder_;
  std::optional<test::PostgresqlSchema> schema_;  // with SSPR_TEST_ON_POSTGRESQL in the environment
  FakeClock clock_;
  EngineSettings settings_;
  mutable std::mutex mutex_;
  std::vector<SentMail> mails_;
  std::string log_;
  std::vector<std::pair<std::string, std::string>> apps_;  // user name, raw secret
  std::unique_ptr<Foundation> foundation_;
  std::unique_ptr<FlowService> engine_;
  std::unique_ptr<AdminService> admin_;
};

}  // namespace sspr::service
