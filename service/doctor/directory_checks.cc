// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/directory_checks.h"

#include <ldap.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "common/http/url_parts.h"
#include "service/delivery/notifier_settings.h"
#include "service/directory/ldap_urls.h"
#include "service/doctor/certificate_age.h"
#include "service/doctor/directory_rights.h"

namespace sspr::service {
namespace {

constexpr char kReach[] = "directory.reach";
constexpr char kCertificate[] = "directory.certificate";
constexpr char kSignIn[] = "directory.sign_in";

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};

std::string PortIn(const std::string& url, const std::string& scheme) {
  const std::size_t colon = url.rfind(':');
  const std::string port = colon == std::string::npos ? std::string() : url.substr(colon + 1);
  const bool is_port = !port.empty() && port.find_first_not_of("0123456789") == std::string::npos;
  if (is_port) return port;
  return scheme == "ldaps" ? "636" : "389";
}

bool Connects(const addrinfo& address, std::chrono::milliseconds timeout) {
  const int socket =
      ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (socket < 0) return false;
  bool connected = connect(socket, address.ai_addr, address.ai_addrlen) == 0;
  if (!connected && errno == EINPROGRESS) {
    pollfd watched{.fd = socket, .events = POLLOUT, .revents = 0};
    int fault = 0;
    socklen_t size = sizeof fault;
    connected = poll(&watched, 1, static_cast<int>(timeout.count())) == 1 &&
                getsockopt(socket, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0;
  }
  close(socket);
  return connected;
}

// Why a server was not reached: in the order of what has to work.
std::pair<std::string, std::string> WhyNot(const std::string& url, const LdapSettings& settings) {
  const std::optional<UrlParts> parts = SplitUrl(url);
  if (!parts) return {"is no URL of a directory", "write ldaps://HOST or ldap://HOST"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const std::string port = PortIn(url, parts->scheme);
  if (getaddrinfo(parts->host.c_str(), port.c_str(), &hints, &list) != 0) {
    return {"no address is known for " + parts->host, "correct the name, or the DNS of this host"};
  }
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(list);
  bool connected = false;
  for (const addrinfo* one = list; one != nullptr && !connected; one = one->ai_next) {
    connected = Connects(*one, settings.timeout);
  }
  if (!connected) {
    return {"nobody listens at port " + port, "start the directory, or open the firewall to it"};
  }
  return {"it listens, but no TLS was agreed on: its certificate is not by an authority of " +
              (settings.ca_file.empty() ? "this machine" : settings.ca_file) +
              ", is over, or is for another name than " + parts->host,
          "set [directory] ca_file to the authority's certificate, and use the name in the "
          "certificate"};
}

std::unique_ptr<LdapConnection> CheckServer(const LdapSettings& settings, const Secret& password,
                                            UnixSeconds now, DoctorReport& report) {
  const std::string& url = settings.url;
  const auto unreachable = [&]() -> std::unique_ptr<LdapConnection> {
    auto [text, remedy] = WhyNot(url, settings);
    report.Add(kReach, FindingLevel::kFault, url, std::move(text), std::move(remedy));
    return nullptr;
  };
  auto opened = LdapConnection::Open(settings);
  if (!opened.ok() && opened.error().code == Errc::kInternal) {
    report.Add(kReach, FindingLevel::kFault, url, opened.error().detail,
               "correct section [directory] of the configuration");
    return nullptr;
  }
  if (!opened.ok()) return unreachable();
  const LdapAnswer answer = (*opened)->Bind(settings.bind_dn, password);
  if (!answer.is_answered) return unreachable();
  report.Good(kReach, url, "answers");
  if (const std::string der = (*opened)->PeerCertificate(); !der.empty()) {
    CheckCertificate(kCertificate, url, der, now, report);
  }
  if (!answer.ok()) {
    report.Add(kSignIn, FindingLevel::kFault, url, settings.bind_dn + ": " + answer.detail,
               "correct bind_dn and bind_password_file, or unlock that account");
    return nullptr;
  }
  report.Good(kSignIn, url, "takes the service's account");
  return std::move(*opened);
}

}  // namespace

std::optional<LdapEntry> SamplePerson(LdapConnection& connection, const DirectoryCheck& check,
                                      std::vector<std::string> attributes, DoctorReport& report) {
  constexpr char kPeople[] = "directory.people";
  constexpr int kMost = 50;
  const LdapSettings& settings = check.settings;
  std::string filter = settings.user_filter;
  const std::string name = check.person.empty() ? "*" : EscapedForFilter(check.person);
  for (std::size_t at = 0; (at = filter.find("%u", at)) != std::string::npos; at += name.size()) {
    filter.replace(at, 2, name);
  }
  for (const char* also : {"adminCount", "isCriticalSystemObject"}) attributes.emplace_back(also);
  std::vector<LdapEntry> found;
  const LdapAnswer answer =
      connection.Search(settings.base, LdapScope::kSubtree, filter, attributes, kMost, found);
  if (!answer.ok() && answer.code != LDAP_SIZELIMIT_EXCEEDED) {
    report.Add(kPeople, FindingLevel::kFault, settings.base, answer.detail,
               "correct base and user_filter, and let the service's account read there");
    return std::nullopt;
  }
  const bool is_ad = settings.kind == LdapKind::kActiveDirectory;
  for (LdapEntry& entry : found) {
    const std::string protects = entry.First("admincount");
    const bool is_protected = (!protects.empty() && protects != "0") ||
                              entry.First("iscriticalsystemobject") == "TRUE" ||
                              LowerCase(entry.dn) == LowerCase(settings.bind_dn);
    if (is_ad && is_protected && check.person.empty()) continue;
    report.Good(kPeople, settings.base, "rights are looked at with " + entry.dn);
    return std::move(entry);
  }
  report.Add(kPeople, FindingLevel::kFault, settings.base,
             check.person.empty() ? "nobody is found there" : "nobody is found of that name there",
             "correct base and user_filter, and let the service's account read there");
  return std::nullopt;
}

void CheckDirectory(const DirectoryCheck& check, DoctorReport& report) {
  const Result<Secret> password =
      SecretInFile(check.settings.bind_password_file, "directory password");
  if (!password.ok()) {
    report.Add(kSignIn, FindingLevel::kFault, check.settings.bind_password_file,
               password.error().detail, "write the account's password there, mode 0600");
    return;
  }
  // One connection for each server, each of which may be the one that is asked.
  std::unique_ptr<LdapConnection> connection;
  std::vector<std::unique_ptr<LdapSettings>> kept;
  for (const std::string& url : LdapUrlsOf(check.settings.url)) {
    kept.push_back(std::make_unique<LdapSettings>(check.settings));
    kept.back()->url = url;
    auto made = CheckServer(*kept.back(), *password, check.clock.Now(), report);
    if (!connection) connection = std::move(made);
  }
  if (!connection) return;
  if (check.settings.kind == LdapKind::kActiveDirectory) {
    CheckActiveDirectory(*connection, check, report);
  } else {
    CheckRfc3062Directory(*connection, check, report);
  }
  connection.reset();
}

}  // namespace sspr::service
