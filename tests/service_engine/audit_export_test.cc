// SPDX-License-Identifier: Apache-2.0
// How the audit is searched and how it leaves the service: pages, tables that no spreadsheet takes
// for formulas, syslog messages over each transport; and that no server ever makes a reset wait.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "service/audit/audit_keeper.h"
#include "service/audit/audit_search.h"
#include "service/audit/syslog_line.h"
#include "service/metrics/figures.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

constexpr int kServerSeconds = 20;  // for a message to come; nothing waits so long that works

class AuditExportTest : public testing::Test {
 protected:
  AuditExportTest() {
    auto laid = LayFoundation(settings(), {.clock = &world.clock(), .deliver = {}, .log = {}});
    foundation = std::move(*laid);
  }
  const EngineSettings& settings() const { return world.settings(); }
  void Write(AuditEvent event) {
    ASSERT_TRUE(foundation->audit->Write(std::move(event), AuditLog::Weight::kNormal).ok());
  }
  std::vector<std::string> Found(AuditQuery query) {
    const Result<AuditPage> page = AuditSearch(*foundation->database).Find(std::move(query));
    std::vector<std::string> names;
    if (!page.ok()) return {page.error().detail};
    for (const AuditRecord& record : page->records) names.push_back(record.event.event);
    return names;
  }

  EngineWorld world;
  std::unique_ptr<Foundation> foundation;
};

using Names = std::vector<std::string>;

TEST_F(AuditExportTest, EachFilterFindsItsRecords_NewestFirst) {
  const UnixSeconds begun = world.clock().Now() + 10;
  world.clock().Advance(10);
  Write({.event = "x.one", .outcome = "done", .user_id = "1", .username = "bob"});
  world.clock().Advance(10);
  Write({.event = "x.two",
         .outcome = "failed",
         .reason = "100%_sure",
         .actor = "olga",
         .address = "192.0.2.9"});
  world.clock().Advance(10);
  Write({.event = "x.three", .outcome = "done", .user_id = "2", .username = "eve", .device = "ab"});
  EXPECT_EQ(Found({.event = "x.*"}), (Names{"x.three", "x.two", "x.one"}));
  EXPECT_EQ(Found({.event = "x.two"}), (Names{"x.two"}));
  EXPECT_EQ(Found({.username = "bob"}), (Names{"x.one"}));
  EXPECT_EQ(Found({.actor = "olga"}), (Names{"x.two"}));
  EXPECT_EQ(Found({.event = "x.*", .outcome = "done"}), (Names{"x.three", "x.one"}));
  EXPECT_EQ(Found({.address = "192.0.2.9"}), (Names{"x.two"}));
  EXPECT_EQ(Found({.device = "ab"}), (Names{"x.three"}));
  EXPECT_EQ(Found({.text = "100%_SURE"}), (Names{"x.two"}));
  EXPECT_EQ(Found({.text = "100_x"}), Names{});
  EXPECT_EQ(Found({.event = "x%"}), Names{});
  EXPECT_EQ(Found({.username = "' OR 1=1 --"}), Names{});
  EXPECT_EQ(Found({.event = "x.*", .since = begun + 10, .until = begun + 20}), (Names{"x.two"}));
  EXPECT_FALSE(AuditSearch(*foundation->database).Find({.since = begun, .until = begun}).ok());
}

TEST_F(AuditExportTest, PagesHaveEachRecordOnce) {
  for (int i = 0; i < 25; ++i) Write({.event = "p." + std::to_string(i), .outcome = "done"});
  AuditSearch search(*foundation->database);
  AuditQuery query{.event = "p.*", .limit = 10};
  Names names;
  int pages = 0;
  for (; pages < 10; ++pages) {
    const Result<AuditPage> page = search.Find(query);
    ASSERT_TRUE(page.ok());
    for (const AuditRecord& record : page->records) names.push_back(record.event.event);
    if (!page->before) break;
    query.before = ReadPlace(WritePlace(*page->before));
    ASSERT_TRUE(query.before);
  }
  EXPECT_EQ(pages, 2);
  ASSERT_EQ(names.size(), 25U);
  for (int i = 0; i < 25; ++i)
    EXPECT_EQ(names[static_cast<std::size_t>(i)], "p." + std::to_string(24 - i));
}

TEST_F(AuditExportTest, TimesAreRead_OrRefusedWithASentence) {
  EXPECT_EQ(*ReadAuditTime("2026-11-28", 0), 1795824000);
  EXPECT_EQ(*ReadAuditTime("2026-11-28T04:00:01Z", 0), 1795838401);
  EXPECT_EQ(*ReadAuditTime("90m", 100'000), 94'600);
  EXPECT_EQ(*ReadAuditTime("7d", 1'000'000), 395'200);
  for (const char* bad : {"", "yesterday", "2026-11-28x", "-5h", "9999999999d", "h"}) {
    EXPECT_FALSE(ReadAuditTime(bad, 0).ok()) << bad;
  }
}

TEST_F(AuditExportTest, NoCellOfATableIsAFormula) {
  for (const std::string begin :
       {"=", "+", "-", "@", "\t=", " =", "\r\n+", "\xEF\xBC\x9D", "|", "%"}) {
    AuditRecord record;
    record.event = {.event = "e", .outcome = "o", .reason = begin + "cmd|' /C calc'!A0\",\"x"};
    const std::string line = AuditCsvLine(record);
    EXPECT_NE(line.find(",\"'"), std::string::npos) << line;
    EXPECT_NE(line.find("\"\",\"\"x"), std::string::npos) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), line.size() - 2) << line;
  }
  EXPECT_EQ(AuditCsvHeader().substr(0, 24), "\"time\",\"event\",\"outcome\"");
}

TEST_F(AuditExportTest, SyslogMessagesAreWellFormed_WhateverIsInThem) {
  Write({.event = "sy.slog", .outcome = "failed", .reason = "a\"b\\c]d\ne", .username = "al"});
  const auto page = AuditSearch(*foundation->database).Find({.event = "sy.slog"});
  const std::string line = SyslogLine(page->records.front(), "host one");
  EXPECT_TRUE(line.starts_with("<108>1 " + page->records.front().time +
                               " host_one sspr-service - sy.slog [sspr@32473 event=\"sy.slog\""))
      << line;
  EXPECT_NE(line.find("reason=\"a\\\"b\\\\c\\]d?e\""), std::string::npos) << line;
  EXPECT_TRUE(line.ends_with("] " + page->records.front().line));
  EXPECT_EQ(SyslogFrame("abc"), "3 abc");
}

TEST_F(AuditExportTest, Targets) {
  EXPECT_EQ(ParseSyslogTarget("unix:/dev/log")->path, "/dev/log");
  EXPECT_EQ(ParseSyslogTarget("udp://[::1]:514")->host, "::1");
  EXPECT_EQ(ParseSyslogTarget("tls://log.example.org:6514")->port, "6514");
  for (const char* bad : {"", "/dev/log", "unix:log", "tcp://host", "tcp://:1", "tcp://h:1a",
                          "http://h:1", "udp://h:"}) {
    EXPECT_FALSE(ParseSyslogTarget(bad).ok()) << bad;
  }
}

// A socket of a server on this machine.
class Server {
 public:
  Server(int family, int type, const std::string& path) {
    fd_ = socket(family, type | SOCK_CLOEXEC, 0);
    if (family == AF_UNIX) {
      sockaddr_un where{};
      where.sun_family = AF_UNIX;
      path.copy(where.sun_path, sizeof where.sun_path - 1);
      bound_ = bind(fd_, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
    } else {
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t size = sizeof where;
      bound_ = bind(fd_, reinterpret_cast<sockaddr*>(&where), size) == 0 &&
               (type != SOCK_STREAM || listen(fd_, 4) == 0) &&
               getsockname(fd_, reinterpret_cast<sockaddr*>(&where), &size) == 0;
      port_ = ntohs(where.sin_port);
    }
    SetPatience(fd_);
  }
  ~Server() {
    if (peer_ >= 0) close(peer_);
    close(fd_);
  }
  bool bound() const { return bound_; }
  std::string port() const { return std::to_string(port_); }

  std::string Datagram() const {
    std::string bytes(65536, 'x');
    const ssize_t got = recv(fd_, bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  void Accept() {
    peer_ = accept(fd_, nullptr, nullptr);
    SetPatience(peer_);
  }
  void HangUp() {
    close(peer_);
    peer_ = -1;
  }
  // The next message by its length in front.
  std::string Framed() const {
    std::string digits;
    for (char c = 0; recv(peer_, &c, 1, 0) == 1 && c != ' ';) digits += c;
    if (digits.empty()) return {};
    std::string message(std::stoul(digits), 'x');
    const ssize_t got = recv(peer_, message.data(), message.size(), MSG_WAITALL);
    message.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return message;
  }

 private:
  static void SetPatience(int fd) {
    const timeval time{.tv_sec = kServerSeconds, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  }
  int fd_ = -1;
  int peer_ = -1;
  int port_ = 0;
  bool bound_ = false;
};

class Exported {
 public:
  Exported(Foundation& foundation, const std::string& target)
      : foundation_(foundation),
        keeper_(*foundation.audit, *foundation.database, *ParseSyslogTarget(target), {}) {
    foundation_.audit->SetListener([this](const std::vector<AuditEvent>&) { keeper_.Notice(); });
  }
  ~Exported() { foundation_.audit->SetListener({}); }
  AuditExportState State() const { return keeper_.State(); }

 private:
  Foundation& foundation_;
  AuditKeeper keeper_;
};

TEST_F(AuditExportTest, RecordsGoOut_ToALocalSocketAndOverUdp) {
  const std::string path = world.folder().File("log");
  Server local(AF_UNIX, SOCK_DGRAM, path);
  Server udp(AF_INET, SOCK_DGRAM, {});
  ASSERT_TRUE(local.bound() && udp.bound());
  for (const auto& [server, target] :
       {std::pair{&local, "unix:" + path}, {&udp, "udp://127.0.0.1:" + udp.port()}}) {
    const Exported exported(*foundation, target);
    Write({.event = "out." + target.substr(0, 4), .outcome = "done"});
    std::string message;
    do {
      message = server->Datagram();
      ASSERT_FALSE(message.empty()) << target;
    } while (message.find("out." + target.substr(0, 4)) == std::string::npos);
    EXPECT_TRUE(message.starts_with("<109>1 ")) << message;
  }
}

TEST_F(AuditExportTest, OverTcpEachIsFramed_AndNoneIsLostWhileTheServerIsAway) {
  Server server(AF_INET, SOCK_STREAM, {});
  ASSERT_TRUE(server.bound());
  const Exported exported(*foundation, "tcp://127.0.0.1:" + server.port());
  Write({.event = "t.1", .outcome = "done"});
  server.Accept();
  EXPECT_NE(server.Framed().find(" t.1 "), std::string::npos);
  server.HangUp();
  Write({.event = "t.2", .outcome = "done"});
  server.Accept();
  EXPECT_NE(server.Framed().find(" t.2 "), std::string::npos);
  Write({.event = "t.3", .outcome = "done"});
  EXPECT_NE(server.Framed().find(" t.3 "), std::string::npos);
}

TEST_F(AuditExportTest, AServerThatHangsMakesNobodyWait) {
  Server server(AF_INET, SOCK_STREAM, {});  // connects, and is never read
  ASSERT_TRUE(server.bound());
  const Exported exported(*foundation, "tcp://127.0.0.1:" + server.port());
  const std::string much(250, 'x');
  int written = 0;
  // More than the sockets hold: the exporter stands still long before the last one.
  foundation->store->Atomically([&] {
    for (; written < 3000; ++written) {
      ASSERT_TRUE(foundation->audit
                      ->Write({.event = "h",
                               .outcome = "done",
                               .reason = much,
                               .flow_id = much,
                               .correlation_id = much},
                              AuditLog::Weight::kNormal)
                      .ok());
    }
  });
  ASSERT_EQ(written, 3000);
  world.AddUser("alice");
  EXPECT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  EXPECT_GT(exported.State().waiting, 0U);
  EXPECT_TRUE(exported.State().is_on);
}

TEST_F(AuditExportTest, FiguresCountEachHour) {
  world.AddUser("alice");
  ASSERT_EQ(Outcome(world.Reset("alice", kNewPassword)), "ok");
  Figures figures(*foundation->database, world.clock());
  const auto hours = figures.LastHours(24);
  ASSERT_TRUE(hours.ok());
  ASSERT_EQ(hours->size(), 24U);
  EXPECT_EQ(hours->back().hour, world.clock().Now() / 3600 * 3600);
  EXPECT_EQ(hours->back().resets_started, 1);
  EXPECT_EQ(hours->back().resets_succeeded, 1);
  EXPECT_EQ(hours->back().challenges, 1);
  EXPECT_EQ(hours->back().proofs_passed, 1);
  EXPECT_GT(hours->back().admin_changes, 0);
  EXPECT_EQ(hours->front().resets_started, 0);
  world.clock().Advance(2 * 3600);
  const auto later = figures.LastHours(3);
  EXPECT_EQ(later->front().resets_succeeded, 1);
  EXPECT_EQ(later->back().resets_succeeded, 0);
}

}  // namespace
}  // namespace sspr::service
