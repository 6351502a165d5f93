// SPDX-License-Identifier: Apache-2.0
#include "service/directory/ldap_connection.h"

#include <ldap.h>
#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "service/directory/connect_deadline.h"
#include "service/directory/ldap_urls.h"

namespace sspr::service {
namespace {

constexpr char kMachinesAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";

timeval TimeOf(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const std::chrono::microseconds rest = time - seconds;
  return {.tv_sec = seconds.count(), .tv_usec = rest.count()};
}

berval View(std::string_view text) {
  return {.bv_len = text.size(), .bv_val = const_cast<char*>(text.data())};
}

template <typename Value>
bool Set(ldap* handle, int option, const Value& value) {
  return ldap_set_option(handle, option, &value) == LDAP_OPT_SUCCESS;
}

// Nothing of the environment or of /etc/ldap changes where we connect and whom we trust.
void IgnoreForeignSettings() {
  static std::once_flag once;
  std::call_once(once, [] { setenv("LDAPNOINIT", "1", 1); });
}

bool Configure(ldap* handle, const LdapSettings& settings) {
  const timeval timeout = TimeOf(settings.timeout);
  const std::string ca = settings.ca_file.empty() ? kMachinesAuthorities : settings.ca_file;
  return Set(handle, LDAP_OPT_PROTOCOL_VERSION, int{LDAP_VERSION3}) &&
         ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
         ldap_set_option(handle, LDAP_OPT_RESTART, LDAP_OPT_ON) == LDAP_OPT_SUCCESS &&
         Set(handle, LDAP_OPT_DEREF, int{LDAP_DEREF_NEVER}) &&
         Set(handle, LDAP_OPT_NETWORK_TIMEOUT, timeout) && Set(handle, LDAP_OPT_TIMEOUT, timeout) &&
         ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, ca.c_str()) == LDAP_OPT_SUCCESS &&
         Set(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, int{LDAP_OPT_X_TLS_HARD}) &&
         Set(handle, LDAP_OPT_X_TLS_PROTOCOL_MIN, int{LDAP_OPT_X_TLS_PROTOCOL_TLS1_2}) &&
         Set(handle, LDAP_OPT_X_TLS_NEWCTX, int{0});
}

// No answer is as large as this, whatever a server says of its length; and none is waited for in
// the middle: a read that has not all it wants comes back, so that the time limit counts.
bool Bound(ldap* handle) {
  constexpr ber_len_t kMostOfOneAnswer = ber_len_t{4} << 20U;
  Sockbuf* socket = nullptr;
  ber_len_t most = kMostOfOneAnswer;
  int on = 1;
  return ldap_get_option(handle, LDAP_OPT_SOCKBUF, &socket) == LDAP_OPT_SUCCESS &&
         socket != nullptr && ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1 &&
         ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_NONBLOCK, &on) == 1;
}

bool IsSendable(const Secret& password) {
  return !password.empty() && password.Reveal().find('\0') == std::string_view::npos;
}

LdapAnswer NotSent() {
  return {.code = LDAP_UNWILLING_TO_PERFORM,
          .is_answered = true,
          .detail = "set: not sent: empty, or with a NUL"};
}

// Servers write a DN in more than one way: 389 Directory Server has a space in front of it.
std::string Normal(const std::string& dn) {
  char* normal = nullptr;
  const int code =
      ldap_dn_normalize(dn.c_str(), LDAP_DN_FORMAT_LDAPV3, &normal, LDAP_DN_FORMAT_LDAPV3);
  std::string text = code == LDAP_SUCCESS && normal != nullptr ? normal : dn;
  if (normal != nullptr) ldap_memfree(normal);
  return LowerCase(text);
}

LDAPControl PolicyRequest() {
  return {.ldctl_oid = const_cast<char*>(LDAP_CONTROL_PASSWORDPOLICYREQUEST),
          .ldctl_value = {.bv_len = 0, .bv_val = nullptr},
          .ldctl_iscritical = 0};
}

constexpr std::string_view kHintsOn("\x30\x03\x02\x01\x01", 5);

// MS-ADTS 3.1.1.3.4.1.11: owner, group and DACL.
constexpr char kDescriptorFlags[] = "1.2.840.113556.1.4.801";
constexpr std::string_view kWithoutAudit("\x30\x03\x02\x01\x07", 5);

int ScopeOf(LdapScope scope) {
  switch (scope) {
    case LdapScope::kEntry:
      return LDAP_SCOPE_BASE;
    case LdapScope::kChildren:
      return LDAP_SCOPE_ONELEVEL;
    case LdapScope::kSubtree:
      break;
  }
  return LDAP_SCOPE_SUBTREE;
}

int OperationOf(LdapChange::Operation operation) {
  switch (operation) {
    case LdapChange::Operation::kAdd:
      return LDAP_MOD_ADD;
    case LdapChange::Operation::kDelete:
      return LDAP_MOD_DELETE;
    case LdapChange::Operation::kReplace:
      break;
  }
  return LDAP_MOD_REPLACE;
}

LdapEntry EntryOf(ldap* handle, LDAPMessage* message) {
  LdapEntry entry;
  if (char* const dn = ldap_get_dn(handle, message)) {
    entry.dn = dn;
    ldap_memfree(dn);
  }
  BerElement* state = nullptr;
  for (char* name = ldap_first_attribute(handle, message, &state); name != nullptr;
       name = ldap_next_attribute(handle, message, state)) {
    std::vector<std::string> values;
    if (berval** const raw = ldap_get_values_len(handle, message, name)) {
      for (berval** value = raw; *value != nullptr; ++value) {
        values.emplace_back((*value)->bv_val, (*value)->bv_len);
      }
      ldap_value_free_len(raw);
    }
    entry.attributes.emplace_back(LowerCase(name), std::move(values));
    ldap_memfree(name);
  }
  if (state != nullptr) ber_free(state, 0);
  return entry;
}

std::chrono::steady_clock::time_point DeadlineOf(const LdapSettings& settings) {
  return std::chrono::steady_clock::now() + settings.timeout;
}

// One line of at most so many printable characters, for the log.
std::string OneLine(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::string line(text.substr(0, kMost));
  for (char& c : line) c = c >= ' ' && c <= '~' ? c : ' ';
  return line;
}

}  // namespace

std::string LdapEntry::First(std::string_view lower_case_name) const {
  for (const auto& [name, values] : attributes) {
    if (name == lower_case_name && !values.empty()) return values.front();
  }
  return {};
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string EscapedForFilter(std::string_view value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string escaped;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-' || c == '@' || c == '+' || c == '=' ||
                       c == ',' || c == ' ';
    if (plain) {
      escaped.push_back(c);
    } else {
      escaped.append({'\\', kHex[byte >> 4U], kHex[byte & 15U]});
    }
  }
  return escaped;
}

Result<std::unique_ptr<LdapConnection>> LdapConnection::Open(const LdapSettings& settings) {
  const Result<std::vector<std::string>> urls = UsableLdapUrls(settings);
  if (!urls.ok()) return urls.error();
  IgnoreForeignSettings();
  Error why{Errc::kInternal, {}};
  for (const std::string& url : *urls) {
    auto opened = OpenOne(settings, url);
    if (opened.ok()) return opened;
    why = opened.error();
    if (why.code != Errc::kUnreachable) break;
  }
  return why;
}

Result<std::unique_ptr<LdapConnection>> LdapConnection::OpenOne(const LdapSettings& settings,
                                                                const std::string& url) {
  ldap* handle = nullptr;
  if (ldap_initialize(&handle, url.c_str()) != LDAP_SUCCESS) {
    return Error{Errc::kInternal, url + ": is no URL of a directory"};
  }
  std::unique_ptr<LdapConnection> made(new LdapConnection(settings, handle));
  if (!Configure(handle, settings)) {
    return Error{Errc::kInternal,
                 url + ": the CA file cannot be used: " +
                     (settings.ca_file.empty() ? kMachinesAuthorities : settings.ca_file)};
  }
  {
    const ConnectDeadline deadline(handle, settings.timeout);
    const int code =
        settings.start_tls ? ldap_start_tls_s(handle, nullptr, nullptr) : ldap_connect(handle);
    if (code != LDAP_SUCCESS || !deadline.is_in_place()) {
      return Error{Errc::kUnreachable, url + (settings.start_tls ? ": STARTTLS failed: " : ": ") +
                                           ldap_err2string(code)};
    }
  }
  if (!Bound(handle)) return Error{Errc::kInternal, url + ": the connection has no socket"};
  return made;
}

LdapConnection::~LdapConnection() { ldap_unbind_ext(handle_, nullptr, nullptr); }

LdapAnswer LdapConnection::NotAnswered(int code, const char* what) {
  broken_ = true;
  return {.code = code, .detail = std::string(what) + ": " + ldap_err2string(code)};
}

// The next message of an operation, whose the caller then is; null, and what went wrong in code.
LDAPMessage* LdapConnection::Receive(int message, int which, Deadline deadline, int& code) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  timeval timeout = TimeOf(std::max(left, std::chrono::milliseconds(0)));
  LDAPMessage* result = nullptr;
  const int kind = ldap_result(handle_, message, which, &timeout, &result);
  if (kind > 0 && result != nullptr) return result;
  ldap_abandon_ext(handle_, message, nullptr, nullptr);
  code = kind == 0 ? LDAP_TIMEOUT : LDAP_SERVER_DOWN;
  return nullptr;
}

LdapAnswer LdapConnection::Parse(LDAPMessage* result, const char* what) {
  LdapAnswer answer;
  char* text = nullptr;
  LDAPControl** controls = nullptr;
  const int parsed =
      ldap_parse_result(handle_, result, &answer.code, nullptr, &text, nullptr, &controls, 0);
  answer.is_answered = parsed == LDAP_SUCCESS;
  if (!answer.is_answered) {
    broken_ = true;
    answer.code = parsed;
  }
  LDAPControl* const policy =
      controls == nullptr
          ? nullptr
          : ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, nullptr);
  LDAPPasswordPolicyError error = PP_noError;
  if (policy != nullptr &&
      ldap_parse_passwordpolicy_control(handle_, policy, nullptr, nullptr, &error) ==
          LDAP_SUCCESS &&
      error != PP_noError) {
    answer.policy = static_cast<int>(error);
  }
  if (answer.code != LDAP_SUCCESS) {
    answer.detail = std::string(what) + ": " + ldap_err2string(answer.code);
    if (answer.policy) answer.detail += ", password policy error " + std::to_string(*answer.policy);
    if (text != nullptr) answer.said = text;
    if (!answer.said.empty()) answer.detail += ": " + OneLine(answer.said);
  }
  if (controls != nullptr) ldap_controls_free(controls);
  if (text != nullptr) ldap_memfree(text);
  return answer;
}

// reply: where the message goes, whose the caller then is; null when nobody needs it.
LdapAnswer LdapConnection::Await(int sent, int message, const char* what, LDAPMessage** reply) {
  if (sent != LDAP_SUCCESS) return NotAnswered(sent, what);
  int code = LDAP_SUCCESS;
  LDAPMessage* const result = Receive(message, LDAP_MSG_ALL, DeadlineOf(settings_), code);
  if (result == nullptr) return NotAnswered(code, what);
  LdapAnswer answer = Parse(result, what);
  if (reply != nullptr) {
    *reply = result;
  } else {
    ldap_msgfree(result);
  }
  return answer;
}

LdapAnswer LdapConnection::Bind(const std::string& dn, const Secret& password) {
  if (dn.empty() || !IsSendable(password)) {
    return {.code = LDAP_INVALID_CREDENTIALS, .is_answered = true, .detail = "bind: not sent"};
  }
  berval credentials = View(password.Reveal());
  LDAPControl request = PolicyRequest();
  LDAPControl* controls[] = {&request, nullptr};
  int message = 0;
  const int sent = ldap_sasl_bind(handle_, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, controls,
                                  nullptr, &message);
  return Await(sent, message, "bind");
}

bool LdapConnection::IsBoundAs(const std::string& dn) {
  int message = 0;
  const int sent = ldap_whoami(handle_, nullptr, nullptr, &message);
  LDAPMessage* reply = nullptr;
  const LdapAnswer answer = Await(sent, message, "who am I", &reply);
  if (reply == nullptr) return false;
  std::string identity;
  berval* value = nullptr;
  if (answer.ok() && ldap_parse_whoami(handle_, reply, &value) == LDAP_SUCCESS &&
      value != nullptr) {
    identity.assign(value->bv_val, value->bv_len);
  }
  if (value != nullptr) ber_bvfree(value);
  ldap_msgfree(reply);
  if (answer.is_answered && answer.code == LDAP_PROTOCOL_ERROR) return true;  // does not know it
  constexpr std::string_view kIsDn = "dn:";
  return identity.starts_with(kIsDn) && Normal(identity.substr(kIsDn.size())) == Normal(dn);
}

LdapAnswer LdapConnection::Search(const std::string& base, LdapScope scope,
                                  const std::string& filter,
                                  const std::vector<std::string>& attributes, int most,
                                  std::vector<LdapEntry>& found, bool with_permissions) {
  std::vector<char*> names;
  for (const std::string& name : attributes) names.push_back(const_cast<char*>(name.c_str()));
  names.push_back(nullptr);
  timeval timeout = TimeOf(settings_.timeout);
  LDAPControl flags{.ldctl_oid = const_cast<char*>(kDescriptorFlags),
                    .ldctl_value = View(kWithoutAudit),
                    .ldctl_iscritical = 1};
  LDAPControl* controls[] = {&flags, nullptr};
  int message = 0;
  const int sent =
      ldap_search_ext(handle_, base.c_str(), ScopeOf(scope), filter.c_str(), names.data(), 0,
                      with_permissions ? controls : nullptr, nullptr, &timeout, most, &message);
  if (sent != LDAP_SUCCESS) return NotAnswered(sent, "search");
  return Collect(message, most, found);
}

// One message after the other: a server that keeps to no limit is not listened to beyond ours.
LdapAnswer LdapConnection::Collect(int message, int most, std::vector<LdapEntry>& found) {
  constexpr int kMostReferences = 100;
  const Deadline deadline = DeadlineOf(settings_);
  for (int entries = 0, references = 0; entries <= most && references <= kMostReferences;) {
    int code = LDAP_SUCCESS;
    LDAPMessage* const next = Receive(message, LDAP_MSG_ONE, deadline, code);
    if (next == nullptr) return NotAnswered(code, "search");
    std::optional<LdapAnswer> answer;
    switch (ldap_msgtype(next)) {
      case LDAP_RES_SEARCH_ENTRY:
        if (++entries <= most) found.push_back(EntryOf(handle_, next));
        break;
      case LDAP_RES_SEARCH_REFERENCE:
        ++references;
        break;
      default:
        answer = Parse(next, "search");
    }
    ldap_msgfree(next);
    if (answer) return std::move(*answer);
  }
  broken_ = true;
  ldap_abandon_ext(handle_, message, nullptr, nullptr);
  return {.code = LDAP_SIZELIMIT_EXCEEDED,
          .is_answered = true,
          .detail = "search: more answers than were asked for"};
}

LdapAnswer LdapConnection::SetPassword(const std::string& dn, const Secret& password) {
  if (dn.empty() || !IsSendable(password)) return NotSent();
  berval user = View(dn);
  berval wanted = View(password.Reveal());
  LDAPControl request = PolicyRequest();
  LDAPControl* controls[] = {&request, nullptr};
  int message = 0;
  const int sent = ldap_passwd(handle_, &user, nullptr, &wanted, controls, nullptr, &message);
  return Await(sent, message, "set");
}

LdapAnswer LdapConnection::ReplacePassword(const std::string& dn, const Secret& password,
                                           std::vector<LdapChange> also) {
  if (dn.empty() || !IsSendable(password)) return NotSent();
  LDAPControl request = PolicyRequest();
  also.push_back({.attribute = "userPassword", .value = password.Reveal()});
  return Change(dn, also, &request);
}

LdapAnswer LdapConnection::Modify(const std::string& dn, const std::vector<LdapChange>& changes,
                                  bool hints) {
  LDAPControl control{.ldctl_oid = const_cast<char*>(kPolicyHints),
                      .ldctl_value = View(kHintsOn),
                      .ldctl_iscritical = 1};
  return Change(dn, changes, hints ? &control : nullptr);
}

// control: null when there is none.
LdapAnswer LdapConnection::Change(const std::string& dn, const std::vector<LdapChange>& changes,
                                  LDAPControl* control) {
  struct Piece {
    LDAPMod mod = {};
    berval value = {};
    berval* values[2] = {nullptr, nullptr};
  };
  std::vector<Piece> pieces(changes.size());
  std::vector<LDAPMod*> mods;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Piece& piece = pieces[i];
    piece.mod.mod_op = OperationOf(changes[i].operation) | LDAP_MOD_BVALUES;
    piece.mod.mod_type = const_cast<char*>(changes[i].attribute.c_str());
    if (changes[i].value) {
      piece.value = View(*changes[i].value);
      piece.values[0] = &piece.value;
    }
    piece.mod.mod_bvalues = changes[i].value ? piece.values : nullptr;
    mods.push_back(&piece.mod);
  }
  mods.push_back(nullptr);
  LDAPControl* controls[] = {control, nullptr};
  int message = 0;
  const int sent = ldap_modify_ext(handle_, dn.c_str(), mods.data(), controls, nullptr, &message);
  return Await(sent, message, "modify");
}

std::string LdapConnection::PeerCertificate() const {
  berval der{};
  if (ldap_get_option(handle_, LDAP_OPT_X_TLS_PEERCERT, &der) != LDAP_OPT_SUCCESS ||
      der.bv_val == nullptr) {
    return {};
  }
  std::string bytes(der.bv_val, der.bv_len);
  ldap_memfree(der.bv_val);
  return bytes;
}

bool LdapConnection::IsBroken() const {
  if (broken_) return true;
  int socket = -1;
  if (ldap_get_option(handle_, LDAP_OPT_DESC, &socket) != LDAP_OPT_SUCCESS || socket < 0) {
    return false;  // not connected yet
  }
  // Between two operations there is nothing to read but the end, or a notice of it.
  pollfd watched{.fd = socket, .events = POLLIN, .revents = 0};
  return poll(&watched, 1, 0) != 0;
}

}  // namespace sspr::service
