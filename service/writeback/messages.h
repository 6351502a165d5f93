// SPDX-License-Identifier: Apache-2.0
// What the service asks of an agent on the premises, and what the agent answers: values, and JSON.
// A password is in none of it but sealed to the agent's key, for one job, one user and one time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/writeback/sealing_key.h"
#include "service/directory/directory.h"

namespace Json {
class Value;
}

namespace sspr::service {

enum class JobKind { kFind, kGet, kVerify, kSet, kUnlock };
// "find", "get", "verify", "set", "unlock".
const char* Name(JobKind kind);
std::optional<JobKind> JobKindOf(std::string_view name);

struct WritebackJob {
  std::string id = {};  // hexadecimal; never used again
  JobKind kind = JobKind::kFind;
  std::string username = {};        // of kFind
  std::string user_id = {};         // of the others
  std::string transaction_id = {};  // of kSet
  std::string state_before = {};    // of kSet: of the user's password, as the directory told it
  UnixSeconds expires_at = 0;
  // Of kSet: another agent, or this one before it was cut off, may have done it since. It is not
  // done again, and only what became of it is said.
  bool settle_only = false;
  UnixSeconds given_at = 0;  // with settle_only: to whom it was given first
  std::string sealed = {};   // of kVerify and kSet, base64url: the password
};

enum class AnswerKind {
  kDone,         // found, verified (right tells), set, unlocked
  kNobody,       // there is no such person
  kRefused,      // the directory dislikes this password: another may do
  kNotSet,       // and for this transaction it never will be
  kNotAllowed,   // by the agent's own configuration
  kUnknown,      // whether it was set: to be asked again later
  kUnavailable,  // the directory cannot be asked now, and nothing was done
};

struct WritebackAnswer {
  std::string job_id;
  AnswerKind kind = AnswerKind::kUnavailable;
  std::optional<DirectoryUser> user = {};  // of kFind and kGet
  bool may_reset = false;                  // of kFind and kGet, by the agent's own configuration
  bool may_unlock = false;                 // as well
  bool right = false;                      // of kVerify
  std::optional<RefusalCode> refusal = {};
  std::optional<std::int64_t> generation = {};
  std::string detail = {};  // for the log, at most 300 bytes
};

// The job as the agent gets it.
Json::Value ToJson(const WritebackJob& job);
Result<WritebackJob> JobFromJson(const Json::Value& value);
Json::Value ToJson(const WritebackAnswer& answer);
Result<WritebackAnswer> AnswerFromJson(const Json::Value& value);
std::string CompactJson(const Json::Value& value);

// What binds a sealed password to its purpose (HPKE's info and aad).
inline constexpr char kSealingInfo[] = "sspr-writeback v1";
std::string SealingContext(const WritebackJob& job, std::string_view agent_id);

// base64url of bytes of any number, without padding.
std::string Base64UrlOf(std::string_view bytes);
std::optional<std::string> BytesOfBase64Url(std::string_view text);

}  // namespace sspr::service
