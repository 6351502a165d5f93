// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/replies.h"

#include <algorithm>

#include "common/protocol/base64url.h"
#include "common/protocol/gate_fields.h"
#include "common/protocol/json_fields.h"
#include "common/protocol/wire.h"

namespace sspr {
namespace {

constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kMaxLabel = 512;
constexpr std::size_t kMaxMethodId = 256;
constexpr std::size_t kMaxListed = 64;
constexpr std::size_t kMostNumberDigits = 6;
constexpr std::size_t kFewestNumberDigits = 2;
constexpr std::size_t kMaxUri = 100;  // as much as is shown of it
constexpr int kDefaultPollSeconds = 2;
constexpr int kLongestSeconds = 24 * 3600;

// Parses, hands the members to read, and looks for a fault once.
template <typename T, typename Reader>
Result<T> ParseObject(std::string_view body, Reader read) {
  Result<Json::Value> root = ParseStrictJson(body);
  if (!root.ok()) return root.error();
  JsonFields fields(*root);
  T value = read(fields);
  if (!fields.sound()) return fields.error();
  return value;
}

bool Lists(JsonFields& fields, const char* name, std::string_view wanted) {
  const Json::Value* words = fields.OptionalArray(name, kMaxListed);
  if (words == nullptr) return false;
  bool found = false;
  for (const Json::Value& word : *words) {
    if (!word.isString()) {
      fields.Fault(name, "holds something else than strings");
      return false;
    }
    found = found || word.asString() == wanted;
  }
  return found;
}

std::optional<Method> MethodOf(const Json::Value& object, JsonFields& fields) {
  if (!object.isObject()) {
    fields.Fault("methods", "holds something else than objects");
    return std::nullopt;
  }
  JsonFields members(object);
  Method method;
  method.id = members.String("id", kMaxMethodId);
  const std::string type = members.String("challenge_type", kMaxWord);
  const std::string channel =
      members.OptionalString("challenge_channel", kMaxWord).value_or(std::string());
  method.hint = members.OptionalString("login_hint", kMaxLabel).value_or(std::string());
  method.is_default = members.SwitchOr("is_default", false);
  fields.Take(members);
  if (type == wire::kTypeOob && (channel.empty() || channel == "email")) {
    method.kind = MethodKind::kEmailCode;
    return method;
  }
  if (type == wire::kTypeOob && channel == wire::kChannelPush) {
    method.kind = MethodKind::kApproval;
    return method;
  }
  if (type == wire::kTypeTotp) {
    method.kind = MethodKind::kAuthenticatorCode;
    return method;
  }
  return std::nullopt;  // a kind that we do not know: not offered
}

// The number is shown within our own sentences, even as part of a prompt: digits alone.
void ApprovalMembers(JsonFields& fields, Challenge& challenge) {
  challenge.kind = MethodKind::kApproval;
  challenge.method_id = fields.OptionalString("id", kMaxMethodId).value_or(std::string());
  challenge.label =
      fields.OptionalString("challenge_target_label", kMaxLabel).value_or(std::string());
  // Of a flow that is gone on with the number is not told again.
  if (fields.Has("display_code")) challenge.number = fields.String("display_code", kMaxWord);
  const bool digits =
      std::ranges::all_of(challenge.number, [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || challenge.number.size() > kMostNumberDigits) {
    fields.Fault("display_code", "is not 2 to 6 digits");
  }
  challenge.poll_seconds =
      fields.OptionalNumber("interval", 1, kLongestPollSeconds).value_or(kDefaultPollSeconds);
  fields.OptionalNumber("expires_in", 0, kLongestSeconds);
}

Challenge ChallengeMembers(JsonFields& fields) {
  Challenge challenge;
  const std::string type = fields.String("challenge_type", kMaxWord);
  const std::string channel =
      fields.OptionalString("challenge_channel", kMaxWord).value_or(std::string());
  const std::string binding = fields.OptionalString("binding_method", kMaxWord).value_or("prompt");
  const bool email = type == wire::kTypeOob && (channel.empty() || channel == "email");
  const bool push = type == wire::kTypeOob && channel == wire::kChannelPush;
  if (!email && !push && type != wire::kTypeTotp) {
    fields.Fault("challenge_type", "is not one that we asked for");
  }
  if (push) {
    ApprovalMembers(fields, challenge);
    if (binding != "none") fields.Fault("binding_method", "is not that of an approval");
    return challenge;
  }
  if (binding != "prompt") fields.Fault("binding_method", "is not one that we know");
  challenge.kind = email ? MethodKind::kEmailCode : MethodKind::kAuthenticatorCode;
  challenge.method_id = fields.OptionalString("id", kMaxMethodId).value_or(std::string());
  challenge.label =
      fields.OptionalString("challenge_target_label", kMaxLabel).value_or(std::string());
  challenge.code_length = fields.OptionalNumber("code_length", 1, kMaxCodeLength).value_or(0);
  challenge.resend_seconds =
      fields.OptionalNumber("interval", 0, kLongestResendSeconds).value_or(0);
  return challenge;
}

PasswordRules RuleMembers(JsonFields& fields) {
  PasswordRules rules;
  rules.min_length = fields.Number("min_length", 0, 256);
  rules.max_length = fields.Number("max_length", 1, 65536);
  rules.max_bytes = fields.OptionalNumber("max_bytes", 1, 65536).value_or(rules.max_bytes);
  rules.min_kinds = fields.OptionalNumber("min_classes", 0, 4).value_or(0);
  if (rules.max_length < rules.min_length) fields.Fault("max_length", "is below min_length");
  const Json::Value* parts = fields.OptionalArray("forbid_contains", kMaxListed);
  if (parts == nullptr) return rules;
  for (const Json::Value& part : *parts) {
    if (!part.isString()) fields.Fault("forbid_contains", "holds something else than strings");
    if (part.isString() && !part.asString().empty()) {
      rules.forbidden_parts.push_back(part.asString());
    }
  }
  return rules;
}

std::optional<PermitBytes> PermitMember(JsonFields& fields, SetState state) {
  const std::optional<std::string> text = fields.OptionalString("permit", kMaxLabel);
  if (!text) return std::nullopt;
  PermitBytes permit{};
  if (state != SetState::kSucceeded || !FromBase64Url(*text, permit)) {
    fields.Fault("permit", "is out of place or malformed");
    return std::nullopt;
  }
  return permit;
}

struct StateWord {
  std::string_view word;
  SetState state;
};

SetState StateMember(JsonFields& fields, std::span<const StateWord> words) {
  const std::string word = fields.String("status", kMaxWord);
  const auto found = std::ranges::find(words, word, &StateWord::word);
  if (found != words.end()) return found->state;
  fields.Fault("status", "is not one that we know");
  return SetState::kFailed;
}

}  // namespace

std::string TokenField(JsonFields& fields) {
  std::string token = fields.String("continuation_token", kMaxTokenBytes);
  const bool visible = std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!visible) fields.Fault("continuation_token", "is not visible ASCII");
  return token;
}

GateList GateFields(JsonFields& fields) {
  GateList gates;
  gates.required = fields.Number("required_gates", 0, kMaxGates);
  gates.completed = fields.Number("completed_gates", 0, kMaxGates);
  const Json::Value* methods = fields.Array("methods", kMaxMethods);
  if (methods == nullptr) return gates;
  for (const Json::Value& object : *methods) {
    std::optional<Method> method = MethodOf(object, fields);
    if (method) gates.methods.push_back(std::move(*method));
  }
  return gates;
}

Result<ServiceFeatures> ParseFeatures(std::string_view body) {
  return ParseObject<ServiceFeatures>(body, [](JsonFields& fields) {
    ServiceFeatures features;
    fields.Array("capabilities_supported", kMaxListed);
    if (fields.Has("api_versions") && !Lists(fields, "api_versions", "v1.0")) {
      fields.Fault("api_versions", "lacks v1.0");
    }
    const auto capable = [&](const char* word) {
      return Lists(fields, "capabilities_supported", word);
    };
    features.method_lists = capable(wire::kCapabilityIntrospect);
    features.second_gate = capable(wire::kCapabilityTwoGates);
    features.final_submit = capable(wire::kCapabilityFinalSubmit);
    features.push = capable(wire::kCapabilityPush);
    features.hand_off = capable(wire::kCapabilityHandOff);
    features.unlock_permits = capable(wire::kCapabilityUnlockPermit);
    features.unlock = Lists(fields, "operations_supported", wire::kOperationUnlock);
    features.authenticator = Lists(fields, "challenge_types_supported", wire::kTypeTotp);
    const Json::Value* keys = fields.OptionalArray("permit_keys", kMaxListed);
    features.signs_permits = keys != nullptr && !keys->empty();
    for (Json::ArrayIndex i = 0; keys != nullptr && i < keys->size(); ++i) {
      if (!(*keys)[i].isObject()) fields.Fault("permit_keys", "holds something else than objects");
    }
    return features;
  });
}

Result<Started> ParseStarted(std::string_view body) {
  return ParseObject<Started>(body, [](JsonFields& fields) {
    Started started;
    started.token = TokenField(fields);
    if (fields.Has("methods") || fields.Has("required_gates")) started.gates = GateFields(fields);
    started.resumed = fields.SwitchOr("resumed", false);
    const auto transaction = fields.OptionalString("transaction_id", kMaxWord);
    if (transaction) {
      started.transaction.emplace();
      if (!FromHex(*transaction, *started.transaction)) {
        fields.Fault("transaction_id", "is not 32 hex digits");
      }
    }
    const Json::Value* live = fields.OptionalObject("challenge");
    if (live != nullptr) {
      JsonFields members(*live);
      started.live_challenge = ChallengeMembers(members);
      fields.Take(members);
    }
    return started;
  });
}

Result<Challenge> ParseChallenge(std::string_view body) {
  return ParseObject<Challenge>(body, [](JsonFields& fields) {
    Challenge challenge = ChallengeMembers(fields);
    challenge.token = TokenField(fields);
    if (challenge.kind == MethodKind::kApproval && challenge.number.size() < kFewestNumberDigits) {
      fields.Fault("display_code", "is not 2 to 6 digits");
    }
    return challenge;
  });
}

Result<HandOffOffer> ParseHandOff(std::string_view body) {
  return ParseObject<HandOffOffer>(body, [](JsonFields& fields) {
    HandOffOffer offer;
    offer.token = TokenField(fields);
    offer.user_code = fields.String("user_code", kMaxWord);
    offer.uri = fields.String("verification_uri", kMaxUri);
    const bool letters = std::ranges::all_of(
        offer.user_code, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
    if (!letters) fields.Fault("user_code", "is not capital letters and hyphens");
    offer.whole_uri =
        fields.OptionalString("verification_uri_complete", kMaxUri + kMaxWord).value_or("");
    const auto visible = [](char c) { return c > ' ' && c < 0x7F; };
    if (!offer.uri.starts_with("https://") || !std::ranges::all_of(offer.uri, visible)) {
      fields.Fault("verification_uri", "is no https address");
    }
    // What a phone reads must not lead elsewhere than what the person reads.
    if (!offer.whole_uri.empty() && (!offer.whole_uri.starts_with(offer.uri) ||
                                     !std::ranges::all_of(offer.whole_uri, visible))) {
      fields.Fault("verification_uri_complete", "is not the same page");
    }
    offer.poll_seconds =
        fields.OptionalNumber("interval", 1, kLongestPollSeconds).value_or(kDefaultPollSeconds);
    fields.OptionalNumber("expires_in", 0, kLongestSeconds);
    return offer;
  });
}

Result<Continued> ParseContinued(std::string_view body) {
  return ParseObject<Continued>(body, [](JsonFields& fields) {
    Continued continued;
    continued.token = TokenField(fields);
    fields.OptionalNumber("expires_in", 0, kLongestSeconds);
    const Json::Value* policy = fields.OptionalObject("policy");
    if (policy != nullptr) {
      JsonFields members(*policy);
      continued.rules = RuleMembers(members);
      fields.Take(members);
    }
    return continued;
  });
}

Result<PasswordRules> ParseRules(std::string_view body) {
  return ParseObject<PasswordRules>(body, RuleMembers);
}

Result<Submitted> ParseSubmitted(std::string_view body) {
  return ParseObject<Submitted>(body, [](JsonFields& fields) {
    Submitted submitted;
    submitted.token = TokenField(fields);
    // Clients of V1 take what is out of 1..15 for 2 seconds.
    const int interval =
        fields.OptionalNumber("poll_interval", 0, kLongestSeconds).value_or(kDefaultPollSeconds);
    submitted.poll_seconds =
        interval >= 1 && interval <= kLongestPollSeconds ? interval : kDefaultPollSeconds;
    if (fields.Has("status")) {
      constexpr StateWord kWords[] = {{"succeeded", SetState::kSucceeded},
                                      {"in_progress", SetState::kInProgress}};
      submitted.state = StateMember(fields, kWords);
    }
    submitted.permit = PermitMember(fields, submitted.state.value_or(SetState::kNone));
    return submitted;
  });
}

Result<Polled> ParsePolled(std::string_view body) {
  return ParseObject<Polled>(body, [](JsonFields& fields) {
    constexpr StateWord kWords[] = {{"succeeded", SetState::kSucceeded},
                                    {"in_progress", SetState::kInProgress},
                                    {"not_started", SetState::kInProgress},
                                    {"failed", SetState::kFailed}};
    Polled polled;
    polled.state = StateMember(fields, kWords);
    polled.permit = PermitMember(fields, polled.state);
    return polled;
  });
}

Result<TransactionState> ParseTransaction(std::string_view body) {
  return ParseObject<TransactionState>(body, [](JsonFields& fields) {
    constexpr StateWord kWords[] = {{"succeeded", SetState::kSucceeded},
                                    {"pending", SetState::kInProgress},
                                    {"none", SetState::kNone},
                                    {"failed", SetState::kFailed}};
    TransactionState transaction;
    transaction.state = StateMember(fields, kWords);
    transaction.permit = PermitMember(fields, transaction.state);
    return transaction;
  });
}

}  // namespace sspr
