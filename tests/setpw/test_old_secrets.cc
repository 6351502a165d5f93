// SPDX-License-Identifier: Apache-2.0
// What the old password locks: the formats, held to files that gnome-keyring 42.1 and
// ecryptfs-utils 111 made, and the real sspr-setpw in a home folder whose owner is hostile.
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "common/base/setpw_frames.h"
#include "common/permit/fixed_bytes.h"
#include "pam_module/setpw/fscrypt_protectors.h"
#include "pam_module/setpw/locked_files.h"
#include "tests/setpw/program_test.h"

namespace sspr::test {
namespace {

namespace fs = std::filesystem;

// Locked with kOldPassword; holds "the wifi secret".
constexpr char kKeyringHex[] =
    "476e6f6d654b657972696e670a0d000a00000000000000054c6f67696e0000000000000000000000006b0b0b"
    "3c0000000000000000000004d744c68a1a22dfd4340000000000000000000000000000000000000001000000"
    "010000000000000002000000076e6574776f726b000000000000002065373266343534356562363863393663"
    "3735346639316663303135373335313700000007736572766963650000000000000020356632376464653130"
    "6266613861646164666431323235323162306130316566000000a01c5c9429d443af1a1fb9f8fbf3a1189a7c"
    "4c9d073f1319fc5d0fafa1171e42e7ab8418a1fdc83a8bb0c92d10e1d24ac50a19b8a4e942d16157147139e9"
    "00e32cb615122bad0e796f3db7f565044bd447d8f7083e974037a16df1c1af34cac09d31a33fcc7b1e7ae20e"
    "7e0e95a9cc0ce2e78a0769fed4a6c40cf633670640ee80de0239b4abfe620a775969b9e4459984f66e4e3483"
    "7ecdee3d900f8f87472ae8";
// Wrapped with kOldPassword.
constexpr char kWrappedHex[] =
    "3a02a4ad478d205da5d4656631316637616636306530366463662d292546d6b1234139393b98e21aca1b";

constexpr char kKeyrings[] = "/home/alice/.local/share/keyrings";
constexpr char kKeyring[] = "/home/alice/.local/share/keyrings/login.keyring";
constexpr char kWrapped[] = "/home/alice/.ecryptfs/wrapped-passphrase";

std::string Keyring() { return FromHex(kKeyringHex).value(); }
std::string Wrapped() { return FromHex(kWrappedHex).value(); }
Secret Word(std::string_view text) { return *Secret::CopyOf(text); }

Errc CodeOf(const Status& status) { return status ? Errc::kCancelled : status.error().code; }

TEST(KeyringOfGnome, OpensWithItsPasswordAlone) {
  EXPECT_TRUE(setpw::OpenKeyring(Keyring(), Word(kOldPassword)));
  for (const char* wrong : {"", "winter-garden-17", "Winter-garden-17 "}) {
    EXPECT_EQ(CodeOf(setpw::OpenKeyring(Keyring(), Word(wrong))), Errc::kDenied) << wrong;
  }
}

TEST(KeyringOfGnome, LockedAnewItOpensWithTheNewPasswordAndBackItIsTheSameSecret) {
  const auto made = setpw::RelockKeyring(Keyring(), Word(kOldPassword), Word(kNewPassword));
  ASSERT_TRUE(made);
  EXPECT_TRUE(setpw::OpenKeyring(made->View(), Word(kNewPassword)));
  EXPECT_EQ(CodeOf(setpw::OpenKeyring(made->View(), Word(kOldPassword))), Errc::kDenied);
  EXPECT_EQ(made->View().size(), Keyring().size());
  // Under a salt of its own each time.
  const auto again = setpw::RelockKeyring(Keyring(), Word(kOldPassword), Word(kNewPassword));
  ASSERT_TRUE(again);
  EXPECT_NE(made->View(), again->View());
}

// Every damage is found before anything is made of it.
TEST(KeyringOfGnome, CutOrChangedItIsRefused) {
  const std::string whole = Keyring();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(setpw::OpenKeyring(whole.substr(0, size), Word(kOldPassword))) << size;
  }
  EXPECT_FALSE(setpw::OpenKeyring(whole + "x", Word(kOldPassword)));
  std::string endless = whole;
  endless[53] = '\x7F';  // iterations
  EXPECT_EQ(CodeOf(setpw::OpenKeyring(endless, Word(kOldPassword))), Errc::kProtocol);
  std::string changed = whole;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  EXPECT_EQ(CodeOf(setpw::OpenKeyring(changed, Word(kOldPassword))), Errc::kDenied);
}

TEST(KeyringOfGnome, PlainTextIsNotLocked) {
  EXPECT_FALSE(setpw::IsLockedKeyring("[keyring]\ndisplay-name=Login\n"));
  EXPECT_TRUE(setpw::IsLockedKeyring(Keyring()));
}

TEST(PassphraseOfEcryptfs, UnwrapsWithItsPasswordAloneAndIsWrappedAnew) {
  EXPECT_TRUE(setpw::OpenWrappedPassphrase(Wrapped(), Word(kOldPassword)));
  EXPECT_EQ(CodeOf(setpw::OpenWrappedPassphrase(Wrapped(), Word("wrong"))), Errc::kDenied);
  const auto made = setpw::RewrapPassphrase(Wrapped(), Word(kOldPassword), Word(kNewPassword));
  ASSERT_TRUE(made);
  EXPECT_TRUE(setpw::OpenWrappedPassphrase(made->View(), Word(kNewPassword)));
  EXPECT_FALSE(setpw::OpenWrappedPassphrase(made->View(), Word(kOldPassword)));
}

TEST(PassphraseOfEcryptfs, APasswordThatEcryptfsCannotTakeIsRefusedByName) {
  const auto made =
      setpw::RewrapPassphrase(Wrapped(), Word(kOldPassword), Word(std::string(65, 'x')));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::kPolicy);
}

TEST(PassphraseOfEcryptfs, CutItIsRefused) {
  for (std::size_t size = 0; size < Wrapped().size(); ++size) {
    EXPECT_FALSE(setpw::OpenWrappedPassphrase(Wrapped().substr(0, size), Word(kOldPassword)));
  }
}

TEST(ProtectorOfFscrypt, IsTheUsersWhenItIsBoundToTheLoginPassword) {
  const std::string name(
      "\x0a\x03"
      "abc"
      "\x1a\x05"
      "login",
      12);
  const std::string login("\x10\x01", 2);
  const std::string custom("\x10\x02", 2);
  const std::string alice("\x30\xE8\x07", 3);
  EXPECT_TRUE(setpw::IsLoginProtectorOf(name + login + alice, 1000));
  EXPECT_FALSE(setpw::IsLoginProtectorOf(name + login + alice, 1001));
  EXPECT_FALSE(setpw::IsLoginProtectorOf(name + custom + alice, 1000));
  EXPECT_FALSE(setpw::IsLoginProtectorOf(name + login + alice + "\x0a\x7F", 1000)) << "torn";
  EXPECT_FALSE(setpw::IsLoginProtectorOf("", 1000));
}

class OldSecretsTest : public ProgramTest {
 protected:
  static void SetUpTestSuite() {
    if (mount("tmpfs", "/home", "tmpfs", MS_NOSUID, "mode=0755") != 0) {
      throw std::runtime_error("tmpfs on /home");
    }
  }
  void SetUp() override {
    ProgramTest::SetUp();
    for (const auto& entry : fs::directory_iterator("/home")) fs::remove_all(entry.path());
    Put(kKeyring, Keyring());
  }
  static void Give(const fs::path& path) {
    for (fs::path at = path; at != "/home"; at = at.parent_path()) {
      ASSERT_EQ(lchown(at.c_str(), kAliceUid, kAliceUid), 0);
    }
  }
  static void Put(const std::string& path, std::string_view text) {
    WriteFile(path, text, 0600);
    Give(path);
  }
  static OldSecrets Found(SetpwProcess& setpw) {
    const auto ready = setpw.Prepare("alice");
    if (!ready || ready->type != FrameType::kReady) throw std::runtime_error("not ready");
    nonce_ = *FixedBytesFrom<kNonceBytes>(std::string_view(ready->payload).substr(32, 32));
    return static_cast<OldSecrets>(ready->payload.at(65));
  }
  static std::string Remember(SetpwProcess& setpw, const char* password) {
    const auto reply = setpw.Ask(FrameType::kRemember, password);
    return reply && reply->type == FrameType::kRemembered ? reply->payload : "lost";
  }
  static Proposal Propose(SetpwProcess& setpw) {
    Proposal made{nonce_, {}, TransactionNumber('t')};
    const auto proposed = setpw.Propose(made.transaction, kNewPassword);
    if (!proposed || proposed->type != FrameType::kProposed) throw std::runtime_error("proposal");
    made.commitment = FixedBytesFrom<kCommitmentBytes>(proposed->payload).value();
    return made;
  }
  // The three sets of kCommitted.
  static std::string Commit(SetpwProcess& setpw, const Proposal& proposal) {
    const auto reply = setpw.Ask(FrameType::kCommit, SignedFor(proposal));
    return reply && reply->type == FrameType::kCommitted ? reply->payload : "failed";
  }
  static std::vector<std::string> Names(const char* folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  static inline Nonce nonce_{};
};

std::string Bytes(int relocked, int aside, int failed) {
  return {static_cast<char>(relocked), static_cast<char>(aside), static_cast<char>(failed)};
}

TEST_F(OldSecretsTest, AKeyringIsFoundAndPutAsideWithItsOwnerAndMode) {
  ASSERT_EQ(chmod(kKeyring, 0640), 0);
  SetpwProcess setpw(kFlowUid);
  EXPECT_EQ(Found(setpw), kSecretGnomeKeyring);
  EXPECT_EQ(Commit(setpw, Propose(setpw)), Bytes(0, kSecretGnomeKeyring, 0));
  EXPECT_EQ(setpw.Wait(), 0);
  const auto names = Names(kKeyrings);
  ASSERT_EQ(names.size(), 1u);
  EXPECT_TRUE(names[0].starts_with("login-before-reset-20")) << names[0];
  EXPECT_TRUE(names[0].ends_with("-74747474.keyring")) << names[0];
  const std::string aside = std::string(kKeyrings) + "/" + names[0];
  EXPECT_EQ(ReadFile(aside), Keyring());
  struct stat about {};
  ASSERT_EQ(stat(aside.c_str(), &about), 0);
  EXPECT_EQ(about.st_uid, kAliceUid);
  EXPECT_EQ(about.st_mode & 07777u, 0640u);
  EXPECT_NE(machine().TakeLog().find("SSPR-S015"), std::string::npos);
}

TEST_F(OldSecretsTest, WithTheOldPasswordAllIsLockedAnewAndTheOldFilesAreKept) {
  Put(kWrapped, Wrapped());
  SetpwProcess setpw(kFlowUid);
  const int both = kSecretGnomeKeyring | kSecretEcryptfs;
  EXPECT_EQ(Found(setpw), both);
  EXPECT_EQ(Remember(setpw, "wrong"), std::string(1, '\0'));
  EXPECT_EQ(Remember(setpw, kOldPassword), std::string(1, static_cast<char>(both)));
  const Proposal proposal = Propose(setpw);
  EXPECT_EQ(ReadFile(kKeyring), Keyring()) << "changed before the permit";
  EXPECT_EQ(ReadFile(kWrapped), Wrapped());
  EXPECT_EQ(Commit(setpw, proposal), Bytes(both, 0, 0));
  EXPECT_EQ(setpw.Wait(), 0);
  EXPECT_TRUE(setpw::OpenKeyring(ReadFile(kKeyring), Word(kNewPassword)));
  EXPECT_TRUE(setpw::OpenWrappedPassphrase(ReadFile(kWrapped), Word(kNewPassword)));
  ASSERT_EQ(Names(kKeyrings).size(), 2u);
  EXPECT_EQ(ReadFile(std::string(kKeyrings) + "/" + Names(kKeyrings)[0]), Keyring());
  EXPECT_EQ(Names("/home/alice/.ecryptfs").size(), 2u);
}

TEST_F(OldSecretsTest, AnAbortLeavesNothingBehind) {
  SetpwProcess setpw(kFlowUid);
  Found(setpw);
  Remember(setpw, kOldPassword);
  Propose(setpw);
  EXPECT_EQ(Names(kKeyrings).size(), 2u);
  EXPECT_EQ(setpw.Ask(FrameType::kAbort, "")->type, FrameType::kAborted);
  EXPECT_EQ(setpw.Wait(), 0);
  EXPECT_EQ(Names(kKeyrings), std::vector<std::string>{"login.keyring"});
  EXPECT_EQ(ReadFile(kKeyring), Keyring());
}

// The change after the power cut is the same, and is made once.
TEST_F(OldSecretsTest, ResolvedLaterTheKeyringThatWaitsTakesItsPlace) {
  Proposal proposal;
  {
    SetpwProcess setpw(kFlowUid);
    Found(setpw);
    Remember(setpw, kOldPassword);
    proposal = Propose(setpw);
    setpw.CloseSending();
    EXPECT_EQ(setpw.Wait(), 0);
  }
  SetpwProcess later(kFlowUid);
  const auto resolved = later.Resolve(
      proposal.transaction, static_cast<std::uint8_t>(Verdict::kSucceeded), SignedFor(proposal));
  ASSERT_TRUE(resolved);
  EXPECT_EQ(resolved->payload.back(), static_cast<char>(Resolution::kCompleted));
  EXPECT_TRUE(setpw::OpenKeyring(ReadFile(kKeyring), Word(kNewPassword)));
  EXPECT_EQ(Names(kKeyrings).size(), 2u);
}

TEST_F(OldSecretsTest, AKeyringThatChangedMeanwhileIsPutAsideInsteadOfReplaced) {
  SetpwProcess setpw(kFlowUid);
  Found(setpw);
  Remember(setpw, kOldPassword);
  const Proposal proposal = Propose(setpw);
  const auto newer = setpw::RelockKeyring(Keyring(), Word(kOldPassword), Word(kOldPassword));
  ASSERT_TRUE(newer);
  Put(kKeyring, newer->View());
  EXPECT_EQ(Commit(setpw, proposal), Bytes(0, kSecretGnomeKeyring, 0));
  const auto names = Names(kKeyrings);
  ASSERT_EQ(names.size(), 1u);
  EXPECT_EQ(ReadFile(std::string(kKeyrings) + "/" + names[0]), newer->View());
}

// Whatever the owner of the home puts there, root follows it nowhere and the reset goes on.
TEST_F(OldSecretsTest, AHostileHomeReachesNothingAndStopsNothing) {
  const std::vector<std::pair<const char*, std::function<void()>>> tricks = {
      {"a link to a file of root",
       [] {
         WriteFile("/etc/victim", Keyring(), 0600);
         fs::remove(kKeyring);
         fs::create_symlink("/etc/victim", kKeyring);
       }},
      {"a link to a folder of root",
       [] {
         WriteFile("/etc/victims/login.keyring", Keyring(), 0600);
         fs::remove_all(kKeyrings);
         fs::create_directory_symlink("/etc/victims", kKeyrings);
       }},
      {"a file of root", [] { ASSERT_EQ(chown(kKeyring, 0, 0), 0); }},
      {"a pipe",
       [] {
         fs::remove(kKeyring);
         ASSERT_EQ(mkfifo(kKeyring, 0600), 0);
       }},
      {"a folder",
       [] {
         fs::remove(kKeyring);
         fs::create_directory(kKeyring);
       }},
      {"a huge file", [] { ASSERT_EQ(truncate(kKeyring, 1LL << 40), 0); }},
      {"no home", [] { fs::remove_all("/home/alice"); }},
      {"a home of root",
       [] { ASSERT_EQ(chmod("/home/alice", 0700) | chown("/home/alice", 0, 0), 0); }},
  };
  for (const auto& [what, trick] : tricks) {
    SCOPED_TRACE(what);
    SetUp();
    trick();
    SetpwProcess setpw(kFlowUid);
    EXPECT_EQ(Found(setpw), kNoSecrets);
    EXPECT_EQ(Commit(setpw, Propose(setpw)), Bytes(0, 0, 0));
    EXPECT_TRUE(machine().Accepts("alice", kNewPassword));
    if (fs::exists("/etc/victim")) {
      EXPECT_EQ(ReadFile("/etc/victim"), Keyring());
    }
    if (fs::exists("/etc/victims")) {
      EXPECT_EQ(Names("/etc/victims").size(), 1u);
    }
  }
}

TEST_F(OldSecretsTest, APasswordOutsideItsPlaceBreaksTheProtocol) {
  SetpwProcess early(kFlowUid);
  EXPECT_FALSE(early.Ask(FrameType::kRemember, kOldPassword));
  SetpwProcess late(kFlowUid);
  Found(late);
  Propose(late);
  EXPECT_FALSE(late.Ask(FrameType::kRemember, kOldPassword));
}

TEST_F(OldSecretsTest, NoPasswordReachesTheLog) {
  SetpwProcess setpw(kFlowUid);
  Found(setpw);
  Remember(setpw, kOldPassword);
  EXPECT_EQ(Commit(setpw, Propose(setpw)), Bytes(kSecretGnomeKeyring, 0, 0));
  const std::string log = machine().TakeLog();
  EXPECT_EQ(log.find(kOldPassword), std::string::npos);
  EXPECT_EQ(log.find(kNewPassword), std::string::npos);
}

}  // namespace
}  // namespace sspr::test
