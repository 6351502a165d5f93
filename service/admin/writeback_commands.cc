// SPDX-License-Identifier: Apache-2.0
// ssprctl writeback ...: agents on the premises, and the outbox of what they are asked to do.
#include "service/admin/writeback_commands.h"

#include <pwd.h>
#include <unistd.h>

#include <memory>

#include "service/engine/foundation.h"
#include "service/policy/audience.h"
#include "service/policy/policy.h"
#include "service/policy/user_name.h"
#include "service/writeback/agent_directory.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostListed = 1000;
const std::vector<const char*> kAgentListMembers = {"id", "name", "versions", "last_seen", "state"};
const std::vector<const char*> kJobListMembers = {"id",        "transaction", "user",  "state",
                                                  "queued_at", "tries",       "reason"};
const std::vector<const char*> kJobMembers = {"id",        "transaction", "user",  "state",
                                              "queued_at", "expires_at",  "tries", "agent",
                                              "taken_at",  "ended_at",    "reason"};

Error NoAgents() { return {Errc::kPolicy, "there are no agents: [directory] has no type = agent"}; }

std::string WhoRunsThis() {
  const passwd* const account = getpwuid(getuid());
  return account != nullptr ? account->pw_name : std::to_string(getuid());
}

// A command on the desk; the exceptions of the database end here.
using DeskCommand = std::function<Status(WritebackDesk&, Foundation&, const Output&)>;
FoundationCommand OnDesk(DeskCommand command) {
  return [command = std::move(command)](Foundation& base, const Output& output) -> Status {
    WritebackDesk* const desk = WritebackDeskOf(*base.directory);
    if (desk == nullptr) return NoAgents();
    try {
      return command(*desk, base, output);
    } catch (const std::exception& error) {
      return Error{Errc::kInternal, error.what()};
    }
  };
}

Status MakeCode(WritebackDesk& desk, int minutes, const Output& output) {
  const Result<AgentCode> code = desk.registry.IssueCode(minutes, WhoRunsThis());
  if (!code) return code.error();
  Json::Value object(Json::objectValue);
  object["id"] = code->id;
  object["registration_code"] = code->text;
  object["expires_at"] = ShowTime(code->expires_at);
  output.ShowObject(object, {"id", "registration_code", "expires_at"});
  return Ok();
}

Status ShowAgents(WritebackDesk& desk, const Output& output) {
  const auto agents = desk.registry.List();
  if (!agents) return agents.error();
  Json::Value list(Json::arrayValue);
  for (const AgentRecord& agent : *agents) {
    Json::Value object(Json::objectValue);
    object["id"] = output.json() ? agent.id : agent.id.substr(0, 12);
    object["name"] = agent.name;
    object["versions"] = agent.versions;
    object["registered_at"] = ShowTime(agent.registered_at);
    object["last_seen"] = ShowTime(agent.last_seen);
    object["state"] = agent.revoked_at != 0 ? "revoked" : "registered";
    list.append(std::move(object));
  }
  output.ShowList(list, kAgentListMembers);
  return Ok();
}

Json::Value ToJson(const JobRecord& record) {
  Json::Value object(Json::objectValue);
  object["id"] = record.job.id;
  object["kind"] = Name(record.job.kind);
  object["transaction"] = record.job.transaction_id;
  object["user"] = record.job.user_id;
  object["state"] = Name(record.state);
  object["queued_at"] = ShowTime(record.queued_ms / 1000);
  object["expires_at"] = ShowTime(record.job.expires_at);
  object["tries"] = record.tries;
  object["agent"] = record.taken_by;
  object["taken_at"] = ShowTime(record.taken_at);
  object["ended_at"] = ShowTime(record.ended_at);
  object["reason"] = record.reason;
  return object;
}

Status ShowJobs(WritebackDesk& desk, bool dead, const Output& output) {
  Json::Value list(Json::arrayValue);
  const std::vector<JobState> states = dead ? std::vector<JobState>{JobState::kDead}
                                            : std::vector{JobState::kTaken, JobState::kWaiting};
  for (const JobState state : states) {
    for (const JobRecord& record : desk.hub.jobs().List(state, kMostListed)) {
      if (record.job.kind == JobKind::kSet) list.append(ToJson(record));
    }
  }
  output.ShowList(list, kJobListMembers);
  return Ok();
}

Result<JobRecord> JobOf(WritebackDesk& desk, const std::string& id) {
  std::optional<JobRecord> record = desk.hub.jobs().Find(id);
  if (!record) record = desk.hub.jobs().FindByTransaction(id);
  if (!record) return Error{Errc::kDenied, "there is no such job"};
  return std::move(*record);
}

Status ShowJob(WritebackDesk& desk, const std::string& id, const Output& output) {
  const Result<JobRecord> record = JobOf(desk, id);
  if (!record) return record.error();
  output.ShowObject(ToJson(*record), kJobMembers);
  return Ok();
}

Status Audit(Foundation& base, const char* event, const JobRecord& record) {
  return base.audit->Write({.event = event,
                            .outcome = "done",
                            .reason = "by " + WhoRunsThis(),
                            .user_id = record.job.user_id,
                            .transaction_id = record.job.transaction_id},
                           AuditLog::Weight::kFinal);
}

Status Retry(WritebackDesk& desk, Foundation& base, const std::string& id, const Output& output) {
  const Result<JobRecord> record = JobOf(desk, id);
  if (!record) return record.error();
  if (record->state == JobState::kDead || record->state == JobState::kAnswered) {
    return Error{Errc::kDenied,
                 "the job is over, and the person was told so; they reset the password again"};
  }
  if (Status noted = Audit(base, "admin.writeback.retry", *record); !noted.ok()) return noted;
  if (!desk.hub.jobs().Hurry(record->job.id, base.clock().Now())) {
    return Error{Errc::kDenied, "the job is over"};
  }
  output.ShowDone("The next agent that asks gets the job.");
  return Ok();
}

Status Drop(WritebackDesk& desk, Foundation& base, const std::string& id, const Output& output) {
  const Result<JobRecord> record = JobOf(desk, id);
  if (!record) return record.error();
  if (Status noted = Audit(base, "admin.writeback.drop", *record); !noted.ok()) return noted;
  if (record->state == JobState::kDead || record->state == JobState::kAnswered) {
    // It is the record of that transaction, which a late question may still be about.
    return Error{Errc::kDenied, "the job is over; its record goes by itself after 30 days"};
  }
  if (!desk.hub.jobs().Bury(record->job.id, "dropped by " + WhoRunsThis(), base.clock().Now())) {
    return Error{Errc::kDenied, "the job is over"};
  }
  output.ShowDone(record->taken_by.empty()
                      ? "The job is dropped: the password was not set."
                      : "The job is dropped. An agent had it: whether the password was set, the "
                        "directory alone knows.");
  return Ok();
}

// Which half of the rule is missing for somebody.
Status CheckUser(WritebackDesk& desk, Foundation& base, const std::string& typed,
                 const Output& output) {
  const std::optional<std::string> name = CanonicalUserName(typed);
  const Policy policy = LoadPolicy(*base.store);
  Json::Value object(Json::objectValue);
  const Result<WritebackAnswer> answer =
      desk.hub.Ask({.kind = JobKind::kFind, .username = name.value_or("")}, nullptr);
  if (!answer) return Error{Errc::kDenied, answer.error().detail};
  if (answer->kind == AnswerKind::kUnavailable) return Error{Errc::kDenied, answer->detail};
  if (!answer->user) return Error{Errc::kDenied, "the agent's directory knows nobody of that name"};
  const bool in_scope = IsInScope(policy, answer->user->groups);
  object["user"] = answer->user->username;
  object["service"] =
      in_scope ? "allows a reset" : "allows none: reset.scope or reset.groups (ssprctl policy)";
  object["agent"] = answer->may_reset ? "allows a reset" : "allows none: " + answer->detail;
  object["unlock"] = policy.unlock_enabled == 0
                         ? "no: unlock.enabled (ssprctl policy)"
                         : (answer->may_unlock ? "yes" : "no: [allow] of sspr-writeback.conf");
  object["reset"] = in_scope && answer->may_reset ? "yes" : "no";
  output.ShowObject(object, {"user", "reset", "service", "agent", "unlock"});
  return Ok();
}

// A command with one text.
void AddOnText(
    CLI::App& group, FoundationCommand& chosen, const char* name, const char* help,
    const char* what, const char* about,
    std::function<Status(WritebackDesk&, Foundation&, const std::string&, const Output&)> run) {
  auto* const command = group.add_subcommand(name, help);
  auto text = std::make_shared<std::string>();
  command->add_option(what, *text, about)->required();
  command->callback([text, &chosen, run = std::move(run)] {
    chosen = OnDesk([text, run](WritebackDesk& desk, Foundation& base, const Output& output) {
      return run(desk, base, *text, output);
    });
  });
}

void AddAgents(CLI::App& writeback, FoundationCommand& chosen) {
  auto* const code =
      writeback.add_subcommand("code", "Make a code that registers one agent; prints it, once");
  auto minutes = std::make_shared<int>(60);
  code->add_option("--minutes", *minutes, "Its life, 1 to 1440")->capture_default_str();
  code->callback([minutes, &chosen] {
    chosen = OnDesk([minutes](WritebackDesk& desk, Foundation&, const Output& output) {
      return MakeCode(desk, *minutes, output);
    });
  });
  writeback.add_subcommand("agents", "List the agents")->callback([&chosen] {
    chosen = OnDesk([](WritebackDesk& desk, Foundation&, const Output& output) {
      return ShowAgents(desk, output);
    });
  });
  AddOnText(writeback, chosen, "revoke", "Give an agent no more work; its key cannot come back",
            "ID", "Its id, or a beginning of it",
            [](WritebackDesk& desk, Foundation&, const std::string& id, const Output& output) {
              Status done = desk.registry.Revoke(id, WhoRunsThis());
              if (done) output.ShowDone("The agent is revoked.");
              return done;
            });
  AddOnText(writeback, chosen, "remove", "Forget an agent, and that it was revoked", "ID",
            "Its id, or a beginning of it",
            [](WritebackDesk& desk, Foundation&, const std::string& id, const Output& output) {
              Status done = desk.registry.Remove(id, WhoRunsThis());
              if (done) output.ShowDone("The agent is removed.");
              return done;
            });
}

}  // namespace

void AddWritebackCommands(CLI::App& app, FoundationCommand& chosen) {
  auto* const writeback =
      app.add_subcommand("writeback", "Agents on the premises, and what they are asked to do");
  writeback->require_subcommand(1);
  AddAgents(*writeback, chosen);
  auto* const list = writeback->add_subcommand("list", "List the passwords that are to be set");
  auto dead = std::make_shared<bool>(false);
  list->add_flag("--dead", *dead, "Those of the last 30 days that were not set");
  list->callback([dead, &chosen] {
    chosen = OnDesk([dead](WritebackDesk& desk, Foundation&, const Output& output) {
      return ShowJobs(desk, *dead, output);
    });
  });
  constexpr char kJob[] = "The job's id, or that of its transaction";
  AddOnText(*writeback, chosen, "show", "Show a job", "JOB", kJob,
            [](WritebackDesk& desk, Foundation&, const std::string& id, const Output& output) {
              return ShowJob(desk, id, output);
            });
  AddOnText(*writeback, chosen, "retry", "Let a job that waits go to the next agent that asks",
            "JOB", kJob, Retry);
  AddOnText(*writeback, chosen, "drop", "Give a job up: the person is told that it failed", "JOB",
            kJob, Drop);
  AddOnText(*writeback, chosen, "check",
            "Ask the agent and the policy whether somebody may reset; changes nothing", "USER",
            "User name in the directory", CheckUser);
}

}  // namespace sspr::service
