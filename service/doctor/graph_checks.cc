// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/graph_checks.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <vector>

#include "service/doctor/certificate_age.h"
#include "service/entra/try_entra.h"
#include "service/graph/graph_session.h"
#include "service/graph/graph_subscriptions.h"
#include "service/policy/user_name.h"
#include "service/store/flow_store.h"

namespace sspr::service {
namespace {

constexpr std::chrono::milliseconds kPatience{15'000};
constexpr UnixSeconds kAllowedDifference = 60;
constexpr char kNobodysName[] = "nobody-of-this-name";

// A permission of applications, and what holds it too.
struct Permission {
  const char* name;
  std::vector<std::string_view> wider = {};
};

std::vector<Permission> PermissionsFor(const EngineSettings& settings) {
  std::vector<Permission> needed;
  if (settings.graph.HasRisks()) needed.push_back({"IdentityRiskyUser.ReadWrite.All"});
  const bool has_people =
      settings.entra || std::ranges::any_of(settings.followers, [](const FollowerSettings& one) {
        return one.entra.has_value();
      });
  if (!has_people) return needed;
  needed.push_back({"User.Read.All", {"User.ReadWrite.All", "Directory.Read.All"}});
  needed.push_back({"GroupMember.Read.All", {"Group.Read.All", "Directory.Read.All"}});
  needed.push_back({"User-PasswordProfile.ReadWrite.All"});
  return needed;
}

void ReportPermissions(const EngineSettings& settings, const std::vector<std::string>& held,
                       DoctorReport& report) {
  for (const Permission& one : PermissionsFor(settings)) {
    const auto holds = [&held](std::string_view name) {
      return std::ranges::find(held, name) != held.end();
    };
    if (holds(one.name) || std::ranges::any_of(one.wider, holds)) {
      report.Good("graph.permissions", one.name, "the app holds it");
    } else {
      report.Add("graph.permissions", FindingLevel::kFault, one.name, "the app does not hold it",
                 "add this application permission to the app, and consent as an administrator");
    }
  }
}

// Microsoft gives risks to tenants with Entra ID P2 alone.
void ReportLicence(const EngineSettings& settings, const std::vector<std::string>& held,
                   const Clock& clock, DoctorReport& report) {
  constexpr char kId[] = "graph.licence";
  constexpr char kPlan[] = "AAD_PREMIUM_P2";
  constexpr std::string_view kReaders[] = {"LicenseAssignment.Read.All", "Organization.Read.All",
                                           "Directory.Read.All"};
  if (!settings.graph.HasRisks()) return;
  const bool may_ask = std::ranges::any_of(kReaders, [&held](std::string_view name) {
    return std::ranges::find(held, name) != held.end();
  });
  if (!may_ask) {
    report.Add(kId, FindingLevel::kNote, "Microsoft Entra ID P2",
               "reading risks needs it; whether the tenant has it was not looked at",
               "to have it looked at, give the app LicenseAssignment.Read.All");
    return;
  }
  const Result<bool> has = HasServicePlan(settings.graph, kPlan, kPatience, clock);
  if (!has.ok()) {
    report.Add(kId, FindingLevel::kWarning, "Microsoft Entra ID P2", has.error().detail,
               "try again; look at the subscriptions in the admin center");
  } else if (*has) {
    report.Good(kId, "Microsoft Entra ID P2", "the tenant has it");
  } else {
    report.Add(kId, FindingLevel::kFault, "Microsoft Entra ID P2",
               "no subscription of the tenant holds it, and Microsoft gives risks with it alone",
               "add the licence, or write risks = no in section [graph]");
  }
}

void ReportPerson(const EngineSettings& settings, const std::string& person,
                  const std::optional<EntraUser>& found, DoctorReport& report) {
  constexpr char kId[] = "directory.person";
  if (!found) {
    report.Add(kId, FindingLevel::kFault, person, "nobody has that user principal name",
               "look at the name in the admin center");
  } else if (found->is_administrator) {
    report.Add(kId, FindingLevel::kNote, person,
               "has a directory role, or is in a group that may be given one: no reset from here "
               "reaches administrators",
               "leave it so, or take the role away");
  } else if (found->is_synchronized && !settings.ldap) {
    report.Add(kId, FindingLevel::kFault, person,
               "is in Entra ID from a directory on the premises, where the password is",
               "name that directory in section [on_premises]");
  } else if (!found->user.enabled) {
    report.Add(kId, FindingLevel::kNote, person, "is disabled, or a guest",
               "enable the account, if it is to be used");
  } else {
    report.Good(
        kId, person,
        found->is_synchronized ? "the password is on the premises" : "the password is in Entra ID");
  }
}

}  // namespace

void CheckGraph(const EngineSettings& settings, const Clock& clock, DoctorReport& report) {
  const GraphSettings& graph = settings.graph;
  CheckCertificateFile("graph.certificate", graph.certificate_file, clock.Now(), report);
  auto tokens = GraphTokens::Make(graph, {.connect = kPatience, .request = kPatience}, clock);
  if (!tokens.ok()) {
    report.Add("graph.reach", FindingLevel::kFault, graph.login_url, tokens.error().detail,
               "correct section [graph] of the configuration");
    return;
  }
  const auto permissions = (*tokens)->Permissions();
  const bool is_unreadable = !permissions.ok() && permissions.error().code == Errc::kProtocol;
  if (!permissions.ok() && !is_unreadable) {
    report.Add("graph.reach", FindingLevel::kFault, graph.login_url, permissions.error().detail,
               "look at tenant_id and client_id, and whether the certificate is registered with "
               "the app");
    return;
  }
  report.Good("graph.reach", graph.login_url, "gives a token for the app");
  if (const auto ahead = (*tokens)->ahead(); ahead && std::abs(*ahead) > kAllowedDifference) {
    report.Add("graph.clock", FindingLevel::kWarning, graph.login_url,
               "the clock there is " + std::to_string(*ahead) + " seconds ahead of this host's",
               "let this host follow time servers");
  }
  if (is_unreadable) {
    report.Add("graph.permissions", FindingLevel::kNote, graph.client_id,
               permissions.error().detail, "look at the app's permissions in the admin center");
  } else {
    ReportPermissions(settings, *permissions, report);
    ReportLicence(settings, *permissions, clock, report);
  }
}

void CheckEntra(const EngineSettings& settings, const std::string& person, const Clock& clock,
                DoctorReport& report) {
  try {
    const std::string name = CanonicalUserName(person).value_or(kNobodysName);
    const std::optional<EntraUser> found =
        LookForPerson(settings.graph, *settings.entra, name, clock);
    report.Good("directory.reach", settings.graph.base_url, "lets the app look for people");
    if (!person.empty()) ReportPerson(settings, person, found, report);
  } catch (const StoreFailure& failure) {
    report.Add("directory.reach", FindingLevel::kFault, settings.graph.base_url, failure.what(),
               "look at section [graph], and at the app's permissions");
  }
}

}  // namespace sspr::service
