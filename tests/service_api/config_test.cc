// SPDX-License-Identifier: Apache-2.0
// The service's configuration: what is taken, and that each fault names its file and line.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "service/config/service_config.h"

namespace sspr::service {
namespace {

constexpr char kGood[] =
    "[service]\n"
    "listen = [::1]:8443\n"
    "public_url = https://reset.example.org/contoso\n"
    "certificate_file = /etc/tls.pem\n"
    "key_file = /etc/tls.key\n"
    "cors_origins = https://a.example https://b.example:8443\n"
    "workers = 6\n"
    "[data]\n"
    "folder = /srv/sspr\n"
    "audit_file = /var/log/sspr/audit.jsonl\n"
    "permit_key_id = 7\n"
    "[mail]\n"
    "url = smtps://mail.example.org\n"
    "from = reset@example.org\n"
    "user = reset\n"
    "password_file = /etc/mail.password\n";

class ConfigTest : public ::testing::Test {
 protected:
  ~ConfigTest() override { std::filesystem::remove(path_); }

  Result<ServiceConfig> Load(const std::string& text) {
    std::ofstream(path_) << text;
    return LoadServiceConfig(path_);
  }
  // The good file with one line exchanged.
  Result<ServiceConfig> LoadWith(const std::string& from, const std::string& to) {
    std::string text = kGood;
    text.replace(text.find(from), from.size(), to);
    return Load(text);
  }

  const std::string path_ =
      ::testing::TempDir() + "sspr-service-" + std::to_string(::getpid()) + ".conf";
};

TEST_F(ConfigTest, ReadsEveryKey) {
  const auto config = Load(kGood);
  ASSERT_TRUE(config.ok()) << config.error().detail;
  EXPECT_EQ(config->listen.address, "::1");
  EXPECT_EQ(config->listen.port, 8443);
  EXPECT_EQ(config->public_url, "https://reset.example.org/contoso");
  EXPECT_EQ(config->cors_origins.size(), 2U);
  EXPECT_EQ(config->workers, 6U);
  EXPECT_EQ(config->engine.connections, 6U);
  EXPECT_EQ(config->engine.database, "/srv/sspr/sspr.db");
  EXPECT_EQ(config->engine.audit_file, "/var/log/sspr/audit.jsonl");
  EXPECT_EQ(config->engine.secrets_key_file, "/srv/sspr/secrets.key");
  EXPECT_EQ(config->engine.permit_key_id, 7);
  EXPECT_EQ(config->mail.user, "reset");
  EXPECT_FALSE(config->mail.allow_plain_text);
}

TEST_F(ConfigTest, NamesTheLineOfEachFault) {
  const struct {
    const char* from;
    const char* to;
    const char* where;
  } table[] = {
      {"[::1]:8443", "localhost:8443", ":2: "},
      {"[::1]:8443", "::1:8443", ":2: "},
      {"[::1]:8443", "127.0.0.1", ":2: "},
      {"[::1]:8443", "127.0.0.1:0", ":2: "},
      {"[::1]:8443", "127.0.0.1:65536", ":2: "},
      {"https://reset.example.org/contoso", "http://reset.example.org/contoso", ":3: "},
      {"https://reset.example.org/contoso", "https://reset.example.org", ":3: "},
      {"https://reset.example.org/contoso", "https://reset.example.org/contoso/", ":3: "},
      {"https://reset.example.org/contoso", "https://reset.example.org/a b", ":3: "},
      {"https://reset.example.org/contoso", "https://reset.example.org/..", ":3: "},
      {"https://reset.example.org/contoso", "https://me@reset.example.org/x", ":3: "},
      {"/etc/tls.pem", "tls.pem", ":4: "},
      {"/etc/tls.key", "/etc/../tls.key", ":5: "},
      {"https://a.example ", "* ", ":6: "},
      {"https://a.example ", "https://a.example/ ", ":6: "},
      {"workers = 6", "workers = 0", ":7: "},
      {"workers = 6", "workers = many", ":7: "},
      {"workers = 6", "wrokers = 6", ":7: "},
      {"permit_key_id = 7", "permit_key_id = 70000", ":11: "},
      {"[mail]", "[post]", ":12: "},
      {"smtps://mail.example.org", "https://mail.example.org", ":13: "},
      {"password_file = /etc/mail.password", "password = secret", ":16: "},
      {"password_file = /etc/mail.password", "require_starttls = maybe", ":16: "},
  };
  for (const auto& row : table) {
    const auto config = LoadWith(row.from, row.to);
    ASSERT_FALSE(config.ok()) << row.to;
    EXPECT_EQ(config.error().code, Errc::kPolicy) << row.to;
    EXPECT_NE(config.error().detail.find(path_ + row.where), std::string::npos)
        << row.to << ": " << config.error().detail;
  }
}

TEST_F(ConfigTest, DirectoryIsOpenLdaps_OrAnotherThatIsDescribed) {
  const std::string directory = std::string(kGood) +
                                "[directory]\n"
                                "type = ldap\n"
                                "url = ldaps://ldap.example.org\n"
                                "bind_dn = cn=sspr,dc=example,dc=org\n"
                                "bind_password_file = /etc/ldap.password\n"
                                "base = ou=people,dc=example,dc=org\n";
  const auto usual = Load(directory);
  ASSERT_TRUE(usual.ok()) << usual.error().detail;
  EXPECT_EQ(usual->engine.ldap->id_attribute, "entryUUID");
  EXPECT_EQ(usual->engine.ldap->name_attribute, "uid");
  const auto other = Load(directory +
                          "id_attribute = nsUniqueId\n"
                          "name_attribute = cn\n"
                          "connections = 2\n");
  ASSERT_TRUE(other.ok()) << other.error().detail;
  EXPECT_EQ(other->engine.ldap->id_attribute, "nsUniqueId");
  EXPECT_EQ(other->engine.ldap->name_attribute, "cn");
  EXPECT_EQ(other->engine.ldap->connections, 2U);
  const auto wrong = Load(directory + "id_attribute = uid\n");
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().detail.find(path_ + ":23: "), std::string::npos) << wrong.error().detail;
}

TEST_F(ConfigTest, DatabaseMayBeAServer_WithItsPasswordInAFile) {
  const auto config = LoadWith("permit_key_id = 7\n",
                               "database = postgresql://sspr@db.example.org/sspr\n"
                               "database_password_file = /etc/db.password\n");
  ASSERT_TRUE(config.ok()) << config.error().detail;
  EXPECT_EQ(config->engine.database, "postgresql://sspr@db.example.org/sspr");
  EXPECT_EQ(config->engine.database_password_file, "/etc/db.password");
  for (const char* wrong :
       {"database = postgresql://sspr:canary@db/sspr\n", "database = host=db\n",
        "database = dbname=x password=canary\n", "database_password_file = /etc/db.password\n"}) {
    const auto refused = LoadWith("permit_key_id = 7\n", wrong);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_TRUE(refused.error().detail.starts_with(path_ + ":11: ")) << refused.error().detail;
    EXPECT_EQ(refused.error().detail.find("canary"), std::string::npos) << wrong;
  }
}

TEST_F(ConfigTest, NamesTheFileForAKeyThatIsMissing) {
  for (const char* line :
       {"listen = [::1]:8443\n", "public_url = https://reset.example.org/contoso\n",
        "certificate_file = /etc/tls.pem\n", "key_file = /etc/tls.key\n",
        "url = smtps://mail.example.org\n", "from = reset@example.org\n", "user = reset\n",
        "password_file = /etc/mail.password\n"}) {
    const auto config = LoadWith(line, "");
    ASSERT_FALSE(config.ok()) << line;
    EXPECT_TRUE(config.error().detail.starts_with(path_)) << config.error().detail;
  }
  EXPECT_FALSE(LoadServiceConfig("/nonexistent").ok());
}

}  // namespace
}  // namespace sspr::service
