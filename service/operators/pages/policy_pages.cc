// SPDX-License-Identifier: Apache-2.0
// The policy: every setting, what a change would do, and the history.
#include "service/operators/pages/admin_site.h"
#include "service/policy/policy_keys.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostNamed = 50;
constexpr std::size_t kMostChanges = 200;

HttpReply ShowPolicy(AdminHost& admin, AdminVisit& visit) {
  const auto service = visit.desk.For(OperatorAction::kSeePolicy);
  const auto entries = (*service)->ListPolicy();
  if (!entries.ok()) return admin.Fault(visit, entries.error());
  PageData rows = MakeList();
  for (const PolicyEntry& entry : *entries) {
    PageData row = MakeObject();
    row.set("url", admin.host().Url("/policy/" + entry.key));
    row.set("key", entry.key);
    row.set("value", entry.value);
    row.set("default_value", entry.default_value);
    row.set("help", entry.help);
    row.set("changed", entry.value != entry.default_value);
    row.set("empty", entry.value.empty());
    rows << row;
  }
  PageData data = MakeObject();
  data.set("entries", rows);
  return admin.Page(visit, "policy", std::move(data));
}

PageData Choices(const PolicyKey& key, const std::string& value) {
  std::vector<const char*> words;
  if (key.form == PolicyForm::kSwitch) words = {"on", "off"};
  if (key.form == PolicyForm::kScope) words = {"nobody", "groups", "everybody"};
  if (key.form == PolicyForm::kRisk) words = {"never", "low", "medium", "high"};
  PageData choices = MakeList();
  for (const char* word : words) {
    PageData choice = MakeObject();
    choice.set("word", std::string(word));
    choice.set("chosen", value == word);
    choices << choice;
  }
  return choices;
}

Result<PageData> EntryData(AdminHost& admin, AdminVisit& visit, const std::string& name) {
  const auto service = visit.desk.For(OperatorAction::kSeePolicy);
  const auto entry = (*service)->GetPolicy(name);
  if (!entry.ok()) return entry.error();
  PageData data = MakeObject();
  data.set("key", entry->key);
  data.set("url", admin.host().Url("/policy/" + entry->key));
  data.set("value", entry->value);
  data.set("default_value", entry->default_value);
  data.set("help", entry->help);
  data.set("may_change", visit.desk.MayDo(OperatorAction::kChangePolicy));
  if (const PolicyKey* const key = FindPolicyKey(name)) {
    const bool chooses = key->form == PolicyForm::kSwitch || key->form == PolicyForm::kScope ||
                         key->form == PolicyForm::kRisk;
    data.set("chooses", chooses);
    data.set("types", !chooses);
    data.set("choices", Choices(*key, entry->value));
  }
  return data;
}

// What the change would do; the change itself is one more step.
HttpReply TryChange(AdminHost& admin, AdminVisit& visit, const std::string& name,
                    const std::string& value) {
  auto data = EntryData(admin, visit, name);
  if (!data.ok()) return admin.host().Fault(visit.visit, 404, "error.not_found");
  const auto service = visit.desk.For(OperatorAction::kChangePolicy);
  if (!service.ok()) return admin.Fault(visit, service.error());
  const auto forecast = (*service)->SimulatePolicy(name, value);
  if (!forecast.ok()) return admin.Refuse(visit, "policy_key", std::move(*data), forecast.error());
  data->set("new_value", value);
  data->set("users", std::to_string(forecast->users));
  data->set("able_now", std::to_string(forecast->able_now));
  data->set("able_then", std::to_string(forecast->able_then));
  data->set("strands", !forecast->stranded.empty());
  data->set("stranded_count", std::to_string(forecast->stranded.size()));
  PageData stranded = MakeList();
  for (std::size_t i = 0; i < forecast->stranded.size() && i < kMostNamed; ++i) {
    PageData one = MakeObject();
    one.set("name", forecast->stranded[i]);
    stranded << one;
  }
  data->set("stranded", stranded);
  data->set("more", forecast->stranded.size() > kMostNamed);
  return admin.Page(visit, "policy_change", std::move(*data));
}

HttpReply Change(AdminHost& admin, AdminVisit& visit, const std::string& name,
                 const std::string& value) {
  const auto service = visit.desk.For(OperatorAction::kChangePolicy);
  if (!service.ok()) return admin.Fault(visit, service.error());
  const Status set = (*service)->SetPolicy(name, value);
  if (set.ok()) return admin.Done(visit, "/policy/" + name, "policy_set");
  auto data = EntryData(admin, visit, name);
  if (!data.ok()) return admin.host().Fault(visit.visit, 404, "error.not_found");
  return admin.Refuse(visit, "policy_key", std::move(*data), set.error());
}

HttpReply ShowHistory(AdminHost& admin, AdminVisit& visit) {
  const auto service = visit.desk.For(OperatorAction::kSeePolicy);
  const auto changes = (*service)->PolicyHistory();
  if (!changes.ok()) return admin.Fault(visit, changes.error());
  PageData rows = MakeList();
  for (std::size_t i = 0; i < changes->size() && i < kMostChanges; ++i) {
    const PolicyChange& change = (*changes)[i];
    PageData row = MakeObject();
    row.set("version", std::to_string(change.version));
    row.set("at", PageTime(change.at));
    row.set("key", change.key);
    row.set("old_value", change.old_value);
    row.set("new_value", change.new_value);
    rows << row;
  }
  PageData data = MakeObject();
  data.set("changes", rows);
  data.set("none", changes->empty());
  return admin.Page(visit, "policy_history", std::move(data));
}

}  // namespace

void AddPolicyPages(AdminHost& admin) {
  admin.OnGet("/policy", OperatorAction::kSeePolicy,
              [&admin](AdminVisit& visit) { return ShowPolicy(admin, visit); });
  admin.OnGet("/policy-history", OperatorAction::kSeePolicy,
              [&admin](AdminVisit& visit) { return ShowHistory(admin, visit); });
  admin.OnGet("/policy/*", OperatorAction::kSeePolicy, [&admin](AdminVisit& visit) {
    auto data = EntryData(admin, visit, visit.visit.rest);
    if (!data.ok()) return admin.host().Fault(visit.visit, 404, "error.not_found");
    return admin.Page(visit, "policy_key", std::move(*data));
  });
  admin.OnPost("/policy/*", OperatorAction::kChangePolicy,
               [&admin](AdminVisit& visit, const Form& form) {
                 const std::string value(form.Find("value"));
                 return form.Find("do") == "set" ? Change(admin, visit, visit.visit.rest, value)
                                                 : TryChange(admin, visit, visit.visit.rest, value);
               });
}

}  // namespace sspr::service
