// SPDX-License-Identifier: Apache-2.0
// sspr-flow taken over by an attacker: everything it could say to the root program. Whatever it is,
// /etc/shadow changes only under the permit for the password that was proposed.
#include <functional>

#include "common/base/setpw_frames.h"
#include "tests/setpw/program_test.h"

namespace sspr::test {
namespace {

std::string Byte(auto value) { return std::string(1, static_cast<char>(value)); }

class HostileCallerTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    shadow_ = ReadFile("/etc/shadow");
  }
  void ExpectUntouched(const std::string& what) {
    EXPECT_EQ(ReadFile("/etc/shadow"), shadow_) << what;
  }

 private:
  std::string shadow_;
};

struct PermitCase {
  const char* what;
  std::function<std::string(const Permit&, const SigningKey&)> make;
};

std::string SignedWith(const SigningKey& key, const Permit& permit) {
  return std::string(View(SignPermit(key, permit).value()));
}

// Signed by the service's own key, with one thing about it that is not right for this machine now.
PermitCase Changed(const char* what, const std::function<void(Permit&)>& change) {
  return {what, [change](const Permit& good, const SigningKey& key) {
            Permit permit = good;
            change(permit);
            return SignedWith(key, permit);
          }};
}

std::vector<PermitCase> BadPermits() {
  return {
      Changed("another account", [](Permit& p) { p.account = "bob"; }),
      Changed("root", [](Permit& p) { p.account = "root"; }),
      Changed("longer name", [](Permit& p) { p.account = "alicea"; }),
      Changed("another device", [](Permit& p) { p.device_id[31] ^= 1; }),
      Changed("another nonce", [](Permit& p) { p.nonce[0] ^= 1; }),
      Changed("another password", [](Permit& p) { p.commitment[0] ^= 1; }),
      Changed("another transaction", [](Permit& p) { p.transaction_id[0] ^= 1; }),
      Changed("unlock", [](Permit& p) { p.operation = PermitOperation::kUnlock; }),
      Changed("expired", [](Permit& p) { p.issued_at -= 1000, p.expires_at -= 1000; }),
      Changed("not yet valid", [](Permit& p) { p.issued_at += 1000, p.expires_at += 1000; }),
      {"another key",
       [](const Permit& good, const SigningKey&) {
         return SignedWith(SigningKey::Generate().value(), good);
       }},
      {"no signature",
       [](const Permit& good, const SigningKey& key) {
         return SignedWith(key, good).substr(0, 192) + std::string(64, '\0');
       }},
      {"all zero", [](const Permit&, const SigningKey&) { return std::string(256, '\0'); }},
  };
}

TEST_F(HostileCallerTest, PermitsThatDoNotFitAreRefusedAndTheEntryStaysOpen) {
  for (const PermitCase& c : BadPermits()) {
    machine().Reset();
    SetpwProcess setpw(kFlowUid);
    const Proposal proposal = ProposeFor(setpw);
    const auto reply =
        setpw.Ask(FrameType::kCommit, c.make(PermitFor(proposal), machine().PermitKey()));
    ASSERT_TRUE(reply) << c.what;
    EXPECT_EQ(reply->type, FrameType::kFailed) << c.what;
    EXPECT_EQ(reply->payload, Byte(FailureReason::kBadPermit)) << c.what;
    EXPECT_EQ(setpw.Wait(), 0) << c.what << ": the session ends";
    EXPECT_TRUE(machine().Accepts("alice", kOldPassword)) << c.what;
    EXPECT_EQ(machine().JournalFiles().size(), 1u) << c.what;
    EXPECT_NE(machine().TakeLog().find("SSPR-S006"), std::string::npos) << c.what;

    SetpwProcess later(kFlowUid);
    const auto resolved =
        later.Resolve(proposal.transaction, static_cast<std::uint8_t>(Verdict::kSucceeded),
                      c.make(PermitFor(proposal), machine().PermitKey()));
    ASSERT_TRUE(resolved) << c.what;
    EXPECT_EQ(resolved->payload.substr(16), Byte(Resolution::kKept)) << c.what;
    EXPECT_TRUE(machine().Accepts("alice", kOldPassword)) << c.what;
  }
}

TEST_F(HostileCallerTest, EveryFlippedBitOfAPermitIsRefused) {
  Proposal proposal;
  {
    SetpwProcess setpw(kFlowUid);
    proposal = ProposeFor(setpw);
    setpw.CloseSending();
    setpw.Wait();
  }
  SetpwProcess setpw(kFlowUid);
  const std::string good = SignedFor(proposal);
  for (std::size_t bit = 0; bit < kPermitBytes * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto reply = setpw.Resolve(proposal.transaction, 2, changed);
    ASSERT_TRUE(reply) << "bit " << bit;
    EXPECT_EQ(reply->payload.substr(16), Byte(Resolution::kKept)) << "bit " << bit;
  }
  ExpectUntouched("after all bits");
  EXPECT_EQ(setpw.Resolve(proposal.transaction, 2, good)->payload.substr(16),
            Byte(Resolution::kCompleted));
}

TEST_F(HostileCallerTest, ASpentPermitIsWorthNothing) {
  std::string permit;
  Proposal proposal;
  {
    SetpwProcess setpw(kFlowUid);
    proposal = ProposeFor(setpw);
    permit = SignedFor(proposal);
    ASSERT_EQ(setpw.Ask(FrameType::kCommit, permit)->type, FrameType::kCommitted);
  }
  const std::string after = ReadFile("/etc/shadow");
  SetpwProcess setpw(kFlowUid);
  EXPECT_EQ(setpw.Resolve(proposal.transaction, 2, permit)->payload.substr(16),
            Byte(Resolution::kVoided));
  // Not even for the same transaction id and the same password: nonce and salt are new.
  ASSERT_EQ(setpw.Prepare("alice")->type, FrameType::kReady);
  ASSERT_EQ(setpw.Propose(proposal.transaction, "another new password 9")->type,
            FrameType::kProposed);
  EXPECT_EQ(setpw.Ask(FrameType::kCommit, permit)->payload, Byte(FailureReason::kBadPermit));
  EXPECT_EQ(ReadFile("/etc/shadow"), after);
}

TEST_F(HostileCallerTest, TheTransactionOfAnotherAccountCannotBeTakenOver) {
  Proposal bobs;
  {
    SetpwProcess setpw(kFlowUid);
    bobs = ProposeFor(setpw, "bob", 'x');
    setpw.CloseSending();
    setpw.Wait();
  }
  SetpwProcess setpw(kFlowUid);
  ASSERT_EQ(setpw.Prepare("alice")->type, FrameType::kReady);
  const auto reply = setpw.Propose(bobs.transaction, kNewPassword);
  EXPECT_EQ(reply->type, FrameType::kRejected);
  EXPECT_EQ(reply->payload.substr(0, 1), Byte(RejectionReason::kInternal));
  EXPECT_EQ(machine().JournalFiles().size(), 1u);
}

// Well-formed payloads for every type of frame that goes this way, and some that never do.
std::vector<std::pair<FrameType, std::string>> AllFrames(const Permit& permit) {
  const std::string transaction(16, 'z');
  return {
      {FrameType::kListPending, ""},
      {FrameType::kResolve, transaction + Byte(Verdict::kFailed)},
      {FrameType::kPrepare, std::string("\0\5alice", 7)},
      {FrameType::kPropose, transaction + kNewPassword},
      {FrameType::kCommit, SignedWith(SigningKey::Generate().value(), permit)},
      {FrameType::kAbort, ""},
      {FrameType::kUnlock, SignedWith(SigningKey::Generate().value(), permit)},
      {FrameType::kBegin, std::string("\1\0", 2) + std::string(8, '\0')},
      {FrameType::kAnswer, std::string(2, '\0')},
      {FrameType::kCancel, ""},
      {FrameType::kInfo, "hello"},
      {FrameType::kReady, std::string(65, 'r')},
      {FrameType::kCommitted, ""},
      {FrameType::kProposed, std::string(32, 'c')},
  };
}

// docs/frames.md, second table.
bool IsLegal(int state, FrameType type) {
  const bool idle_frame =
      type == FrameType::kListPending || type == FrameType::kResolve || type == FrameType::kPrepare;
  const bool reset_frame = type == FrameType::kPropose || type == FrameType::kAbort;
  if (state == 0) return idle_frame;
  if (state == 1) return reset_frame || type == FrameType::kUnlock;
  return reset_frame || type == FrameType::kCommit;
}

TEST_F(HostileCallerTest, FramesOutOfOrderEndTheConnectionWithoutAnAnswer) {
  for (int state = 0; state < 3; ++state) {
    for (const auto& [type, payload] : AllFrames(machine().PermitFor("alice", {}, {}, {}))) {
      machine().Reset();
      SetpwProcess setpw(kFlowUid);
      if (state == 1) setpw.Prepare("alice");
      if (state == 2) ProposeFor(setpw);
      const auto reply = setpw.Ask(type, payload);
      const std::string what =
          "state " + std::to_string(state) + ", frame " + std::to_string(static_cast<int>(type));
      EXPECT_EQ(reply.has_value(), IsLegal(state, type)) << what;
      if (!reply) {
        EXPECT_EQ(setpw.Wait(), 1) << what;
        EXPECT_NE(machine().TakeLog().find("SSPR-S011"), std::string::npos) << what;
      }
      EXPECT_TRUE(machine().Accepts("alice", kOldPassword)) << what;
      EXPECT_EQ(machine().WhatIsDamaged(), "") << what;
    }
  }
}

TEST_F(HostileCallerTest, MalformedPayloadsEndTheConnection) {
  const std::string transaction(16, 'z');
  const std::pair<FrameType, std::string> cases[] = {
      {FrameType::kListPending, "x"},
      {FrameType::kResolve, ""},
      {FrameType::kResolve, transaction},
      {FrameType::kResolve, transaction + "\x03"},
      {FrameType::kResolve, transaction + std::string(1, '\0') + "x"},
      {FrameType::kResolve, transaction + "\x02"},
      {FrameType::kResolve, transaction + "\x02" + std::string(255, 'p')},
      {FrameType::kResolve, transaction + "\x02" + std::string(257, 'p')},
      {FrameType::kPrepare, ""},
      {FrameType::kPrepare, std::string("\0\6alice", 7)},
      {FrameType::kPrepare, std::string("\0\4alice", 7)},
      {FrameType::kPrepare, std::string("\0\6ali\0ce", 8)},
      {FrameType::kPrepare, std::string("\xff\xff", 2)},
      {FrameType::kPrepare, std::string("\0\5alice\2", 8)},
      {FrameType::kPrepare, std::string("\0\5alice\1\1", 9)},
  };
  for (const auto& [type, payload] : cases) {
    SetpwProcess setpw(kFlowUid);
    EXPECT_FALSE(setpw.Ask(type, payload)) << static_cast<int>(type) << " " << ToHex(payload);
  }
  for (const std::size_t size : {0u, 15u}) {
    SetpwProcess setpw(kFlowUid);
    ASSERT_TRUE(setpw.Prepare("alice"));
    EXPECT_FALSE(setpw.Ask(FrameType::kPropose, std::string(size, 'z')));
  }
  for (const std::size_t size : {0u, 255u, 257u, 1024u}) {
    machine().Reset();
    SetpwProcess setpw(kFlowUid);
    ProposeFor(setpw);
    EXPECT_FALSE(setpw.Ask(FrameType::kCommit, std::string(size, 'p')));
  }
}

TEST_F(HostileCallerTest, BytesThatAreNoFramesEndTheConnection) {
  const std::string cases[] = {
      std::string("\0\0\0", 3),        // no such type
      std::string("\x20\x04\x01", 3),  // ListPending of 1025 bytes
      std::string("\xff\xff\xff", 3),  //
      "GET / HTTP/1.1\r\n\r\n",        //
      std::string(100'000, '\x20'),    // more than any buffer
  };
  for (const std::string& bytes : cases) {
    SetpwProcess setpw(kFlowUid);
    setpw.SendBytes(bytes);
    setpw.CloseSending();
    EXPECT_FALSE(setpw.Receive());
    EXPECT_EQ(setpw.Wait(), 1);
  }
  ExpectUntouched("noise");
}

TEST_F(HostileCallerTest, TornFramesAreNotTakenForAnEnd) {
  SetpwProcess setpw(kFlowUid);
  setpw.SendBytes(std::string("\x22\0\7\0", 4));
  setpw.CloseSending();
  EXPECT_EQ(setpw.Wait(), 1);
}

TEST_F(HostileCallerTest, ManyFramesInOnePieceAreAnsweredInOrder) {
  SetpwProcess setpw(kFlowUid);
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += std::string("\x20\0\0", 3);
  setpw.SendBytes(bytes);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(setpw.Receive()->type, FrameType::kPending);
}

TEST_F(HostileCallerTest, ProposalsWithoutEndEndTheConnection) {
  SetpwProcess setpw(kFlowUid);
  ASSERT_TRUE(setpw.Prepare("alice"));
  int answered = 0;
  while (answered < 100 && setpw.Propose(TransactionNumber('t'), "x")) ++answered;
  EXPECT_EQ(answered, 20);
}

}  // namespace
}  // namespace sspr::test
