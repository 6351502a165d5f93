// SPDX-License-Identifier: Apache-2.0
#include "service/writeback/agent_directory.h"

#include "service/directory/person_row.h"

namespace sspr::service {

WritebackDesk* WritebackDeskOf(Directory& directory) {
  auto* const through = dynamic_cast<AgentDirectory*>(&directory);
  if (through != nullptr) return &through->desk();
  Directory* const beneath = directory.Beneath();
  return beneath != nullptr ? WritebackDeskOf(*beneath) : nullptr;
}

WritebackAnswer AgentDirectory::Ask(WritebackJob job, const Secret* secret) {
  Result<WritebackAnswer> answer = hub_.Ask(std::move(job), secret);
  if (!answer.ok()) throw StoreFailure("directory: " + answer.error().detail);
  if (answer->kind == AnswerKind::kUnavailable) {
    throw StoreFailure("directory: the agent says: " + answer->detail);
  }
  return std::move(*answer);
}

std::optional<DirectoryUser> AgentDirectory::Keep(WritebackAnswer answer) {
  if (answer.kind != AnswerKind::kDone || !answer.user) return std::nullopt;
  // This is the agent's half of the rule; who may do nothing is told no more than a stranger.
  if (!answer.may_reset) {
    log_("writeback: the agent's configuration allows no reset of user " + answer.user->id + ": " +
         answer.detail);
  }
  if (!answer.may_reset && !answer.may_unlock) answer.user->enabled = false;
  seen_.Keep({.user = *answer.user, .read_at = clock_.Monotonic()});
  return std::move(answer.user);
}

std::optional<DirectoryUser> AgentDirectory::Find(std::string_view canonical_username) {
  std::optional<DirectoryUser> user =
      Keep(Ask({.kind = JobKind::kFind, .username = std::string(canonical_username)}, nullptr));
  if (user && user->username != canonical_username) return std::nullopt;
  return user;
}

std::optional<DirectoryUser> AgentDirectory::Get(std::string_view id) {
  if (std::optional<Seen> seen = seen_.Find(id)) return std::move(seen->user);
  return GetFresh(id);
}

std::optional<DirectoryUser> AgentDirectory::GetFresh(std::string_view id) {
  if (id.empty()) return std::nullopt;
  std::optional<DirectoryUser> user =
      Keep(Ask({.kind = JobKind::kGet, .user_id = std::string(id)}, nullptr));
  if (user && user->id != id) return std::nullopt;
  return user;
}

std::optional<DirectoryUser> AgentDirectory::Lately(std::string_view id) {
  if (std::optional<Seen> seen = seen_.FindAny(id)) return std::move(seen->user);
  return GetFresh(id);
}

std::string AgentDirectory::NameOf(std::string_view id) {
  if (const std::optional<Seen> seen = seen_.FindAny(id)) return seen->user.username;
  const std::optional<UserRecord> row = store_.GetUser(std::string(id));
  return row ? row->username : std::string();
}

Result<bool> AgentDirectory::Verify(std::string_view id, const Secret& password) {
  try {
    const WritebackAnswer answer =
        Ask({.kind = JobKind::kVerify, .user_id = std::string(id)}, &password);
    if (answer.kind != AnswerKind::kDone) {
      log_("writeback: no password was verified: " + answer.detail);
      return false;
    }
    if (!answer.right) return false;
    if (const std::optional<DirectoryUser> user = Get(id)) {
      KeepPersonRow(store_, *user, clock_.Now());
    }
    return true;
  } catch (const StoreFailure& failure) {
    return Error{Errc::kTimedOut, failure.what()};
  }
}

Status AgentDirectory::Adopt(std::string_view canonical_username) {
  try {
    const std::optional<DirectoryUser> user = Find(canonical_username);
    if (!user) return Error{Errc::kDenied, "the directory knows nobody of that name"};
    KeepPersonRow(store_, *user, clock_.Now());
    return Ok();
  } catch (const StoreFailure& failure) {
    return Error{Errc::kInternal, failure.what()};
  }
}

Status AgentDirectory::Unlock(std::string_view id) {
  try {
    const WritebackAnswer answer =
        Ask({.kind = JobKind::kUnlock, .user_id = std::string(id)}, nullptr);
    seen_.Outdate(id);
    if (answer.kind == AnswerKind::kDone) return Ok();
    if (answer.kind == AnswerKind::kNotAllowed) {
      return Error{Errc::kPolicy, "the agent's configuration does not allow it: " + answer.detail};
    }
    return Error{Errc::kDenied, answer.detail};
  } catch (const StoreFailure& failure) {
    return Error{Errc::kTimedOut, failure.what()};
  }
}

bool AgentDirectory::Void(const std::string& transaction_id, const std::string& why) {
  const UnixSeconds now = clock_.Now();
  JobRecord record{.job = {.id = "void-" + transaction_id,
                           .kind = JobKind::kSet,
                           .transaction_id = transaction_id},
                   .sealed = {},
                   .state = JobState::kDead,
                   .queued_ms = now * 1000,
                   .reason = why,
                   .ended_at = now};
  return hub_.jobs().Insert(record, nullptr, now);
}

std::optional<SetReply> AgentDirectory::ReplyOf(const JobRecord& record) {
  if (record.state == JobState::kDead) {
    SetReply reply = SetOutcome::kNotSet;
    reply.detail = "writeback: " + record.reason;
    return reply;
  }
  if (record.state != JobState::kAnswered) return std::nullopt;
  const std::optional<WritebackAnswer> answer = AnswerOf(record);
  if (!answer) return std::nullopt;
  if (answer->refusal) {
    SetReply refused(*answer->refusal, answer->detail);
    refused.generation = answer->generation;
    return refused;
  }
  SetReply done = SetOutcome::kSet;
  done.detail = answer->detail;
  return done;
}

SetReply AgentDirectory::SetPassword(std::string_view transaction_id, std::string_view id,
                                     const Secret& password, const Proposal&) {
  const std::string transaction(transaction_id);
  try {
    const std::optional<JobRecord> known = hub_.jobs().FindByTransaction(transaction);
    std::optional<SetReply> said = known ? ReplyOf(*known) : std::nullopt;
    if (known && !(said && said->refusal)) {
      if (said) return *said;
      const std::optional<JobRecord> over = hub_.Wait(known->job.id);
      return (over ? ReplyOf(*over) : std::nullopt).value_or(SetOutcome::kUnknown);
    }
    const std::optional<DirectoryUser> user = Get(id);
    if (user) return Queue(transaction, *user, password);
    if (!Void(transaction, "nobody has that id")) return SetOutcome::kUnknown;
    return SetOutcome::kNotSet;
  } catch (const StoreFailure& failure) {
    log_(std::string("writeback: ") + failure.what());
    // Nothing was asked for yet, or it is in the outbox.
    return Settle(transaction);
  }
}

SetReply AgentDirectory::Queue(const std::string& transaction_id, const DirectoryUser& user,
                               const Secret& password) {
  const Result<std::string> queued = hub_.Queue({.kind = JobKind::kSet,
                                                 .user_id = user.id,
                                                 .transaction_id = transaction_id,
                                                 .state_before = user.state_before},
                                                password);
  seen_.Outdate(user.id);
  if (!queued.ok() && queued.error().code == Errc::kDenied) {
    const std::optional<JobRecord> other = hub_.jobs().FindByTransaction(transaction_id);
    const std::optional<JobRecord> over = other ? hub_.Wait(other->job.id) : std::nullopt;
    return (over ? ReplyOf(*over) : std::nullopt).value_or(SetOutcome::kUnknown);
  }
  if (!queued.ok()) {
    SetReply none =
        Void(transaction_id, queued.error().detail) ? SetOutcome::kNotSet : SetOutcome::kUnknown;
    none.detail = queued.error().detail;
    return none;
  }
  const std::optional<JobRecord> over = hub_.Wait(*queued);
  return (over ? ReplyOf(*over) : std::nullopt).value_or(SetOutcome::kUnknown);
}

std::optional<SetReply> AgentDirectory::Answered(std::string_view transaction_id) {
  const std::optional<JobRecord> record = hub_.jobs().FindByTransaction(transaction_id);
  return record ? ReplyOf(*record) : std::nullopt;
}

// What is with an agent, or was, is the agents' to tell; the hub keeps asking them.
SetOutcome AgentDirectory::Settle(std::string_view transaction_id) {
  const std::string transaction(transaction_id);
  try {
    const std::optional<JobRecord> record = hub_.jobs().FindByTransaction(transaction);
    if (!record) {
      return Void(transaction, "it was given up") ? SetOutcome::kNotSet : SetOutcome::kUnknown;
    }
    if (const std::optional<SetReply> said = ReplyOf(*record)) {
      return said->refusal ? SetOutcome::kNotSet : said->outcome;
    }
    const UnixSeconds now = clock_.Now();
    if (record->job.expires_at > now) return SetOutcome::kUnknown;
    const bool is_buried = hub_.jobs().BuryUntaken(record->job.id, "no agent took it in time", now);
    return is_buried ? SetOutcome::kNotSet : SetOutcome::kUnknown;
  } catch (const StoreFailure&) {
    return SetOutcome::kUnknown;
  }
}

}  // namespace sspr::service
