// SPDX-License-Identifier: Apache-2.0
// The audit file: a line before each effect, a chain that shows every change, no secrets; and no
// reset where it cannot be written.
#include <gtest/gtest.h>
#include <json/json.h>
#include <sys/stat.h>

#include <filesystem>
#include <sstream>

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
