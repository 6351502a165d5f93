// SPDX-License-Identifier: Apache-2.0
// The dialogue of sspr-setpw, the same on every system: every order of frames against the table of
// docs/frames.md, every frame cut short or too long, and what the steps are told.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/setpw/dialogue.h"

namespace sspr::setpw {
namespace {

using State = Dialogue::State;

const std::string kTransaction(kTransactionIdBytes, 't');
const std::string kPermit(kPermitBytes, 'p');

// Writes down what it is told to do, and answers what the test wants.
class ScriptedSteps final : public ResetSteps {
 public:
  std::vector<TransactionId> Pending() override {
    told.push_back("pending");
    return pending;
  }
  Resolution Resolve(const TransactionId& transaction, Verdict verdict,
                     std::string_view permit) override {
    told.push_back("resolve " + std::string(View(transaction)) + " " +
                   std::to_string(static_cast<int>(verdict)) + " " + std::string(permit));
    return Resolution::kCompleted;
  }
  std::variant<ReadyToReset, RefusalReason> Prepare(std::string_view account,
                                                    bool or_directory) override {
    told.push_back("prepare " + std::string(account) + (or_directory ? " or directory" : ""));
    if (refusal) return *refusal;
    ReadyToReset ready{.device = {},
                       .nonce = {},
                       .locked_out = true,
                       .of_directory = or_directory,
                       .secrets = kSecretKWallet};
    ready.device.fill('d');
    ready.nonce.fill('n');
    return ready;
  }
  std::optional<OldSecrets> Remember(const Secret& old_password) override {
    told.push_back("remember " + std::string(old_password.Reveal()));
    return opened;
  }
  std::variant<Commitment, Rejection> Propose(const TransactionId& transaction,
                                              const Secret& password) override {
    told.push_back("propose " + std::string(View(transaction)) + " " +
                   std::string(password.Reveal()));
    if (rejection) return *rejection;
    Commitment commitment{};
    commitment.fill('c');
    return commitment;
  }
  std::optional<FailureReason> Commit(std::string_view permit) override {
    told.push_back("commit " + std::string(permit));
    return failure;
  }
  SettledSecrets settled() const override {
    return {kSecretKWallet, kSecretGnomeKeyring, kSecretFscrypt};
  }
  std::optional<FailureReason> Unlock(std::string_view permit) override {
    told.push_back("unlock " + std::string(permit));
    return failure;
  }
  bool Abort() override {
    told.push_back("abort");
    return aborts;
  }

  std::vector<TransactionId> pending;
  std::optional<RefusalReason> refusal;
  std::optional<OldSecrets> opened = kSecretKWallet;
  std::optional<Rejection> rejection;
  std::optional<FailureReason> failure;
  bool aborts = true;
  std::vector<std::string> told;
};

Frame MakeFrame(FrameType type, const std::string& payload) {
  Frame frame;
  frame.type = type;
  EXPECT_TRUE(frame.payload.Append(payload));
  return frame;
}

std::string Named(const std::string& account) {
  return std::string{'\0', static_cast<char>(account.size())} + account;
}

// A well-formed payload of each frame that the caller may send.
const std::map<FrameType, std::string> kRequests = {
    {FrameType::kListPending, ""},
    {FrameType::kResolve, kTransaction + '\2' + kPermit},
    {FrameType::kPrepare, Named("alice")},
    {FrameType::kRemember, "the old one"},
    {FrameType::kPropose, kTransaction + "the new one"},
    {FrameType::kCommit, kPermit},
    {FrameType::kUnlock, kPermit},
    {FrameType::kAbort, ""},
};

// The table, written down once more: what each state takes and where that leads, given that every
// step succeeds.
const std::map<std::pair<State, FrameType>, State> kLegal = {
    {{State::kIdle, FrameType::kListPending}, State::kIdle},
    {{State::kIdle, FrameType::kResolve}, State::kIdle},
    {{State::kIdle, FrameType::kPrepare}, State::kReady},
    {{State::kReady, FrameType::kUnlock}, State::kOver},
    {{State::kReady, FrameType::kRemember}, State::kReady},
    {{State::kReady, FrameType::kPropose}, State::kProposed},
    {{State::kReady, FrameType::kAbort}, State::kOver},
    {{State::kProposed, FrameType::kPropose}, State::kProposed},
    {{State::kProposed, FrameType::kCommit}, State::kOver},
    {{State::kProposed, FrameType::kAbort}, State::kOver},
};

class DialogueTest : public ::testing::Test {
 protected:
  // Type and payload of the answer; "" when there is none.
  std::string Say(FrameType type, const std::string& payload) {
    auto answer = dialogue_.Handle(MakeFrame(type, payload));
    if (!answer) return "";
    const std::string bytes(answer->Encoded());
    EXPECT_GE(bytes.size(), kFrameHeaderBytes);  // else spoilt
    return bytes.substr(0, 1) + bytes.substr(kFrameHeaderBytes);
  }
  std::string Say(FrameType type) { return Say(type, kRequests.at(type)); }
  static std::string Answer(FrameType type, const std::string& payload) {
    return static_cast<char>(type) + payload;
  }
  void Reach(State state) {
    if (state == State::kIdle) return;
    Say(FrameType::kPrepare);
    if (state == State::kProposed) Say(FrameType::kPropose);
    if (state == State::kOver) Say(FrameType::kAbort);
    ASSERT_EQ(dialogue_.state(), state);
    steps_.told.clear();
  }
  void ExpectBrokenOff() {
    EXPECT_EQ(dialogue_.state(), State::kOver);
    EXPECT_FALSE(dialogue_.kept_protocol());
  }

  ScriptedSteps steps_;
  Dialogue dialogue_{steps_};
};

TEST(DialogueOrder, TakesEveryOrderOfFramesAsTheTableSays) {
  std::vector<FrameType> types;
  for (const auto& request : kRequests) types.push_back(request.first);
  types.push_back(FrameType::kReady);  // the other side's
  constexpr std::size_t kLongest = 4;
  std::size_t orders = 1;
  for (std::size_t i = 0; i < kLongest; ++i) orders *= types.size();
  for (std::size_t order = 0; order < orders; ++order) {
    ScriptedSteps steps;
    Dialogue dialogue(steps);
    State expected = State::kIdle;
    bool kept = true;
    std::size_t done = 0;
    for (std::size_t i = 0, rest = order; i < kLongest; ++i, rest /= types.size()) {
      const FrameType type = types[rest % types.size()];
      const auto legal = kLegal.find({expected, type});
      const bool good = legal != kLegal.end();
      expected = good ? legal->second : State::kOver;
      kept = kept && good;
      done += good ? 1 : 0;
      const auto request = kRequests.find(type);
      const auto answer =
          dialogue.Handle(MakeFrame(type, request == kRequests.end() ? "" : request->second));
      ASSERT_EQ(answer.has_value(), good) << order << ", frame " << i;
      ASSERT_EQ(dialogue.state(), expected) << order << ", frame " << i;
      ASSERT_EQ(dialogue.kept_protocol(), kept) << order << ", frame " << i;
      ASSERT_EQ(steps.told.size(), done) << order << ", frame " << i;
    }
  }
}

TEST(DialogueOrder, TakesNoFrameThatIsNotOfTheTableInAnyState) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto type = FrameTypeOf(static_cast<std::uint8_t>(byte));
    if (!type || kRequests.contains(*type)) continue;
    for (const bool prepared : {false, true}) {
      ScriptedSteps steps;
      Dialogue dialogue(steps);
      if (prepared) {
        dialogue.Handle(MakeFrame(FrameType::kPrepare, kRequests.at(FrameType::kPrepare)));
      }
      EXPECT_FALSE(dialogue.Handle(MakeFrame(*type, "")).has_value()) << byte;
      EXPECT_FALSE(dialogue.kept_protocol()) << byte;
      EXPECT_EQ(dialogue.state(), State::kOver) << byte;
    }
  }
}

TEST(DialogueOrder, DoesNothingForAFrameThatIsCutShortOrTooLong) {
  const std::set<FrameType> open_ended = {FrameType::kRemember, FrameType::kPropose};
  for (const auto& [at, unused] : kLegal) {
    const auto& [state, type] = at;
    const std::string whole = kRequests.at(type);
    // A password may be of any length; the transaction before it may not.
    const std::size_t fixed = type == FrameType::kPropose ? kTransactionIdBytes
                              : open_ended.contains(type) ? 0
                                                          : whole.size();
    std::vector<std::string> wrong;
    for (std::size_t length = 0; length < fixed; ++length) wrong.push_back(whole.substr(0, length));
    if (!open_ended.contains(type)) wrong.push_back(whole + "x");
    for (const std::string& payload : wrong) {
      ScriptedSteps steps;
      Dialogue dialogue(steps);
      for (const FrameType before : {FrameType::kPrepare, FrameType::kPropose}) {
        if (dialogue.state() == state) break;
        dialogue.Handle(MakeFrame(before, kRequests.at(before)));
      }
      ASSERT_EQ(dialogue.state(), state);
      steps.told.clear();
      const std::string what = std::to_string(static_cast<int>(type)) + " of " +
                               std::to_string(payload.size()) + " bytes";
      EXPECT_FALSE(dialogue.Handle(MakeFrame(type, payload)).has_value()) << what;
      EXPECT_FALSE(dialogue.kept_protocol()) << what;
      EXPECT_EQ(dialogue.state(), State::kOver) << what;
      EXPECT_TRUE(steps.told.empty()) << what << ": " << steps.told.front();
    }
  }
}

TEST_F(DialogueTest, ListsWhatIsPendingUpToTheMost) {
  EXPECT_EQ(Say(FrameType::kListPending), Answer(FrameType::kPending, std::string(1, '\0')));
  std::string all(1, static_cast<char>(kMaxPendingListed));
  for (std::size_t i = 0; i < kMaxPendingListed; ++i) {
    TransactionId transaction{};
    transaction.fill(static_cast<char>('A' + i));
    steps_.pending.push_back(transaction);
    all += View(transaction);
  }
  EXPECT_EQ(Say(FrameType::kListPending), Answer(FrameType::kPending, all));
}

TEST_F(DialogueTest, APermitComesWithTheVerdictThatNeedsOneAndWithNoOther) {
  const std::string answer = Answer(FrameType::kResolved, kTransaction + '\1');
  EXPECT_EQ(Say(FrameType::kResolve, kTransaction + '\0'), answer);
  EXPECT_EQ(Say(FrameType::kResolve, kTransaction + '\1'), answer);
  EXPECT_EQ(Say(FrameType::kResolve, kTransaction + '\2' + kPermit), answer);
  EXPECT_EQ(steps_.told, (std::vector<std::string>{"resolve " + kTransaction + " 0 ",
                                                   "resolve " + kTransaction + " 1 ",
                                                   "resolve " + kTransaction + " 2 " + kPermit}));
  EXPECT_EQ(Say(FrameType::kResolve, kTransaction + '\1' + kPermit), "");
  ExpectBrokenOff();
}

TEST_F(DialogueTest, AVerdictThatIsNoneBreaksOff) {
  EXPECT_EQ(Say(FrameType::kResolve, kTransaction + '\3'), "");
  ExpectBrokenOff();
  EXPECT_TRUE(steps_.told.empty());
}

TEST_F(DialogueTest, SaysWhatItPreparedAndAsksAgainAfterARefusal) {
  steps_.refusal = RefusalReason::kBusy;
  EXPECT_EQ(Say(FrameType::kPrepare), Answer(FrameType::kRefused, "\2"));
  EXPECT_EQ(dialogue_.state(), State::kIdle);
  steps_.refusal.reset();
  EXPECT_EQ(Say(FrameType::kPrepare),
            Answer(FrameType::kReady,
                   std::string(kDeviceIdBytes, 'd') + std::string(kNonceBytes, 'n') + "\1\2"));
  EXPECT_EQ(steps_.told, (std::vector<std::string>{"prepare alice", "prepare alice"}));
}

TEST_F(DialogueTest, AnAccountOfADirectoryIsUnlockedAndNothingElse) {
  for (const auto& [type, payload] : kRequests) {
    ScriptedSteps steps;
    Dialogue dialogue(steps);
    auto ready = dialogue.Handle(MakeFrame(FrameType::kPrepare, Named("alice") + '\1'));
    ASSERT_TRUE(ready.has_value());
    EXPECT_EQ(ready->Encoded().substr(kFrameHeaderBytes + kDeviceIdBytes + kNonceBytes), "\3\2");
    ASSERT_EQ(dialogue.state(), State::kReadyToUnlock);
    const bool legal = type == FrameType::kUnlock || type == FrameType::kAbort;
    EXPECT_EQ(dialogue.Handle(MakeFrame(type, payload)).has_value(), legal);
    EXPECT_EQ(dialogue.kept_protocol(), legal);
    EXPECT_EQ(dialogue.state(), State::kOver);
    EXPECT_EQ(steps.told.size(), legal ? 2u : 1u);
    EXPECT_EQ(steps.told.front(), "prepare alice or directory");
  }
}

TEST_F(DialogueTest, ANameThatNoFrameMayCarryBreaksOff) {
  EXPECT_EQ(Say(FrameType::kPrepare, Named("al\nice")), "");
  ExpectBrokenOff();
  EXPECT_TRUE(steps_.told.empty());
}

TEST_F(DialogueTest, RemembersPasswordsUntilThereAreTooMany) {
  Reach(State::kReady);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Say(FrameType::kRemember), Answer(FrameType::kRemembered, "\2"));
  }
  EXPECT_EQ(dialogue_.state(), State::kReady);
  EXPECT_EQ(Say(FrameType::kRemember), "");
  ExpectBrokenOff();
  EXPECT_EQ(steps_.told.size(), 20u);
}

TEST_F(DialogueTest, AnOldPasswordThatNobodyCanHaveBreaksOff) {
  Reach(State::kReady);
  EXPECT_EQ(Say(FrameType::kRemember, std::string(Secret::kMaxSize + 1, 'x')), "");
  ExpectBrokenOff();
}

TEST_F(DialogueTest, IsNotAskedForOldSecretsWhereThereAreNone) {
  steps_.opened.reset();
  Reach(State::kReady);
  EXPECT_EQ(Say(FrameType::kRemember), "");
  ExpectBrokenOff();
}

TEST_F(DialogueTest, ARejectedProposalMayBeFollowedByAnother) {
  Reach(State::kReady);
  steps_.rejection = Rejection{RejectionReason::kTooWeak, "Longer."};
  EXPECT_EQ(Say(FrameType::kPropose),
            Answer(FrameType::kRejected, '\2' + std::string{'\0', '\7'} + "Longer."));
  EXPECT_EQ(dialogue_.state(), State::kReady);
  steps_.rejection.reset();
  EXPECT_EQ(Say(FrameType::kPropose),
            Answer(FrameType::kProposed, std::string(kCommitmentBytes, 'c')));
  // The service refused it; what is rejected now replaces what was accepted.
  steps_.rejection = Rejection{RejectionReason::kUsedBefore, ""};
  EXPECT_EQ(Say(FrameType::kPropose), Answer(FrameType::kRejected, '\3' + std::string(2, '\0')));
  EXPECT_EQ(dialogue_.state(), State::kReady);
  EXPECT_EQ(Say(FrameType::kCommit), "");
  ExpectBrokenOff();
}

TEST_F(DialogueTest, APasswordThatIsTooLongTakesTheProposalBeforeItBack) {
  Reach(State::kProposed);
  EXPECT_EQ(Say(FrameType::kPropose, kTransaction + std::string(Secret::kMaxSize + 1, 'x')),
            Answer(FrameType::kRejected, std::string(3, '\0')));
  EXPECT_EQ(dialogue_.state(), State::kReady);
  EXPECT_EQ(steps_.told, std::vector<std::string>{"abort"});
}

TEST_F(DialogueTest, BreaksOffAfterTooManyProposals) {
  Reach(State::kReady);
  for (int i = 0; i < 20; ++i) EXPECT_NE(Say(FrameType::kPropose), "");
  EXPECT_EQ(Say(FrameType::kPropose), "");
  ExpectBrokenOff();
  EXPECT_EQ(steps_.told.size(), 20u);
}

TEST_F(DialogueTest, SaysWhatBecameOfTheOldSecretsOnceThePasswordIsSet) {
  Reach(State::kProposed);
  EXPECT_EQ(Say(FrameType::kCommit), Answer(FrameType::kCommitted, "\2\1\x08"));
  EXPECT_EQ(steps_.told, std::vector<std::string>{"commit " + kPermit});
  EXPECT_TRUE(dialogue_.kept_protocol());
}

TEST_F(DialogueTest, AnUnlockTouchesNoOldSecret) {
  Reach(State::kReady);
  EXPECT_EQ(Say(FrameType::kUnlock), Answer(FrameType::kCommitted, std::string(3, '\0')));
  EXPECT_EQ(steps_.told, std::vector<std::string>{"unlock " + kPermit});
}

TEST_F(DialogueTest, NothingMayBeTriedAgainAfterAFailure) {
  steps_.failure = FailureReason::kBadPermit;
  for (const auto& [state, type] :
       {std::pair(State::kProposed, FrameType::kCommit), {State::kReady, FrameType::kUnlock}}) {
    Dialogue dialogue(steps_);
    dialogue.Handle(MakeFrame(FrameType::kPrepare, kRequests.at(FrameType::kPrepare)));
    if (state == State::kProposed) {
      dialogue.Handle(MakeFrame(FrameType::kPropose, kRequests.at(FrameType::kPropose)));
    }
    auto answer = dialogue.Handle(MakeFrame(type, kPermit));
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->Encoded(), std::string({static_cast<char>(FrameType::kFailed), 0, 1, 0}));
    EXPECT_EQ(dialogue.state(), State::kOver);
    EXPECT_TRUE(dialogue.kept_protocol());
  }
}

TEST_F(DialogueTest, AnAbortThatDidNotHappenIsNotSaidToHave) {
  steps_.aborts = false;
  Reach(State::kProposed);
  EXPECT_EQ(Say(FrameType::kAbort), "");
  EXPECT_EQ(dialogue_.state(), State::kOver);
  EXPECT_TRUE(dialogue_.kept_protocol());
}

}  // namespace
}  // namespace sspr::setpw
