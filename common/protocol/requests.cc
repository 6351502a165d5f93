// SPDX-License-Identifier: Apache-2.0
#include "common/protocol/requests.h"

#include <json/value.h>
#include <json/writer.h>

#include "common/protocol/base64url.h"
#include "common/protocol/form_writer.h"
#include "common/protocol/wire.h"

namespace sspr {
namespace {

using Operation = ServiceCall::Operation;

std::string CapabilitiesOf(const ServiceFeatures& features) {
  std::string words;
  const auto add = [&](bool wanted, std::string_view word) {
    if (!wanted) return;
    if (!words.empty()) words += ' ';
    words += word;
  };
  add(features.method_lists, wire::kCapabilityIntrospect);
  add(features.second_gate, wire::kCapabilityTwoGates);
  add(features.final_submit, wire::kCapabilityFinalSubmit);
  add(features.push, wire::kCapabilityPush);
  add(features.hand_off, wire::kCapabilityHandOff);
  return words;
}

std::string LocalSetJson(const LocalSet& local) {
  Json::Value object(Json::objectValue);
  object["account"] = local.account;
  object["device_id"] = Base64Url(local.device);
  object["nonce"] = Base64Url(local.nonce);
  Json::StreamWriterBuilder compact;
  compact["indentation"] = "";
  return Json::writeString(compact, object);
}

void AddStart(const ServiceCall& call, const FormContext& context, FormWriter& form) {
  form.Add("username", call.username);
  form.Add("challenge_type", call.features.authenticator ? "oob totp redirect" : "oob redirect");
  const std::string capabilities = CapabilitiesOf(call.features);
  if (!capabilities.empty()) form.Add("capabilities", capabilities);
  if (call.unlock) form.Add("operation", wire::kOperationUnlock);
  if (call.local_set) form.Add("local_set", LocalSetJson(*call.local_set));
  // Only a server that knows the extension knows what this is.
  if (!context.resume_key.empty() && call.features.method_lists) {
    form.Add("resume_key", Base64Url(context.resume_key));
  }
}

void AddContinue(const ServiceCall& call, const FormContext& context, FormWriter& form) {
  const bool app = call.kind == MethodKind::kAuthenticatorCode;
  form.Add("grant_type", app ? wire::kTypeTotp : wire::kTypeOob);
  form.Add("oob", context.code.Reveal());
}

void AddSubmit(const ServiceCall& call, const FormContext& context, FormWriter& form) {
  form.Add("new_password", context.new_password.Reveal());
  if (call.commitment) form.Add("password_commitment", Base64Url(*call.commitment));
}

}  // namespace

std::string_view PathOf(Operation operation) {
  switch (operation) {
    case Operation::kFeatures:
      return wire::kConfigurationPath;
    case Operation::kStart:
      return wire::kStartPath;
    case Operation::kChallenge:
      return wire::kChallengePath;
    case Operation::kContinue:
    case Operation::kAwaitApproval:
    case Operation::kAwaitHandOff:
      return wire::kContinuePath;
    case Operation::kHandOff:
      return wire::kHandOffPath;
    case Operation::kRules:
      return wire::kPolicyPath;
    case Operation::kSubmit:
      return wire::kSubmitPath;
    case Operation::kUnlock:
      return wire::kUnlockPath;
    case Operation::kPoll:
      return wire::kPollPath;
    case Operation::kTransaction:
      return wire::kTransactionPath;
  }
  return {};
}

Result<SecretBody> FormOf(const ServiceCall& call, const FormContext& context) {
  FormWriter form;
  form.Add("client_id", context.client_id);
  if (!call.token.empty()) form.Add("continuation_token", call.token);
  switch (call.operation) {
    case Operation::kFeatures:
      return Error{Errc::kInternal, "the configuration is read without a body"};
    case Operation::kStart:
      AddStart(call, context, form);
      break;
    case Operation::kChallenge:
      if (!call.method_id.empty()) form.Add("id", call.method_id);
      break;
    case Operation::kContinue:
      AddContinue(call, context, form);
      break;
    case Operation::kAwaitApproval:
      form.Add("grant_type", wire::kTypeOob);
      break;
    case Operation::kAwaitHandOff:
      form.Add("grant_type", wire::kGrantDeviceCode);
      break;
    case Operation::kSubmit:
      AddSubmit(call, context, form);
      break;
    case Operation::kTransaction:
      form.Add("transaction_id", Hex(call.transaction));
      break;
    case Operation::kRules:
    case Operation::kUnlock:
    case Operation::kPoll:
    case Operation::kHandOff:
      break;
  }
  return form.Take();
}

}  // namespace sspr
