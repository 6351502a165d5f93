// SPDX-License-Identifier: Apache-2.0
// The audit file: a line before each effect, a chain that shows every change, no secrets; and no
// reset where it cannot be written.
#include <gtest/gtest.h>
#include <json/json.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "service/audit/audit_line.h"
#include "service/store/sql_access.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class AuditTest : public testing::Test {
 protected:
  AuditTest() { world.AddUser("alice"); }

  std::vector<Json::Value> Lines() {
    std::vector<Json::Value> lines;
    std::istringstream in(world.AuditText());
    for (std::string line; std::getline(in, line);) {
      Json::Value value;
      std::istringstream text(line);
      text >> value;
      lines.push_back(value);
    }
    return lines;
  }
  AuditVerdict Verify() {
    const Result<AuditVerdict> verdict = world.admin().VerifyAudit();
    EXPECT_TRUE(verdict.ok());
    return verdict.ok() ? *verdict : AuditVerdict{};
  }
  // Puts a folder in the file's place: a disk that cannot be written, for root as well.
  void BreakTheFile() {
    const std::string path = world.settings().audit_file;
    std::filesystem::rename(path, path + ".away");
    std::filesystem::create_directory(path);
  }

  // Somebody with the database and without the keys.
  void Tamper(const std::string& statement) {
    auto database = SqlDatabase::Open(world.settings().database, 1);
    ASSERT_TRUE(database.ok());
    (*database)->Write([&](soci::session& sql) { sql << statement; });
  }
  long long CountRows(const std::string& condition = "1 = 1") {
    auto database = SqlDatabase::Open(world.settings().database, 1);
    return (*database)->Read([&](soci::session& sql) {
      long long count = 0;
      sql << "SELECT COUNT(*) FROM audit_events WHERE " + condition, soci::into(count);
      return count;
    });
  }
  static std::string WithoutLastLines(const std::string& text, int count) {
    std::size_t end = text.size();
    for (int i = 0; i <= count; ++i) end = text.rfind('\n', end - 1);
    return text.substr(0, end + 1);
  }

  EngineWorld world;
};

TEST_F(AuditTest, WholeResetIsThere_InOrder_WithWhoAndWhere) {
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  std::vector<std::string> seen;
  for (const Json::Value& line : Lines()) {
    const std::string event = line["event"].asString();
    if (event.starts_with("reset.")) seen.push_back(event + " " + line["outcome"].asString());
    if (!event.starts_with("reset.") || event == "reset.start") continue;
    EXPECT_EQ(line["user"].asString(), "alice");
    EXPECT_EQ(line["address"].asString(), "192.0.2.7");
    EXPECT_EQ(line["client_id"].asString(), kClient);
    EXPECT_EQ(line["correlation_id"].asString().size(), 36U);
    EXPECT_FALSE(line["flow_id"].asString().empty());
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"reset.start started", "reset.challenge opened",
                                            "reset.gate passed", "reset.submit begun",
                                            "reset.finish succeeded"}));
  EXPECT_TRUE(Verify().intact) << Verify().detail;
  struct stat status {};
  ASSERT_EQ(stat(world.settings().audit_file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(AuditTest, NoSecretIsInIt) {
  const std::string token = world.Prove("alice");
  const std::string code = world.LastCode("alice@example.org");
  (void)world.engine().Submit(world.From(), token, Hidden("short one"), "");
  ASSERT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden(kNewPassword), "")), "ok");
  world.CanSignIn("alice", kNewPassword);
  for (const std::string& secret : {code, token, std::string(kOldPassword),
                                    std::string(kNewPassword), std::string("short one")}) {
    for (const char* file : {"audit.jsonl", "sspr.db", "sspr.db-wal"}) {
      EXPECT_EQ(world.folder().Read(file).find(secret), std::string::npos) << file;
    }
    EXPECT_EQ(world.LogText().find(secret), std::string::npos);
  }
}

TEST_F(AuditTest, WithoutIt_NothingIsStartedSentOrSet_ButASignInHappens) {
  const std::string waiting = world.OpenEmail("alice");
  const std::string code = world.LastCode("alice@example.org");
  const std::string proved = world.Prove("alice");
  const std::size_t mails = world.Mails().size();
  BreakTheFile();
  EXPECT_EQ(Outcome(world.engine().Start(world.From(), world.For("alice"))), "internal");
  EXPECT_EQ(Outcome(world.engine().Challenge(world.From(), waiting, "")), "internal");
  EXPECT_EQ(
      Outcome(world.engine().Continue(world.From(), waiting, MethodKind::kEmailCode, Hidden(code))),
      "internal");
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), proved, Hidden(kNewPassword), "")),
            "internal");
  EXPECT_FALSE(world.admin().SetEnabled("alice", false).ok());
  EXPECT_EQ(world.Mails().size(), mails);
  EXPECT_TRUE(world.CanSignIn("alice", kOldPassword));
  EXPECT_NE(world.LogText().find("audit"), std::string::npos);
}

TEST_F(AuditTest, EveryChangeOfTheFileIsSeen) {
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  const std::string good = world.AuditText();
  std::vector<std::string> lines;
  std::istringstream in(good);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const auto joined = [](const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += part + "\n";
    return text;
  };
  std::vector<std::string> changed = lines;
  changed[3].replace(changed[3].find("alice"), 5, "mallo");
  std::vector<std::string> without = lines;
  without.erase(without.begin() + 2);
  std::vector<std::string> swapped = lines;
  std::swap(swapped[1], swapped[2]);
  std::vector<std::string> doubled = lines;
  doubled.insert(doubled.begin() + 2, doubled[2]);
  std::vector<std::string> cut(lines.begin(), lines.end() - 3);
  for (const std::string& text : {joined(changed), joined(without), joined(swapped),
                                  joined(doubled), joined(cut), std::string()}) {
    world.folder().Write("audit.jsonl", text);
    EXPECT_FALSE(Verify().intact) << text;
    EXPECT_FALSE(Verify().detail.empty());
  }
  world.folder().Write("audit.jsonl", good);
  EXPECT_TRUE(Verify().intact);
  EXPECT_EQ(Verify().records, lines.size());
}

TEST_F(AuditTest, EveryChangeOfTheDatabaseIsSeen) {
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  ASSERT_TRUE(Verify().intact) << Verify().detail;
  EXPECT_EQ(CountRows(), static_cast<long long>(Lines().size()));
  for (const char* statement :
       {"UPDATE audit_events SET line = REPLACE(line, 'alice', 'mallo') WHERE n = 5",
        "UPDATE audit_events SET username = 'mallory' WHERE n = 5",
        "UPDATE audit_events SET at = at + 1 WHERE n = 5",
        "UPDATE audit_events SET seal = '' WHERE n = 5", "DELETE FROM audit_events WHERE n = 1",
        "DELETE FROM audit_events WHERE n = 4",
        "DELETE FROM audit_events WHERE n = (SELECT MAX(n) FROM audit_events)",
        "UPDATE audit_events SET n = CASE n WHEN 3 THEN 1004 WHEN 4 THEN 3 ELSE n END",
        "DELETE FROM audit_events"}) {
    Tamper("CREATE TABLE kept AS SELECT * FROM audit_events");
    Tamper(statement);
    EXPECT_FALSE(Verify().intact) << statement;
    EXPECT_FALSE(Verify().detail.empty()) << statement;
    Tamper("DELETE FROM audit_events");
    Tamper("INSERT INTO audit_events SELECT * FROM kept");
    Tamper("DROP TABLE kept");
  }
  EXPECT_TRUE(Verify().intact) << Verify().detail;
}

TEST_F(AuditTest, AForgedRowWithARightHash_LacksTheKey) {
  const std::vector<Json::Value> lines = Lines();
  ChainEnd end{.chain = lines.back()["chain"].asString(),
               .number = lines.back()["n"].asUInt64(),
               .hash = lines.back()["hash"].asString()};
  const std::string line =
      AuditLine({.event = "reset.finish", .outcome = "succeeded"}, world.clock().Now(), "", end);
  Tamper("INSERT INTO audit_events SELECT chain, n + 1, " + std::to_string(world.clock().Now()) +
         ", 'reset.finish', 'succeeded', '', '', '', '', '', seal, '" + line +
         "' FROM audit_events ORDER BY n DESC LIMIT 1");
  world.folder().Write("audit.jsonl", world.AuditText() + line + "\n");
  EXPECT_FALSE(Verify().intact);
}

TEST_F(AuditTest, ProcessesOnOneDatabaseEachWriteAChain_AndAChainThatVanishedIsMissed) {
  const EngineDependencies dependencies{.clock = &world.clock(), .deliver = {}, .log = {}};
  auto other = LayFoundation(world.settings(), dependencies);
  ASSERT_TRUE(other.ok());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE((*other)
                    ->audit->Write({.event = "test", .outcome = "done"}, AuditLog::Weight::kNormal)
                    .ok());
    EXPECT_EQ(Outcome(world.engine().Start(world.From(), world.For("alice"))), "ok");
  }
  auto third = LayFoundation(world.settings(), dependencies);
  EXPECT_TRUE((*third)
                  ->audit->Write({.event = "third", .outcome = "done"}, AuditLog::Weight::kNormal)
                  .ok());
  EXPECT_TRUE(Verify().intact) << Verify().detail;
  std::set<std::string> chains;
  for (const Json::Value& line : Lines()) chains.insert(line["chain"].asString());
  EXPECT_EQ(chains.size(), 3U);
  Tamper("DELETE FROM audit_events WHERE event = 'third'");
  EXPECT_FALSE(Verify().intact) << "the file has it";
  world.folder().Write("audit.jsonl", WithoutLastLines(world.AuditText(), 1));
  EXPECT_TRUE(Verify().intact) << Verify().detail;
  // A chain that others begin behind is missed by them alone.
  const std::string chain = (*other)->audit->End().chain;
  Tamper("DELETE FROM audit_events WHERE chain NOT IN ('" + chain + "')");
  EXPECT_NE(Verify().detail.find("does not begin behind"), std::string::npos) << Verify().detail;
}

TEST_F(AuditTest, LinesThatAPowerCutTook_AreCompletedFromTheDatabase) {
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  const std::string whole = world.AuditText();
  world.folder().Write("audit.jsonl", WithoutLastLines(whole, 3));
  EXPECT_FALSE(Verify().intact);
  world.Restart();
  EXPECT_EQ(Outcome(world.engine().Start(world.From(), world.For("alice"))), "ok");
  EXPECT_TRUE(world.AuditText().starts_with(whole));
  EXPECT_TRUE(Verify().intact) << Verify().detail;
}

TEST_F(AuditTest, ARowIsThereExactlyWhenItsDecisionIs) {
  const std::string token = world.Prove("alice");
  const long long before = CountRows();
  BreakTheFile();
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden(kNewPassword), "")),
            "internal");
  EXPECT_EQ(CountRows(), before);
  const std::string path = world.settings().audit_file;
  std::filesystem::remove(path);
  std::filesystem::rename(path + ".away", path);
  EXPECT_EQ(Outcome(world.engine().Submit(world.From(), token, Hidden(kNewPassword), "")), "ok");
  EXPECT_EQ(CountRows("event = 'reset.submit' AND outcome = 'begun'"), 1);
  EXPECT_EQ(CountRows("event = 'reset.finish' AND outcome = 'succeeded'"), 1);
  EXPECT_TRUE(Verify().intact) << Verify().detail;
}

TEST_F(AuditTest, PartsOfAFileThatWasRotatedAreVerifiedTogether) {
  const std::string path = world.settings().audit_file;
  std::filesystem::rename(path, path + ".1");
  EXPECT_EQ(Outcome(world.engine().Start(world.From(), world.For("alice"))), "ok");
  EXPECT_FALSE(Verify().intact);
  auto other = LayFoundation(world.settings(), {.clock = &world.clock(), .deliver = {}, .log = {}});
  const auto together = (*other)->audit->Verify({path + ".1", path});
  ASSERT_TRUE(together.ok());
  EXPECT_TRUE(together->intact) << together->detail;
}

TEST_F(AuditTest, TornLastLineIsCutOff_ItWasNeverAcknowledged) {
  const std::string good = world.AuditText();
  world.folder().Write("audit.jsonl", good + "{\"n\":99,\"ev");
  EXPECT_EQ(Outcome(world.engine().Start(world.From(), world.For("alice"))), "ok");
  EXPECT_TRUE(world.AuditText().starts_with(good));
  EXPECT_TRUE(Verify().intact) << Verify().detail;
}

TEST_F(AuditTest, ChangedLastLine_StopsResets) {
  std::string text = world.AuditText();
  text[text.size() - 10] = text[text.size() - 10] == 'a' ? 'b' : 'a';
  world.folder().Write("audit.jsonl", text);
  EXPECT_EQ(Outcome(world.engine().Start(world.From(), world.For("alice"))), "internal");
}

TEST_F(AuditTest, HostileTextStaysInItsLine) {
  Caller caller = world.From("\n{\"event\":\"forged\"}\x1b[2J", kClient);
  caller.correlation_id = std::string(5000, '"');
  (void)world.engine().Start(caller, world.For("alice"));
  for (const Json::Value& line : Lines()) EXPECT_NE(line["event"].asString(), "forged");
  EXPECT_EQ(world.AuditText().find('\x1b'), std::string::npos);
  EXPECT_TRUE(Verify().intact) << Verify().detail;
}

}  // namespace
}  // namespace sspr::service
