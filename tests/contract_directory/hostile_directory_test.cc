// SPDX-License-Identifier: Apache-2.0
// Directories that hang, lie, hang up, answer nonsense, or send us elsewhere: a proxy in front of a
// real slapd. Whatever it does, every call comes back, nothing is taken for done that was not, no
// password goes where it must not, and once the server behaves again all is well.
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "service/directory/ldap_directory.h"
#include "service/directory/try_directory.h"
#include "service/store/sql_store.h"
#include "tests/contract_directory/fault_proxy.h"
#include "tests/contract_directory/slapd.h"
#include "tests/fakes/fake_clock.h"

namespace sspr::service {
namespace {

using Message = FaultProxy::Message;
using Verdict = FaultProxy::Verdict;
using MaybeVerdict = std::optional<Verdict>;

constexpr char kAliceDn[] = "uid=alice,ou=people,dc=example,dc=org";
constexpr char kOld[] = "the old password";
constexpr char kNew[] = "the new password";
constexpr char kSetOid[] = "1.3.6.1.4.1.4203.1.11.1";
constexpr char kWhoAmIOid[] = "1.3.6.1.4.1.4203.1.11.3";
constexpr char kStartTlsOid[] = "1.3.6.1.4.1.1466.20037";
constexpr std::chrono::milliseconds kPatience{3'000};

Secret Copied(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

int PortOf(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

class HostileDirectoryTest : public testing::Test {
 protected:
  HostileDirectoryTest() : slapd(Slapd::Policy::kNone) {
    std::signal(SIGPIPE, SIG_IGN);  // as sspr-service does: a server may hang up
    auto opened = SqlDatabase::Open(folder.File("x.db"), 4);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database = std::move(*opened);
    store = std::make_unique<SqlStore>(database, random);
    slapd.SetPassword(Slapd::kAdminDn, Slapd::kAdminPassword, kAliceDn, kOld);
    plain = std::make_unique<FaultProxy>(PortOf(slapd.PlainUrl()), FaultProxy::Unit::kMessages);
    settings = slapd.Settings();
    settings.url = "ldap://127.0.0.1:" + std::to_string(plain->port());
    settings.timeout = kPatience;
    settings.connections = 2;
    Make();
  }
  void Make() {
    auto made = LdapDirectory::Make(settings, database, *store, clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    directory = std::move(*made);
  }
  SetReply Set(const char* transaction, std::string_view password = kNew) {
    return directory->SetPassword(transaction, kAliceId, Copied(password));
  }
  // What the directory itself holds, asked past the proxy.
  bool IsRight(std::string_view password) {
    LdapSettings honest = slapd.Settings();
    auto made = LdapDirectory::Make(honest, database, *store, clock);
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    const Result<bool> right = (*made)->Verify(kAliceId, Copied(password));
    if (!right.ok()) throw std::runtime_error(right.error().detail);
    return *right;
  }
  void TimePasses() { clock.Advance(60); }
  // Once the server behaves again: what was asked ended as the directory has it, and all works.
  void ExpectTruth(const char* transaction, SetOutcome outcome) {
    plain->Mend();
    TimePasses();
    EXPECT_EQ(directory->Settle(transaction), outcome);
    EXPECT_TRUE(IsRight(outcome == SetOutcome::kSet ? kNew : kOld));
    EXPECT_EQ(Set("later", "a later password"), SetOutcome::kSet);
    EXPECT_TRUE(IsRight("a later password"));
  }

  test::ScratchFolder folder;
  SystemRandom random;
  FakeClock clock;
  Slapd slapd;
  LdapSettings settings;
  std::shared_ptr<SqlDatabase> database;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<FaultProxy> plain;
  std::unique_ptr<LdapDirectory> directory;
};

// Answers each request of the kind with what `answer` makes of it, and never asks the server.
FaultProxy::Fault Instead(LdapOperation of, std::function<Verdict(const Message&)> answer,
                          const char* naming = "") {
  return [of, answer = std::move(answer), naming](const Message& message) -> MaybeVerdict {
    if (!message.from_client || message.operation != of || !message.Names(naming)) return {};
    return answer(message);
  };
}

// Harms the answer to a set that the server made.
FaultProxy::Fault AfterTheSet(Verdict verdict) {
  return [verdict, asked = 0](const Message& message) mutable -> MaybeVerdict {
    if (message.from_client && message.Names(kSetOid)) asked = message.id;
    if (message.from_client || message.operation != LdapOperation::kExtendedDone ||
        message.id != asked) {
      return {};
    }
    return verdict;
  };
}

TEST_F(HostileDirectoryTest, AnswerThatNeverComes_IsUnknown_AndThenTheTruth) {
  plain->Break(AfterTheSet({}));
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown);
  ExpectTruth("a1", SetOutcome::kSet);
}

TEST_F(HostileDirectoryTest, RequestThatNeverArrives_IsUnknown_AndThenTheTruth) {
  plain->Break(Instead(
      LdapOperation::kExtended, [](const Message&) { return Verdict{}; }, kSetOid));
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown);
  ExpectTruth("a1", SetOutcome::kNotSet);
}

TEST_F(HostileDirectoryTest, HangingUpInPlaceOfTheAnswer_IsUnknown_AndThenTheTruth) {
  plain->Break(AfterTheSet({.then = Verdict::Then::kHangUp}));
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown);
  ExpectTruth("a1", SetOutcome::kSet);
}

TEST_F(HostileDirectoryTest, HangingUpInTheMiddleOfTheAnswer_IsUnknown_AndThenTheTruth) {
  plain->Break(
      AfterTheSet({.to_client = LdapResultOf(2, LdapOperation::kExtendedDone, 0).substr(0, 9),
                   .then = Verdict::Then::kHangUp}));
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown);
  ExpectTruth("a1", SetOutcome::kSet);
}

TEST_F(HostileDirectoryTest, AnswerThatTrickles_IsNotWaitedForToItsEnd) {
  const std::string padding(4'000, 'x');
  plain->Break(
      AfterTheSet({.to_client = BerElementOf(0x30, padding), .pace = Verdict::Pace::kByteByByte}));
  EXPECT_EQ(Set("a1"), SetOutcome::kUnknown);
  ExpectTruth("a1", SetOutcome::kSet);
}

TEST_F(HostileDirectoryTest, NonsenseInPlaceOfTheAnswer_IsUnknown_AndThenTheTruth) {
  int transaction = 0;
  for (const std::string& nonsense :
       {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\0\0\0\0\0\0\0\0", 8),
        std::string("\x30\x84\x7f\xff\xff\xff", 6) + std::string(64, 'A'),
        std::string("\x30\x88\x7f\xff\xff\xff\xff\xff\xff\xff", 10) + std::string(64, 'A'),
        std::string("\x30\x80\x02\x01\x02", 5), LdapMessageOf(2, BerElementOf(0x78, "\x0a\x7f")),
        LdapResultOf(77, LdapOperation::kExtendedDone, 0),
        LdapResultOf(0, LdapOperation::kExtendedDone, 52)}) {
    const std::string name = "b" + std::to_string(++transaction);
    plain->Break(AfterTheSet({.to_client = nonsense}));
    EXPECT_EQ(Set(name.c_str()), SetOutcome::kUnknown) << transaction;
    plain->Mend();
    TimePasses();
    EXPECT_EQ(directory->Settle(name), SetOutcome::kSet) << transaction;
  }
  EXPECT_TRUE(IsRight(kNew));
}

// A password is right when the server says so and names the person as the one it now takes us for.
TEST_F(HostileDirectoryTest, LieAboutABind_MakesNoPasswordRight) {
  plain->Break([](const Message& message) -> MaybeVerdict {
    if (message.from_client || message.operation != LdapOperation::kBindDone) return {};
    return Verdict{.to_client = LdapResultOf(message.id, LdapOperation::kBindDone, 0)};
  });
  const Result<bool> wrong = directory->Verify(kAliceId, Copied("wrong"));
  EXPECT_TRUE(!wrong.ok() || !*wrong);
  const Result<bool> right = directory->Verify(kAliceId, Copied(kOld));
  EXPECT_TRUE(right.ok() && *right);
}

// The worst of servers: whoever comes is let in, and is whom they say.
TEST_F(HostileDirectoryTest, EmptyPasswordIsNotEvenSent) {
  std::atomic<int> binds = 0;
  plain->Break([&binds](const Message& message) -> MaybeVerdict {
    if (!message.from_client) return {};
    if (message.operation == LdapOperation::kBind && message.Names(kAliceDn)) {
      ++binds;
      return Verdict{.to_client = LdapResultOf(message.id, LdapOperation::kBindDone, 0)};
    }
    if (!message.Names(kWhoAmIOid)) return {};
    const std::string name = BerElementOf(0x8b, std::string("dn:") + kAliceDn);
    const std::string result = BerElementOf(0x0a, std::string(1, '\0')) + BerElementOf(0x04, "") +
                               BerElementOf(0x04, "") + name;
    return Verdict{.to_client = LdapMessageOf(message.id, BerElementOf(0x78, result))};
  });
  const std::string_view none[] = {"", std::string_view("\0", 1), std::string_view("\0old", 4)};
  for (const std::string_view password : none) {
    const Result<bool> right = directory->Verify(kAliceId, Copied(password));
    EXPECT_TRUE(right.ok() && !*right);
    EXPECT_EQ(binds, 0);
  }
  const Result<bool> some = directory->Verify(kAliceId, Copied("x"));
  EXPECT_TRUE(some.ok() && *some) << "the lie reaches us otherwise";
  EXPECT_EQ(binds, 1);
}

std::string EntryOf(int id, const std::string& dn,
                    const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string list;
  for (const auto& [name, value] : attributes) {
    list += BerElementOf(0x30,
                         BerElementOf(0x04, name) + BerElementOf(0x31, BerElementOf(0x04, value)));
  }
  return LdapMessageOf(id, BerElementOf(0x64, BerElementOf(0x04, dn) + BerElementOf(0x30, list)));
}

std::string Mallory(int id) {
  return EntryOf(id, "uid=mallory,ou=people,dc=example,dc=org",
                 {{"entryUUID", "99999999-2222-4333-8444-555555555555"}, {"uid", "mallory"}});
}

TEST_F(HostileDirectoryTest, EntryOfSomebodyElse_IsNobody) {
  plain->Break(Instead(LdapOperation::kSearch, [](const Message& message) {
    return Verdict{.to_client = Mallory(message.id) +
                                LdapResultOf(message.id, LdapOperation::kSearchDone, 0)};
  }));
  EXPECT_FALSE(directory->Find("alice").has_value());
  EXPECT_FALSE(directory->Get(kAliceId).has_value());
  EXPECT_EQ(Set("a1"), SetOutcome::kNotSet);
  ExpectTruth("a1", SetOutcome::kNotSet);
}

TEST_F(HostileDirectoryTest, EntriesWithoutEnd_AreGivenUp) {
  plain->Break(Instead(LdapOperation::kSearch, [](const Message& message) {
    return Verdict{.to_client = Mallory(message.id), .pace = Verdict::Pace::kWithoutEnd};
  }));
  for (int i = 0; i < 2; ++i) {
    try {
      EXPECT_FALSE(directory->Find("alice").has_value());
    } catch (const StoreFailure&) {  // also an answer
    }
  }
  plain->Mend();
  TimePasses();
  EXPECT_TRUE(directory->Find("alice").has_value());
}

// Referrals, to itself and to a server that waits for who comes.
TEST_F(HostileDirectoryTest, ReferralIsNotFollowed) {
  FaultProxy trap(PortOf(slapd.PlainUrl()), FaultProxy::Unit::kMessages);
  for (const int port : {plain->port(), trap.port()}) {
    constexpr int kReferral = 10;
    const std::string url = "ldap://127.0.0.1:" + std::to_string(port) + "/dc=example,dc=org";
    const int before = plain->connections();
    plain->Break([&](const Message& message) -> MaybeVerdict {
      if (!message.from_client) return {};
      if (message.operation == LdapOperation::kSearch) {
        const std::string reference = BerElementOf(0x73, BerElementOf(0x04, url));
        return Verdict{.to_client =
                           LdapMessageOf(message.id, reference) +
                           LdapResultOf(message.id, LdapOperation::kSearchDone, kReferral, url)};
      }
      if (!message.Names(kSetOid)) return {};
      return Verdict{.to_client =
                         LdapResultOf(message.id, LdapOperation::kExtendedDone, kReferral, url)};
    });
    EXPECT_THROW((void)directory->GetFresh(kAliceId), StoreFailure);
    EXPECT_THROW((void)directory->Find("alice"), StoreFailure);
    plain->Mend();
    ASSERT_TRUE(directory->GetFresh(kAliceId).has_value());
    plain->Break(Instead(
        LdapOperation::kExtended,
        [&](const Message& message) {
          return Verdict{
              .to_client = LdapResultOf(message.id, LdapOperation::kExtendedDone, kReferral, url)};
        },
        kSetOid));
    const SetReply reply = Set(port == trap.port() ? "a1" : "a2");
    EXPECT_EQ(reply, SetOutcome::kNotSet);
    EXPECT_FALSE(reply.refusal.has_value()) << "no other password would help";
    EXPECT_LE(plain->connections() - before, 2) << "no more than the pool";
    plain->Mend();
  }
  EXPECT_EQ(trap.connections(), 0);
  EXPECT_TRUE(IsRight(kOld));
}

// A server in the middle that does away with TLS.
TEST_F(HostileDirectoryTest, StartTlsThatIsRefusedOrPretended_CarriesNoPassword) {
  std::atomic<bool> saw_a_password = false;
  settings.start_tls = true;
  for (const int code : {0, 2, 52}) {
    plain->Break([&, code](const Message& message) -> MaybeVerdict {
      if (!message.from_client) return {};
      if (message.operation == LdapOperation::kBind || message.Names(Slapd::kServicePassword)) {
        saw_a_password = true;
      }
      if (!message.Names(kStartTlsOid)) return {};
      return Verdict{.to_client = LdapResultOf(message.id, LdapOperation::kExtendedDone, code)};
    });
    EXPECT_FALSE(TryDirectory(settings, clock).ok()) << code;
  }
  EXPECT_FALSE(saw_a_password);
}

// TLS in which nothing more comes: at each stage of the handshake, and within a record.
TEST_F(HostileDirectoryTest, TlsThatFallsSilent_IsNotWaitedForForever) {
  FaultProxy tls(PortOf(slapd.Settings().url), FaultProxy::Unit::kBytes);
  settings.url = "ldaps://127.0.0.1:" + std::to_string(tls.port());
  settings.connections = 1;
  for (const std::size_t kept : {std::size_t{0}, std::size_t{3}, std::size_t{200}}) {
    Make();
    tls.Break([kept](const Message& message) -> MaybeVerdict {
      if (message.from_client) return {};
      return Verdict{.to_client = std::string(message.bytes.substr(0, kept))};
    });
    EXPECT_THROW((void)directory->Find("alice"), StoreFailure) << kept;
    tls.Mend();
    TimePasses();
    const auto alice = directory->GetFresh(kAliceId);
    ASSERT_TRUE(alice.has_value());
    if (kept == 200) continue;  // an answer has less
    const std::string name = "c" + std::to_string(kept);
    directory->Announce(name, *alice);
    tls.Break([kept](const Message& message) -> MaybeVerdict {
      if (message.from_client) return {};
      return Verdict{.to_client = std::string(message.bytes.substr(0, kept))};
    });
    EXPECT_EQ(Set(name.c_str()), SetOutcome::kUnknown) << kept;
    tls.Mend();
    TimePasses();
    EXPECT_EQ(directory->Settle(name), SetOutcome::kSet) << kept;
  }
}

// Twelve times as many people as there are connections: they wait for each other, nobody is turned
// away, and the directory never sees more than it was promised.
TEST_F(HostileDirectoryTest, FiftyAtOnce_ShareTheConnectionsThatAreAllowed) {
  constexpr int kPeople = 50;
  constexpr unsigned kConnections = 4;
  settings.connections = kConnections;
  settings.timeout = std::chrono::seconds(30);
  std::string people;
  for (int i = 0; i < kPeople; ++i) {
    const std::string name = "person" + std::to_string(i);
    people += "dn: uid=" + name + "," + Slapd::kPeople +
              "\nchangetype: add\nobjectClass: inetOrgPerson\nuid: " + name + "\ncn: x\nsn: x\n\n";
  }
  slapd.Modify(people);
  Make();
  std::atomic<int> set = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kPeople; ++i) {
    threads.emplace_back([&, i] {
      const auto user = directory->Find("person" + std::to_string(i));
      if (!user) return;
      const std::string transaction = "d" + std::to_string(i);
      directory->Announce(transaction, *user);
      set += directory->SetPassword(transaction, user->id, Copied(kNew)) == SetOutcome::kSet;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(set, kPeople);
  EXPECT_LE(plain->most_connections_at_once(), static_cast<int>(kConnections));
  EXPECT_LE(plain->connections(), static_cast<int>(kConnections)) << "kept, not made anew";
}

}  // namespace
}  // namespace sspr::service
