// SPDX-License-Identifier: Apache-2.0
// Answers of the service: JSON to values, each parser a function of the text alone. A member that
// is missing though it must be there, is null, has another type or is out of range makes the whole
// answer kProtocol; members that we do not know are ignored.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/flow/flow_io.h"
#include "common/flow/service_values.h"

namespace Json {
class Value;
}

namespace sspr {

Result<ServiceFeatures> ParseFeatures(std::string_view body);
Result<Started> ParseStarted(std::string_view body);
Result<Challenge> ParseChallenge(std::string_view body);
Result<HandOffOffer> ParseHandOff(std::string_view body);
Result<Continued> ParseContinued(std::string_view body);
Result<PasswordRules> ParseRules(std::string_view body);
Result<Submitted> ParseSubmitted(std::string_view body);
Result<Polled> ParsePolled(std::string_view body);
Result<TransactionState> ParseTransaction(std::string_view body);

// The error object of HTTP 400.
struct ErrorReply {
  Refused refused;
  bool server_fault = false;  // server_error: not a refusal, what was done is not known
  std::string words;          // "error/suberror", for the log
};
Result<ErrorReply> ParseError(std::string_view body);

// One whole answer. Only the exact triple of status, type and members is an answer; anything else
// is a ServiceFailure.
struct RawReply {
  int status = 0;
  std::string_view content_type;  // without parameters, lower case
  std::string_view body;
};
struct ReadReply {
  ServiceReply reply;
  std::string detail;  // for the log, when it is a refusal or a failure
};
ReadReply Read(ServiceCall::Operation operation, const RawReply& raw);

// RFC 9449, 8: the request was refused for want of a nonce, and nothing else was done about it.
bool AsksForNonce(const RawReply& raw);

}  // namespace sspr
