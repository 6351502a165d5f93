// SPDX-License-Identifier: Apache-2.0
#include "tests/service_engine/engine_world.h"

#include <oath.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

#include "service/engine/engine_parts.h"

namespace sspr::service {
namespace {

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().detail);
  return std::move(*result);
}

std::string FromBase32(std::string_view text) {
  std::string raw;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits = (bits << 5) | value;
    held += 5;
    if (held >= 8) {
      held -= 8;
      raw.push_back(static_cast<char>((bits >> held) & 255));
    }
  }
  return raw;
}

// The first line of a text that is digits and spaces only.
std::string DigitsIn(const std::string& text) {
  std::string digits;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '\n';
    if (c == '\n') {
      if (digits.size() >= 6) return digits;
      digits.clear();
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      digits.push_back(c);
    }
  }
  return {};
}

// The id of the first e-mail method; empty when there is none.
std::string EmailIn(const GateState& gates) {
  for (const MethodOffer& offer : gates.methods) {
    if (offer.kind == MethodKind::kEmailCode) return offer.id;
  }
  return {};
}

}  // namespace

std::string OutcomeName(RefusalCode code) { return Name(code); }

Secret Hidden(std::string_view text) {
  std::optional<Secret> made = Secret::CopyOf(text);
  if (!made) throw std::length_error("a secret of a test does not fit");
  return std::move(*made);
}

std::string AppCodeAt(const std::string& secret, UnixSeconds at) {
  std::array<char, 7> code{};
  if (oath_hotp_generate(const_cast<char*>(secret.data()), secret.size(),
                         static_cast<std::uint64_t>(at / 30), 6, false, -1,
                         code.data()) != OATH_OK) {
    throw std::runtime_error("liboath");
  }
  return code.data();
}

EngineWorld::EngineWorld() : permit_key(Must(SigningKey::Generate())) {
  if (const char* const server = std::getenv("SSPR_TEST_ON_POSTGRESQL")) schema_.emplace(server);
  settings_.database = schema_ ? schema_->Target() : folder_.File("sspr.db");
  settings_.audit_file = folder_.File("audit.jsonl");
  settings_.secrets_key_file = folder_.File("secrets.key");
  settings_.permit_key_file = folder_.File("permit.pem");
  settings_.permit_key_id = 7;
  Must(CreateSecretsKey(settings_.secrets_key_file));
  Must(permit_key.SaveNew(settings_.permit_key_file));
  Open();
  Must(admin_->PutClient({.client_id = kClient, .concealment = true}));
  Must(admin_->PutClient({.client_id = kOpenClient, .concealment = false}));
}

void EngineWorld::Open() {
  const EngineDependencies dependencies{
      .clock = &clock_,
      .deliver =
          [this](Delivery delivery) {
            if (delivery.reference.empty()) return true;  // a decoy
            const std::lock_guard lock(mutex_);
            mails_.push_back({delivery.message.to, delivery.message.subject,
                              std::string(delivery.message.text.Reveal()),
                              delivery.message.channel});
            return true;
          },
      .log =
          [this](std::string_view line) {
            const std::lock_guard lock(mutex_);
            log_.append(line).append("\n");
          }};
  foundation_ = Must(LayFoundation(settings_, dependencies));
  engine_ = Must(MakeFlows(*foundation_));
  admin_ = MakeAdmin(*foundation_);
}

void EngineWorld::Restart() {
  engine_.reset();
  admin_.reset();
  foundation_.reset();
  Open();
}

void EngineWorld::AddUser(const std::string& name) {
  Must(admin_->AddUser(
      {.username = name, .display_name = "Person Example", .local_account = {}, .language = "en"}));
  Must(admin_->SetPassword(name, Hidden(kOldPassword)));
  Must(admin_->AddEmail(name, name.find('@') == std::string::npos ? name + "@example.org" : name));
}

void EngineWorld::AddApp(const std::string& name) {
  const TotpEnrolment enrolment = Must(admin_->AddTotp(name));
  apps_.emplace_back(name, FromBase32(enrolment.base32_secret.Reveal()));
}

std::string EngineWorld::AppCode(const std::string& name, UnixSeconds drift) const {
  for (const auto& [owner, secret] : apps_) {
    if (owner != name) continue;
    return AppCodeAt(secret, clock_.Now() + drift);
  }
  return {};
}

void EngineWorld::SetPolicy(std::string_view key, std::string_view value) {
  Must(admin_->SetPolicy(key, value));
}

std::vector<SentMail> EngineWorld::Mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

std::string EngineWorld::LastCode(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  for (auto mail = mails_.rbegin(); mail != mails_.rend(); ++mail) {
    if (mail->to == address && mail->subject.find("code") != std::string::npos) {
      return DigitsIn(mail->text);
    }
  }
  return {};
}

std::string EngineWorld::LastTextCode(const std::string& number) const {
  const std::lock_guard lock(mutex_);
  for (auto mail = mails_.rbegin(); mail != mails_.rend(); ++mail) {
    if (mail->to == number) return mail->text.substr(0, mail->text.find(' '));
  }
  return {};
}

std::size_t EngineWorld::CodesSent() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const SentMail& mail : mails_) count += mail.subject.find("code") != std::string::npos;
  return count;
}

std::string EngineWorld::LogText() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

Caller EngineWorld::From(std::string address, std::string client) const {
  return {.client_id = std::move(client),
          .address = std::move(address),
          .correlation_id = "11111111-2222-3333-4444-555555555555"};
}

StartRequest EngineWorld::For(const std::string& name, Capabilities capabilities) const {
  return {.username = name, .capabilities = capabilities, .local_set = {}, .resume_key = {}};
}

LocalSet EngineWorld::SetAt(char device) const {
  return {.account = "alice", .device_id = std::string(32, device), .nonce = std::string(32, 'n')};
}

std::string EngineWorld::Nobody(int which) {
  for (int i = 0;; ++i) {
    std::string name = "nobody-" + std::to_string(i);
    const auto started = engine_->Start(From(), For(name));
    // The one that is challenged where none is named, too.
    const std::vector<MethodOffer>& offered = Value(started)->gates.methods;
    const bool is_mail = !offered.empty() && std::ranges::all_of(offered, [](const auto& offer) {
      return offer.kind == MethodKind::kEmailCode;
    });
    if (!is_mail || --which > 0) continue;
    return name;
  }
}

std::string EngineWorld::OpenEmail(const std::string& name) {
  const auto started = engine_->Start(From(), For(name));
  if (Value(started) == nullptr) throw std::runtime_error("start: " + Outcome(started));
  const auto opened = engine_->Challenge(From(), Value(started)->continuation_token,
                                         EmailIn(Value(started)->gates));
  if (Value(opened) == nullptr) throw std::runtime_error("challenge: " + Outcome(opened));
  return Value(opened)->continuation_token;
}

GateState EngineWorld::Offered(const std::string& name, Operation operation) {
  StartRequest request = For(name, kEveryMethod);
  request.operation = operation;
  const auto started = engine_->Start(From(), request);
  if (Value(started) == nullptr) throw std::runtime_error("start: " + Outcome(started));
  return Value(started)->gates;
}

Reply<ChallengeReply> EngineWorld::Open(const std::string& name, MethodKind kind,
                                        Operation operation) {
  StartRequest request = For(name, kEveryMethod);
  request.operation = operation;
  const auto started = engine_->Start(From(), request);
  if (Value(started) == nullptr) throw std::runtime_error("start: " + Outcome(started));
  return OpenNext(Value(started)->continuation_token, kind);
}

Reply<ChallengeReply> EngineWorld::OpenNext(const std::string& token, MethodKind kind) {
  const auto listed = engine_->Introspect(From(), token);
  if (Value(listed) == nullptr) throw std::runtime_error("introspect: " + Outcome(listed));
  for (const MethodOffer& offer : Value(listed)->gates.methods) {
    if (offer.kind == kind) return engine_->Challenge(From(), token, offer.id);
  }
  return Refusal{RefusalCode::kInvalidRequest, "it is not offered"};
}

std::string EngineWorld::Prove(const std::string& name) {
  const std::string token = OpenEmail(name);
  const auto passed = engine_->Continue(From(), token, MethodKind::kEmailCode,
                                        Hidden(LastCode(name + "@example.org")));
  if (Value(passed) == nullptr) throw std::runtime_error("continue: " + Outcome(passed));
  return Value(passed)->continuation_token;
}

Reply<SubmitReply> EngineWorld::Reset(const std::string& name, std::string_view password) {
  return engine_->Submit(From(), Prove(name), Hidden(password), "");
}

bool EngineWorld::CanSignIn(const std::string& name, std::string_view password) {
  const auto started = engine_->SignInInitiate(From(), name, {});
  const auto opened =
      engine_->SignInChallenge(From(), Value(started) ? Value(started)->continuation_token : "");
  const auto signed_in = engine_->SignInWithPassword(
      From(), Value(opened) ? Value(opened)->continuation_token : "", Hidden(password));
  return Value(signed_in) != nullptr && Value(signed_in)->username == name;
}

}  // namespace sspr::service
