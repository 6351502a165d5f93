// SPDX-License-Identifier: Apache-2.0
// Whether a machine signs people in offline is read as SSSD and winbind read it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pam_module/doctor/machine_checks.h"

namespace sspr::doctor {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class DirectoryChecksTest : public ::testing::Test {
 protected:
  DirectoryChecksTest() {
    std::string pattern = ::testing::TempDir() + "sspr-directory-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~DirectoryChecksTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = root_ + path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
  }
  void WriteStack(const std::string& line) {
    Write("/etc/pam.d/login",
          "-auth [default=ignore] pam_sspr.so\nauth [success=2 default=ignore] pam_unix.so "
          "try_first_pass\n" +
              line + "\nauth requisite pam_deny.so\nauth required pam_permit.so\n");
  }
  std::string Said() {
    Report report;
    CheckDirectoryAccounts(MachineView(root_), report);
    EXPECT_EQ(report.code(), 0);
    std::string said;
    for (const Finding& finding : report.findings()) {
      said += finding.subjects[0] + ": " + finding.text + "\n";
    }
    return said;
  }

 private:
  std::string root_;
};

TEST_F(DirectoryChecksTest, WithoutADirectoryNothingIsSaid) {
  WriteStack("auth optional pam_cap.so");
  Write("/etc/sssd/sssd.conf", "[domain/x]\ncache_credentials = true\n");
  EXPECT_THAT(Said(), IsEmpty());
}

TEST_F(DirectoryChecksTest, EachDomainOfSssdIsSaidAndALaterFileHolds) {
  WriteStack("auth [success=1 default=ignore] pam_sss.so use_first_pass");
  Write("/etc/sssd/sssd.conf",
        "[sssd]\ndomains = a, b, c\n[domain/a]\n cache_credentials = True\n"
        "[domain/b]\n#cache_credentials = true\n[domain/c]\ncache_credentials = true\n");
  Write("/etc/sssd/conf.d/10-c.conf", "[domain/c]\ncache_credentials = false\n");
  Write("/etc/sssd/conf.d/.hidden.conf", "[domain/b]\ncache_credentials = true\n");
  EXPECT_THAT(Said(), HasSubstr("SSSD, domain/a: passwords are kept"));
  EXPECT_THAT(Said(), HasSubstr("SSSD, domain/b: no passwords are kept"));
  EXPECT_THAT(Said(), Not(HasSubstr("SSSD, domain/c: passwords are kept")));
}

TEST_F(DirectoryChecksTest, AFileThatCannotBeReadIsSaid) {
  WriteStack("auth [success=1 default=ignore] pam_sss.so use_first_pass");
  EXPECT_THAT(Said(), HasSubstr("/etc/sssd/sssd.conf cannot be read"));
}

TEST_F(DirectoryChecksTest, WinbindNeedsBothItsHalves) {
  WriteStack("auth [success=1 default=ignore] pam_winbind.so try_first_pass");
  Write("/etc/samba/smb.conf", "[global]\n  Winbind Offline Logon = yes\n");
  EXPECT_THAT(Said(),
              HasSubstr("winbind: no passwords are kept for offline sign-ins (cached_login"));
  Write("/etc/security/pam_winbind.conf", "[global]\n;cached_login = no\ncached_login = yes\n");
  EXPECT_THAT(Said(), HasSubstr("winbind: passwords are kept"));
  WriteStack("auth [success=1 default=ignore] pam_winbind.so cached_login try_first_pass");
  Write("/etc/security/pam_winbind.conf", "");
  EXPECT_THAT(Said(), HasSubstr("winbind: passwords are kept"));
  Write("/etc/samba/smb.conf", "[global]\n");
  EXPECT_THAT(Said(), HasSubstr("('winbind offline logon' of smb.conf is off)"));
}

}  // namespace
}  // namespace sspr::doctor
