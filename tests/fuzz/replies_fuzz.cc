// SPDX-License-Identifier: Apache-2.0
// What a service says, as sspr-flow reads it: heads of replies, URLs, and JSON of each operation.
#include "common/flow/service_values.h"
#include "common/http/reply_head.h"
#include "common/http/url_parts.h"
#include "common/protocol/device_messages.h"
#include "common/protocol/json_fields.h"
#include "common/protocol/replies.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

constexpr ServiceCall::Operation kOperations[] = {
    ServiceCall::Operation::kFeatures,  ServiceCall::Operation::kStart,
    ServiceCall::Operation::kChallenge, ServiceCall::Operation::kContinue,
    ServiceCall::Operation::kRules,     ServiceCall::Operation::kSubmit,
    ServiceCall::Operation::kPoll,      ServiceCall::Operation::kTransaction};
constexpr int kStatuses[] = {200, 400, 404, 302, 500, 503, 0};
constexpr std::string_view kTypes[] = {"application/json", "text/html", ""};

void CheckChallenge(const Challenge& challenge) {
  Must(challenge.code_length >= 0 && challenge.code_length <= kMaxCodeLength, "a code's length");
  Must(challenge.resend_seconds >= 0 && challenge.resend_seconds <= kLongestResendSeconds,
       "the time to a resend");
}

void CheckGates(const GateList& gates) {
  Must(gates.methods.size() <= kMaxMethods, "the number of methods");
  Must(gates.required >= 0 && gates.required <= kMaxGates, "the gates that are required");
  Must(gates.completed >= 0 && gates.completed <= kMaxGates, "the gates that are completed");
}

void CheckReply(const ServiceReply& reply) {
  if (const auto* started = std::get_if<Started>(&reply)) {
    Must(!started->token.empty(), "a start has a token");
    if (started->gates) CheckGates(*started->gates);
    if (started->live_challenge) CheckChallenge(*started->live_challenge);
  } else if (const auto* challenge = std::get_if<Challenge>(&reply)) {
    CheckChallenge(*challenge);
  } else if (const auto* rules = std::get_if<PasswordRules>(&reply)) {
    Must(rules->min_length >= 0 && rules->max_length >= rules->min_length, "password lengths");
  } else if (const auto* submitted = std::get_if<Submitted>(&reply)) {
    Must(submitted->poll_seconds >= 1 && submitted->poll_seconds <= kLongestPollSeconds,
         "the time to a poll");
  } else if (const auto* refused = std::get_if<Refused>(&reply)) {
    if (refused->gates) CheckGates(*refused->gates);
  }
}

void ReadHead(std::string_view text) {
  ReplyHead head(16 * 1024, "6f9619ff-8b86-4011-b42d-00cf4fc964ff", true);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == std::string_view::npos ? end : end + 1);
    text.remove_prefix(line.size());
    if (!head.TakeLine(line)) {
      Must(!head.fault().empty(), "a refused head has a reason");
      return;
    }
  }
  if (head.complete()) Must(head.status() >= 200 && head.status() <= 599, "a final status");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t which = input.Byte();
  if (which == 0xF0) {
    ReadHead(input.Rest());
  } else if (which == 0xF1) {
    const auto parts = SplitUrl(std::string(input.Rest()));
    if (parts) Must(!parts->host.empty(), "a URL that is taken has a host");
  } else if (which == 0xF2) {
    const std::string_view text = input.Rest();
    if (const auto enrolled = ParseEnrolled(text); enrolled.ok()) {
      Must(enrolled->settings.required_gates >= 1, "an enrolled device knows its gates");
    }
    (void)ParseHeartbeatAnswer(text);
    (void)ParseServiceDescription(text);
    (void)ParseRegistrationState(text);
  } else {
    const std::uint8_t form = input.Byte();
    const RawReply raw{.status = kStatuses[form % std::size(kStatuses)],
                       .content_type = kTypes[form / 16 % std::size(kTypes)],
                       .body = input.Rest()};
    CheckReply(Read(kOperations[which % std::size(kOperations)], raw).reply);
  }
  return 0;
}
