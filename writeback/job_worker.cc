// SPDX-License-Identifier: Apache-2.0
#include "writeback/job_worker.h"

#include <exception>

#include "common/writeback/sealing.h"
#include "writeback/agent_log.h"

namespace sspr {
namespace {

using service::AnswerKind;
using service::DirectoryUser;
using service::JobKind;
using service::SetOutcome;
using service::SetReply;
using service::WritebackAnswer;
using service::WritebackJob;

// Beyond the time that the service gives a job; clocks differ.
constexpr UnixSeconds kGraceSeconds = 120;

WritebackAnswer Say(AnswerKind kind, std::string detail = {}) {
  return {.job_id = {}, .kind = kind, .detail = std::move(detail)};
}

}  // namespace

Result<std::unique_ptr<JobWorker>> JobWorker::Make(const AgentConfig& config,
                                                   const std::string& ledger_file,
                                                   std::string agent_id, SealingKey key,
                                                   const Clock& clock) {
  auto made = std::unique_ptr<JobWorker>(
      new JobWorker(config.allow, std::move(agent_id), std::move(key), clock));
  auto database =
      service::SqlDatabase::Open(ledger_file, static_cast<unsigned>(config.workers) + 1);
  if (!database.ok()) return database.error();
  made->database_ = std::move(*database);
  made->store_ = std::make_unique<service::SqlStore>(made->database_, made->random_);
  made->claims_ = std::make_unique<service::DirectoryClaims>(made->database_);
  auto directory =
      service::LdapDirectory::Make(config.directory, made->database_, *made->store_, clock);
  if (!directory.ok()) return directory.error();
  made->directory_ = std::move(*directory);
  return made;
}

WritebackAnswer JobWorker::Do(const WritebackJob& job) noexcept {
  WritebackAnswer answer;
  try {
    answer = Try(job);
  } catch (const std::exception& error) {
    try {
      NoteAgent(AgentLogId::kDirectoryFault, error.what());
      // What the ledger holds was begun.
      const bool begun = job.kind == JobKind::kSet &&
                         (job.settle_only || claims_->Find(job.transaction_id).has_value());
      answer = Say(begun ? AnswerKind::kUnknown : AnswerKind::kUnavailable, error.what());
    } catch (const std::exception&) {
      answer = Say(AnswerKind::kUnknown);
    }
  }
  answer.job_id = job.id;
  return answer;
}

WritebackAnswer JobWorker::Try(const WritebackJob& job) {
  switch (job.kind) {
    case JobKind::kFind:
      return Found(directory_->Find(job.username));
    case JobKind::kGet:
      return Found(directory_->GetFresh(job.user_id));
    case JobKind::kVerify:
      return Verify(job);
    case JobKind::kUnlock:
      return Unlock(job);
    case JobKind::kSet:
      return job.settle_only ? FindOut(job) : Set(job);
  }
  return Say(AnswerKind::kNotAllowed, "a job that this agent does not know");
}

WritebackAnswer JobWorker::Found(std::optional<DirectoryUser> user) {
  if (!user) return Say(AnswerKind::kNobody);
  WritebackAnswer answer = Say(AnswerKind::kDone, rules_.NoReset(*user));
  answer.may_reset = answer.detail.empty();
  answer.may_unlock = rules_.NoUnlock(*user).empty();
  answer.user = std::move(user);
  return answer;
}

Result<Secret> JobWorker::Open(const WritebackJob& job) const {
  const std::optional<std::string> sealed = service::BytesOfBase64Url(job.sealed);
  Result<Secret> opened =
      Unseal(key_, service::kSealingInfo, service::SealingContext(job, agent_id_),
             sealed ? std::string_view(*sealed) : std::string_view());
  if (!opened.ok()) NoteAgent(AgentLogId::kUnfitJob, opened.error().detail);
  return opened;
}

WritebackAnswer JobWorker::Verify(const WritebackJob& job) {
  if (std::string why = rules_.NoSignIn(); !why.empty()) {
    NoteAgent(AgentLogId::kNotAllowed, "no sign-in: " + why);
    return Say(AnswerKind::kNotAllowed, std::move(why));
  }
  const Result<Secret> password = Open(job);
  if (!password.ok()) return Say(AnswerKind::kUnavailable, password.error().detail);
  const Result<bool> right = directory_->Verify(job.user_id, *password);
  if (!right.ok()) return Say(AnswerKind::kUnavailable, right.error().detail);
  WritebackAnswer answer = Say(AnswerKind::kDone);
  answer.right = *right;
  return answer;
}

WritebackAnswer JobWorker::Unlock(const WritebackJob& job) {
  const std::optional<DirectoryUser> user = directory_->GetFresh(job.user_id);
  if (!user) return Say(AnswerKind::kNobody, "the person is gone");
  if (std::string why = rules_.NoUnlock(*user); !why.empty()) {
    NoteAgent(AgentLogId::kNotAllowed, "no unlock: " + why);
    return Say(AnswerKind::kNotAllowed, std::move(why));
  }
  const Status done = directory_->Unlock(job.user_id);
  if (done.ok()) {
    NoteAgent(AgentLogId::kUnlocked, "unlocked user " + job.user_id);
    return Say(AnswerKind::kDone);
  }
  const bool is_down = done.error().code == Errc::kTimedOut;
  return Say(is_down ? AnswerKind::kUnavailable : AnswerKind::kNotSet, done.error().detail);
}

// The ledger keeps what was begun: a job that comes again is not done again.
WritebackAnswer JobWorker::Set(const WritebackJob& job) {
  if (claims_->Find(job.transaction_id)) return FindOut(job);
  const std::string about = "transaction " + job.transaction_id;
  const std::optional<DirectoryUser> user = directory_->GetFresh(job.user_id);
  if (!user) return Say(AnswerKind::kNobody, "the person is gone");
  if (std::string why = rules_.NoReset(*user); !why.empty()) {
    NoteAgent(AgentLogId::kNotAllowed, "no reset, " + about + ": " + why);
    return Say(AnswerKind::kNotAllowed, std::move(why));
  }
  if (clock_.Now() > job.expires_at + kGraceSeconds) {
    NoteAgent(AgentLogId::kUnfitJob, about + " is too old");
    return Say(AnswerKind::kNotSet, "the job came too late; compare the clocks");
  }
  const Result<Secret> password = Open(job);
  if (!password.ok()) return Say(AnswerKind::kNotSet, password.error().detail);
  const SetReply reply = directory_->SetPassword(job.transaction_id, job.user_id, *password);
  WritebackAnswer answer = Say(AnswerKind::kUnknown, reply.detail);
  switch (reply.outcome) {
    case SetOutcome::kSet:
      answer.kind = AnswerKind::kDone;
      NoteAgent(AgentLogId::kPasswordSet, "a password was set, " + about);
      return answer;
    case SetOutcome::kNotSet:
      answer.kind = reply.refusal ? AnswerKind::kRefused : AnswerKind::kNotSet;
      answer.refusal = reply.refusal;
      answer.generation = reply.generation;
      NoteAgent(
          reply.refusal ? AgentLogId::kPasswordRefused : AgentLogId::kPasswordNotSet,
          (reply.refusal ? "the directory refused a password, " : "a password was not set, ") +
              about + ": " + reply.detail);
      return answer;
    case SetOutcome::kUnknown:
      if (!claims_->Find(job.transaction_id)) answer.kind = AnswerKind::kUnavailable;
      NoteAgent(AgentLogId::kDirectoryFault, "the directory did not say, " + about);
      return answer;
  }
  return answer;
}

// Another agent may have done it, or this one before it was cut off: the directory is asked whether
// the password was changed since.
WritebackAnswer JobWorker::FindOut(const WritebackJob& job) {
  if (!claims_->Find(job.transaction_id)) {
    (void)claims_->Insert({.transaction_id = job.transaction_id,
                           .user_id = job.user_id,
                           .state = service::ClaimState::kClaimed,
                           .state_before = job.state_before,
                           .at = job.given_at});
  }
  switch (directory_->Settle(job.transaction_id)) {
    case SetOutcome::kSet:
      return Say(AnswerKind::kDone);
    case SetOutcome::kNotSet:
      NoteAgent(AgentLogId::kPasswordNotSet,
                "a password was not set, transaction " + job.transaction_id + ": it was cut off");
      return Say(AnswerKind::kNotSet, "it was cut off before the directory had it");
    case SetOutcome::kUnknown:
      return Say(AnswerKind::kUnknown, "the directory cannot say yet");
  }
  return Say(AnswerKind::kUnknown);
}

}  // namespace sspr
