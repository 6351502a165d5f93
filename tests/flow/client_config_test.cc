// SPDX-License-Identifier: Apache-2.0
// sspr.conf as sspr-flow reads it, the account file, and the key of a reset that is resumed.
#include "common/config/client_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/client/resume_key.h"
#include "pam_module/flow/local_account.h"

namespace sspr {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Result<ClientConfig> Read(const std::string& text) {
  Result<IniFile> file = IniFile::Parse(text, "sspr.conf");
  if (!file.ok()) return file.error();
  return ReadClientConfig(*file);
}

TEST(ClientConfig, UrlAloneIsEnough) {
  const auto config = Read("[service]\nurl = https://reset.example.org/corp/\n");
  ASSERT_TRUE(config.ok()) << config.error().detail;
  EXPECT_EQ(config->base_url, "https://reset.example.org/corp");
  EXPECT_EQ(config->client_id, "sspr-login");
  EXPECT_EQ(config->ServiceUserName("alice"), "alice");
  EXPECT_EQ(config->min_gates, 1);
  EXPECT_EQ(config->flow_user, "sspr");
}

TEST(ClientConfig, ADeviceKeyThatIsNamedIsToldFromTheUsualPlace) {
  const auto usual = Read("[service]\nurl=https://h/t\n");
  EXPECT_EQ(usual->device_key_file, "/etc/sspr/device.key");
  EXPECT_FALSE(usual->device_key_named);
  const auto named = Read("[service]\nurl=https://h/t\n[machine]\ndevice_key_file=/a/key\n");
  EXPECT_EQ(named->device_key_file, "/a/key");
  EXPECT_TRUE(named->device_key_named);
}

TEST(ClientConfig, UserNameTemplateIsFilled) {
  const auto config = Read("[service]\nurl=https://h/t\nusername={user}@corp.example\n");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->ServiceUserName("alice"), "alice@corp.example");
}

TEST(ClientConfig, KeysOfSetpwAreKnownAndUnknownOnesNamed) {
  EXPECT_TRUE(Read("[service]\nurl=https://h/t\n[machine]\ndevice_id_file=/a\nstate_dir=/b\n"
                   "deny_groups=wheel\nmax_uid=60000\n")
                  .ok());
  const auto config = Read("[service]\nurl=https://h/t\nproxy=http://p\n");
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(config.error().detail, StartsWith("sspr.conf:3: unknown key 'proxy'"));
}

struct BadLine {
  const char* line;
  const char* why;
};
class BadConfig : public ::testing::TestWithParam<BadLine> {};

TEST_P(BadConfig, IsRefusedAndTheLineIsNamed) {
  const bool is_url = std::string_view(GetParam().line).starts_with("[service]\nurl");
  const std::string text =
      is_url ? GetParam().line : std::string("[service]\nurl=https://h/t\n") + GetParam().line;
  const auto config = Read(text);
  ASSERT_FALSE(config.ok()) << text;
  EXPECT_EQ(config.error().code, Errc::kPolicy);
  EXPECT_THAT(config.error().detail, HasSubstr(is_url ? "sspr.conf:2:" : "sspr.conf:"));
  EXPECT_THAT(config.error().detail, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfig,
    ::testing::Values(
        BadLine{"[service]\nurl = http://h/t\n", "https"},
        BadLine{"[service]\nurl = https://u:p@h/t\n", "nothing else"},
        BadLine{"[service]\nurl = https://h/t?x=1\n", "nothing else"},
        BadLine{"[service]\nurl = https://h/t#x\n", "nothing else"},
        BadLine{"[service]\nurl = https:///t\n", "host"},
        BadLine{"[service]\nurl = https://h//t\n", "empty part"},
        BadLine{"ca_file = ca.pem\n", "absolute"}, BadLine{"client_id = a b\n", "client_id"},
        BadLine{"client_id =\n", "client_id"}, BadLine{"language = pl\n", "en, de, fr, es or ar"},
        BadLine{"username = alice\n", "{user}"}, BadLine{"username = {user}{user}\n", "{user}"},
        BadLine{"username = {user} x\n", "{user}"}, BadLine{"min_gates = 0\n", "1 to 4"},
        BadLine{"min_gates = two\n", "number"},
        BadLine{"[machine]\nflow_user = root\n", "flow_user"},
        BadLine{"[machine]\nsetpw_socket = x.sock\n", "absolute"},
        BadLine{"[machine]\nmin_uid = 0\n", "min_uid"},
        BadLine{"[other]\nx = 1\n", "unknown section"}));

TEST(ClientConfig, MissingUrlIsNamed) {
  EXPECT_THAT(Read("[service]\n").error().detail, HasSubstr("'url' in [service] is missing"));
}

TEST(LocalAccount, IsFoundByItsWholeName) {
  const char kPasswd[] =
      "root:x:0:0::/:/bin/sh\nali:x:1:1::/:/x\nalice:x:1000:1000::/:/x\nbad:x:1y:\nend";
  EXPECT_EQ(FindLocalAccount(kPasswd, "alice")->uid, 1000u);
  EXPECT_EQ(FindLocalAccount(kPasswd, "ali")->uid, 1u);
  EXPECT_FALSE(FindLocalAccount(kPasswd, "al").has_value());
  EXPECT_FALSE(FindLocalAccount(kPasswd, "alice2").has_value());
  EXPECT_FALSE(FindLocalAccount("", "alice").has_value());
  EXPECT_EQ(FindLocalAccount(kPasswd, "bad")->uid, 0u) << "refused as if it were root";
}

TEST(ResumeKey, DependsOnSecretUserAndTerminal) {
  const Secret secret = *Secret::CopyOf(std::string(32, 's'));
  const Secret other = *Secret::CopyOf(std::string(32, 't'));
  const auto key = ResumeKey(secret, "alice", "tty1");
  EXPECT_EQ(key.size(), 32u);
  EXPECT_EQ(key, ResumeKey(secret, "alice", "tty1"));
  EXPECT_NE(key, ResumeKey(secret, "alice", "tty2"));
  EXPECT_NE(key, ResumeKey(secret, "alicet", "ty1"));
  EXPECT_NE(key, ResumeKey(other, "alice", "tty1"));
  EXPECT_TRUE(ResumeKey(secret, "alice", "").empty()) << "no terminal: anybody could go on";
  EXPECT_TRUE(ResumeKey(*Secret::CopyOf("short"), "alice", "tty1").empty());
}

TEST(ResumeKey, SecretFileIsReadWholeOrNotAtAll) {
  const std::string path = ::testing::TempDir() + "resume.key";
  const auto write = [&](const std::string& text) {
    FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  };
  write(std::string("a\0b", 3));
  EXPECT_EQ(ReadResumeSecret(path)->Reveal(), std::string_view("a\0b", 3));
  write(std::string(600, 'x'));
  EXPECT_FALSE(ReadResumeSecret(path).has_value());
  EXPECT_FALSE(ReadResumeSecret("/nonexistent/key").has_value());
  std::remove(path.c_str());
}

}  // namespace
}  // namespace sspr
