// SPDX-License-Identifier: Apache-2.0
// One connection to an LDAP server: the few operations that the directory needs, each with a time
// limit. The one file that knows libldap. Follows no referral and no alias; sends no password but
// over TLS, or to this machine.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/secret.h"
#include "service/directory/ldap_settings.h"

struct ldap;
struct ldapcontrol;
struct ldapmsg;

namespace sspr::service {

struct LdapEntry {
  std::string dn;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;  // lower-case names

  // The first value, or empty.
  std::string First(std::string_view lower_case_name) const;
};

// What the server answered, or why it did not.
struct LdapAnswer {
  int code = 0;                    // of RFC 4511; 0: success
  std::optional<int> policy = {};  // the error of the password policy's control
  bool is_answered = false;        // by the server; otherwise nobody knows what it did
  std::string said = {};           // the server's own words
  std::string detail = {};         // for the log
  bool ok() const { return is_answered && code == 0; }
};

// The control of Active Directory by which a password that is set for somebody is held against the
// history as well (MS-ADTS 3.1.1.3.4.1.27).
inline constexpr char kPolicyHints[] = "1.2.840.113556.1.4.2239";

enum class LdapScope { kEntry, kChildren, kSubtree };

struct LdapChange {
  enum class Operation { kAdd, kDelete, kReplace };
  Operation operation = Operation::kReplace;
  std::string attribute;
  std::optional<std::string_view> value = {};  // outlives the call; nothing: all of them
};

// ASCII letters only, as names of attributes and DNs are compared.
std::string LowerCase(std::string_view text);

// RFC 4515: the value of a filter.
std::string EscapedForFilter(std::string_view value);

class LdapConnection {
 public:
  // Connects to the first of the URLs that answers, with TLS where it is to be; not bound yet.
  // settings outlive it. kInternal (settings), kUnreachable.
  static Result<std::unique_ptr<LdapConnection>> Open(const LdapSettings& settings);
  LdapConnection(const LdapConnection&) = delete;
  LdapConnection& operator=(const LdapConnection&) = delete;
  ~LdapConnection();

  // An empty password, or one with a NUL, is never sent: a server may take it for "anonymous".
  LdapAnswer Bind(const std::string& dn, const Secret& password);
  // Whether the server takes this connection for that DN (RFC 4532), or cannot say.
  bool IsBoundAs(const std::string& dn);
  // At most `most` entries, else code 4 (sizeLimitExceeded). with_permissions: Active Directory
  // gives a nTSecurityDescriptor without the parts that only administrators may see.
  LdapAnswer Search(const std::string& base, LdapScope scope, const std::string& filter,
                    const std::vector<std::string>& attributes, int most,
                    std::vector<LdapEntry>& found, bool with_permissions = false);
  // RFC 3062, for somebody else.
  LdapAnswer SetPassword(const std::string& dn, const Secret& password);
  // The same as a change of userPassword, for servers that hash it themselves; with other changes
  // of the entry, all of them or none.
  LdapAnswer ReplacePassword(const std::string& dn, const Secret& password,
                             std::vector<LdapChange> also = {});
  // All of them or none. hints: with the control that makes Active Directory apply its history.
  LdapAnswer Modify(const std::string& dn, const std::vector<LdapChange>& changes,
                    bool hints = false);

  // DER, once it was used; empty without TLS.
  std::string PeerCertificate() const;

  // After an operation that was not answered, and when the server has hung up: for nothing more.
  bool IsBroken() const;

 private:
  static Result<std::unique_ptr<LdapConnection>> OpenOne(const LdapSettings& settings,
                                                         const std::string& url);
  LdapConnection(const LdapSettings& settings, ldap* handle)
      : settings_(settings), handle_(handle) {}
  using Deadline = std::chrono::steady_clock::time_point;
  LdapAnswer Change(const std::string& dn, const std::vector<LdapChange>& changes,
                    ldapcontrol* control);
  LdapAnswer Await(int sent, int message, const char* what, ldapmsg** reply = nullptr);
  ldapmsg* Receive(int message, int which, Deadline deadline, int& code);
  LdapAnswer Parse(ldapmsg* result, const char* what);
  LdapAnswer NotAnswered(int code, const char* what);
  LdapAnswer Collect(int message, int most, std::vector<LdapEntry>& found);

  const LdapSettings& settings_;
  ldap* handle_;
  bool broken_ = false;
};

}  // namespace sspr::service
