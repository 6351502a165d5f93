// SPDX-License-Identifier: Apache-2.0
#include "service/writeback/messages.h"

#include <json/value.h>
#include <json/writer.h>

#include <array>
#include <span>
#include <vector>

#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"

namespace sspr::service {
namespace {

constexpr std::size_t kLongestId = 128;
constexpr std::size_t kLongestName = 512;
constexpr std::size_t kLongestState = 512;
constexpr std::size_t kLongestSealed = 1024;
constexpr std::size_t kLongestDetail = 300;
constexpr std::size_t kMostGroups = 256;

template <typename Code>
struct Word {
  Code code;
  const char* word;
};

constexpr auto kKinds = std::to_array<Word<JobKind>>({{JobKind::kFind, "find"},
                                                      {JobKind::kGet, "get"},
                                                      {JobKind::kVerify, "verify"},
                                                      {JobKind::kSet, "set"},
                                                      {JobKind::kUnlock, "unlock"}});
constexpr auto kAnswers =
    std::to_array<Word<AnswerKind>>({{AnswerKind::kDone, "done"},
                                     {AnswerKind::kNobody, "nobody"},
                                     {AnswerKind::kRefused, "refused"},
                                     {AnswerKind::kNotSet, "not_set"},
                                     {AnswerKind::kNotAllowed, "not_allowed"},
                                     {AnswerKind::kUnknown, "unknown"},
                                     {AnswerKind::kUnavailable, "unavailable"}});
// Those that a directory gives.
constexpr auto kRefusals = std::to_array<Word<RefusalCode>>(
    {{RefusalCode::kPasswordTooShort, "password_too_short"},
     {RefusalCode::kPasswordTooLong, "password_too_long"},
     {RefusalCode::kPasswordTooWeak, "password_too_weak"},
     {RefusalCode::kPasswordRecentlyUsed, "password_recently_used"},
     {RefusalCode::kPasswordBanned, "password_banned"},
     {RefusalCode::kPasswordTooYoung, "password_too_young"},
     {RefusalCode::kPasswordInvalid, "password_is_invalid"}});

template <typename Code, std::size_t N>
const char* WordOf(const std::array<Word<Code>, N>& words, Code code, const char* other) {
  for (const Word<Code>& one : words) {
    if (one.code == code) return one.word;
  }
  return other;
}

template <typename Code, std::size_t N>
std::optional<Code> CodeOf(const std::array<Word<Code>, N>& words, std::string_view word) {
  for (const Word<Code>& one : words) {
    if (word == one.word) return one.code;
  }
  return std::nullopt;
}

// Whole seconds; no more than a double holds exactly.
std::int64_t Seconds(JsonFields& fields, const Json::Value& value, const char* name) {
  const Json::Value& at = value[name];
  if (!at.isInt64()) {
    fields.Fault(name, "is not a number");
    return 0;
  }
  return at.asInt64();
}

// Directories say what they like; this is for a log.
std::string Plain(std::string_view detail) {
  std::string plain(detail.substr(0, kLongestDetail));
  for (char& c : plain) {
    if (c < ' ' || c > '~') c = '?';
  }
  return plain;
}

Json::Value UserJson(const DirectoryUser& user) {
  Json::Value object(Json::objectValue);
  object["id"] = user.id;
  object["username"] = user.username;
  object["display_name"] = user.display_name;
  object["local_account"] = user.local_account;
  object["language"] = user.language;
  object["enabled"] = user.enabled;
  object["has_password"] = user.has_password;
  object["generation"] = Json::Int64{user.password_generation};
  object["groups"] = Json::Value(Json::arrayValue);
  for (const std::string& group : user.groups) object["groups"].append(group);
  object["changed_at"] = Json::Int64{user.password_changed_at};
  object["locked"] = user.locked;
  object["state"] = user.state_before;
  return object;
}

std::optional<DirectoryUser> UserOf(const Json::Value& value, JsonFields& outer) {
  if (!value.isObject()) {
    outer.Fault("user", "is no object");
    return std::nullopt;
  }
  JsonFields fields(value);
  DirectoryUser user{
      .id = fields.String("id", kLongestId),
      .username = fields.String("username", kLongestName),
      .display_name = fields.OptionalString("display_name", kLongestName).value_or(""),
      .local_account = fields.OptionalString("local_account", kLongestName).value_or(""),
      .language = fields.OptionalString("language", kLongestName).value_or("")};
  user.enabled = fields.SwitchOr("enabled", false);
  user.has_password = fields.SwitchOr("has_password", false);
  user.locked = fields.SwitchOr("locked", false);
  user.password_generation = Seconds(fields, value, "generation");
  user.password_changed_at = Seconds(fields, value, "changed_at");
  user.state_before = fields.OptionalString("state", kLongestState).value_or("");
  if (const Json::Value* const groups = fields.Array("groups", kMostGroups)) {
    for (const Json::Value& group : *groups) {
      if (!group.isString()) fields.Fault("groups", "holds something else than names");
      if (group.isString()) user.groups.push_back(group.asString());
    }
  }
  outer.Take(fields);
  return user;
}

}  // namespace

const char* Name(JobKind kind) { return WordOf(kKinds, kind, ""); }
std::optional<JobKind> JobKindOf(std::string_view name) { return CodeOf(kKinds, name); }

std::string CompactJson(const Json::Value& value) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  return Json::writeString(builder, value);
}

Json::Value ToJson(const WritebackJob& job) {
  Json::Value object(Json::objectValue);
  object["id"] = job.id;
  object["kind"] = Name(job.kind);
  object["expires_at"] = Json::Int64{job.expires_at};
  if (!job.username.empty()) object["username"] = job.username;
  if (!job.user_id.empty()) object["user_id"] = job.user_id;
  if (!job.transaction_id.empty()) object["transaction_id"] = job.transaction_id;
  if (!job.state_before.empty()) object["state_before"] = job.state_before;
  if (!job.sealed.empty()) object["sealed"] = job.sealed;
  if (job.settle_only) {
    object["settle_only"] = true;
    object["given_at"] = Json::Int64{job.given_at};
  }
  return object;
}

Result<WritebackJob> JobFromJson(const Json::Value& value) {
  if (!value.isObject()) return Error{Errc::kProtocol, "a job is no object"};
  JsonFields fields(value);
  WritebackJob job{.id = fields.String("id", kLongestId)};
  const std::optional<JobKind> kind = JobKindOf(fields.String("kind", kLongestId));
  if (!kind) fields.Fault("kind", "is not known");
  job.kind = kind.value_or(JobKind::kFind);
  job.username = fields.OptionalString("username", kLongestName).value_or("");
  job.user_id = fields.OptionalString("user_id", kLongestId).value_or("");
  job.transaction_id = fields.OptionalString("transaction_id", kLongestId).value_or("");
  job.state_before = fields.OptionalString("state_before", kLongestState).value_or("");
  job.sealed = fields.OptionalString("sealed", kLongestSealed).value_or("");
  job.expires_at = Seconds(fields, value, "expires_at");
  job.settle_only = fields.SwitchOr("settle_only", false);
  if (job.settle_only) job.given_at = Seconds(fields, value, "given_at");
  if (!fields.sound()) return fields.error();
  return job;
}

Json::Value ToJson(const WritebackAnswer& answer) {
  Json::Value object(Json::objectValue);
  object["id"] = answer.job_id;
  object["answer"] = WordOf(kAnswers, answer.kind, "");
  if (answer.user) object["user"] = UserJson(*answer.user);
  if (answer.may_reset) object["may_reset"] = true;
  if (answer.may_unlock) object["may_unlock"] = true;
  if (answer.right) object["right"] = true;
  if (answer.refusal) {
    object["refusal"] = WordOf(kRefusals, *answer.refusal, "password_is_invalid");
  }
  if (answer.generation) object["generation"] = Json::Int64{*answer.generation};
  if (!answer.detail.empty()) object["detail"] = Plain(answer.detail);
  return object;
}

Result<WritebackAnswer> AnswerFromJson(const Json::Value& value) {
  if (!value.isObject()) return Error{Errc::kProtocol, "an answer is no object"};
  JsonFields fields(value);
  WritebackAnswer answer{.job_id = fields.String("id", kLongestId)};
  const auto kind = CodeOf(kAnswers, fields.String("answer", kLongestId));
  if (!kind) fields.Fault("answer", "is not known");
  answer.kind = kind.value_or(AnswerKind::kUnavailable);
  if (value.isMember("user")) answer.user = UserOf(value["user"], fields);
  answer.may_reset = fields.SwitchOr("may_reset", false);
  answer.may_unlock = fields.SwitchOr("may_unlock", false);
  answer.right = fields.SwitchOr("right", false);
  if (value.isMember("refusal")) {
    answer.refusal = CodeOf(kRefusals, fields.String("refusal", kLongestId));
    if (!answer.refusal) fields.Fault("refusal", "is not known");
  }
  if (value.isMember("generation")) answer.generation = Seconds(fields, value, "generation");
  answer.detail = fields.OptionalString("detail", kLongestDetail).value_or("");
  if (answer.kind == AnswerKind::kRefused && !answer.refusal) fields.Fault("refusal", "is missing");
  if (!fields.sound()) return fields.error();
  return answer;
}

std::string SealingContext(const WritebackJob& job, std::string_view agent_id) {
  std::string context(agent_id);
  for (const std::string& part : {job.id, std::string(Name(job.kind)), job.user_id,
                                  job.transaction_id, std::to_string(job.expires_at)}) {
    context += '\n' + part;
  }
  return context;
}

std::string Base64UrlOf(std::string_view bytes) {
  return Base64Url({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

std::optional<std::string> BytesOfBase64Url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + (text.size() % 4 * 3) / 4);
  if (!FromBase64Url(text, bytes)) return std::nullopt;
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace sspr::service
