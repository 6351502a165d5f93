// SPDX-License-Identifier: Apache-2.0
// A real slapd with a password policy, on loopback ports and in a folder of its own; gone with the
// object.
#pragma once

#include <string>

#include "service/directory/ldap_settings.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr::service {

class Slapd {
 public:
  static constexpr char kBase[] = "dc=example,dc=org";
  static constexpr char kPeople[] = "ou=people,dc=example,dc=org";
  static constexpr char kServiceDn[] = "cn=sspr,ou=services,dc=example,dc=org";
  static constexpr char kServicePassword[] = "service-password";
  static constexpr char kAdminDn[] = "cn=admin,dc=example,dc=org";
  static constexpr char kAdminPassword[] = "admin-password";
  // The people's passwords: at least 8 characters, not the last 2, locked after 3 failures.
  enum class Policy { kNone, kStrict };

  explicit Slapd(Policy policy);
  Slapd(const Slapd&) = delete;
  Slapd& operator=(const Slapd&) = delete;
  ~Slapd();

  // ldaps with the server's own authority.
  service::LdapSettings Settings() const;
  std::string PlainUrl() const;  // for STARTTLS

  void Start();
  void Stop();
  // LDIF with changes, as the administrator. Throws when it fails.
  void Modify(const std::string& ldif);
  // RFC 3062 as somebody.
  void SetPassword(const std::string& bind_dn, const std::string& bind_password,
                   const std::string& dn, const std::string& password);

 private:
  void Run(const std::string& command) const;
  std::string At(const std::string& name) const { return folder_.File(name); }

  test::ScratchFolder folder_;
  int plain_port_ = 0;
  int tls_port_ = 0;
};

// The entry's UUID and our id of the person "alice".
inline constexpr char kAliceUuid[] = "11111111-2222-4333-8444-555555555555";
inline constexpr char kAliceId[] = "11111111222243338444555555555555";

}  // namespace sspr::service
