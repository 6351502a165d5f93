// SPDX-License-Identifier: Apache-2.0
// The [machine] section: what it may say, and that a fault is never taken for a default.
#include <gtest/gtest.h>

#include "common/config/setpw_config.h"

namespace sspr {
namespace {

Result<SetpwConfig> Read(const std::string& text) {
  const auto file = IniFile::Parse(text, "sspr.conf");
  if (!file) return file.error();
  return ReadSetpwConfig(*file);
}

TEST(SetpwConfig, DefaultsHoldWithoutASection) {
  const auto config = Read("");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->min_uid, 1000u);
  EXPECT_EQ(config->max_uid, 60000u);
  EXPECT_EQ(config->flow_user, "sspr");
  EXPECT_EQ(config->deny_groups.size(), 8u);
}

TEST(SetpwConfig, ReadsWhatIsThere) {
  const auto config = Read(
      "[service]\nurl = https://sspr.example/t\n[machine]\nstate_dir = /srv/sspr\nmin_uid = 2000\n"
      "max_uid = 3000\ndeny_groups = sudo, ops  wheel\nflow_user = _sspr\n");
  ASSERT_TRUE(config.ok()) << config.error().detail;
  EXPECT_EQ(config->state_dir, "/srv/sspr");
  EXPECT_EQ(config->min_uid, 2000u);
  EXPECT_EQ(config->max_uid, 3000u);
  EXPECT_EQ(config->deny_groups, (std::vector<std::string>{"sudo", "ops", "wheel"}));
  EXPECT_EQ(config->flow_user, "_sspr");
}

TEST(SetpwConfig, FaultsNameTheLine) {
  for (const char* line :
       {"min_uid = 0", "min_uid = 499", "min_uid = -1", "min_uid = 1e3", "max_uid = 999",
        "max_uid = 4294967295", "state_dir = var/lib", "state_dir = /var/../etc",
        "permit_key_file =", "deny_groups = sudo:x", "unknown = 1", "min_uid"}) {
    const auto config = Read(std::string("[machine]\n") + line + "\n");
    ASSERT_FALSE(config.ok()) << line;
    EXPECT_NE(config.error().detail.find("sspr.conf:2"), std::string::npos)
        << config.error().detail;
  }
}

}  // namespace
}  // namespace sspr
