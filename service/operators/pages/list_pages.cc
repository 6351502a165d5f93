// SPDX-License-Identifier: Apache-2.0
// Banned words and clients.
#include "service/operators/pages/admin_site.h"

namespace sspr::service {
namespace {

std::vector<std::string> WordsIn(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == ',' || c == '\t') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
      continue;
    }
    word.push_back(c);
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

HttpReply ShowBanned(AdminHost& admin, AdminVisit& visit, const Error* error) {
  const auto service = visit.desk.For(OperatorAction::kSeeBanned);
  const auto words = (*service)->ListBannedTerms();
  if (!words.ok()) return admin.Fault(visit, words.error());
  PageData data = MakeObject();
  PageData rows = MakeList();
  const bool may_change = visit.desk.MayDo(OperatorAction::kChangeBanned);
  for (const std::string& word : *words) {
    PageData row = MakeObject();
    row.set("word", word);
    row.set("may_change", may_change);
    rows << row;
  }
  data.set("words", rows);
  data.set("none", words->empty());
  data.set("count", std::to_string(words->size()));
  data.set("may_change", may_change);
  if (error != nullptr) return admin.Refuse(visit, "banned", std::move(data), *error);
  return admin.Page(visit, "banned", std::move(data));
}

HttpReply ChangeBanned(AdminHost& admin, AdminVisit& visit, const Form& form) {
  const auto service = visit.desk.For(OperatorAction::kChangeBanned);
  if (!service.ok()) return admin.Fault(visit, service.error());
  const bool removes = form.Find("do") == "remove";
  const Status changed = removes ? (*service)->RemoveBannedTerm(form.Find("word"))
                                 : (*service)->AddBannedTerms(WordsIn(form.Find("words")));
  if (!changed.ok()) return ShowBanned(admin, visit, &changed.error());
  return admin.Done(visit, "/banned", removes ? "word_removed" : "words_added");
}

HttpReply ShowClients(AdminHost& admin, AdminVisit& visit, const Error* error) {
  const auto service = visit.desk.For(OperatorAction::kSeeClients);
  const auto clients = (*service)->ListClients();
  if (!clients.ok()) return admin.Fault(visit, clients.error());
  PageData data = MakeObject();
  PageData rows = MakeList();
  const bool may_change = visit.desk.MayDo(OperatorAction::kChangeClients);
  for (const ClientView& client : *clients) {
    PageData row = MakeObject();
    row.set("client", client.client_id);
    row.set("concealment", client.concealment);
    row.set("may_change", may_change);
    rows << row;
  }
  data.set("clients", rows);
  data.set("none", clients->empty());
  data.set("may_change", may_change);
  if (error != nullptr) return admin.Refuse(visit, "clients", std::move(data), *error);
  return admin.Page(visit, "clients", std::move(data));
}

HttpReply ChangeClients(AdminHost& admin, AdminVisit& visit, const Form& form) {
  const auto service = visit.desk.For(OperatorAction::kChangeClients);
  if (!service.ok()) return admin.Fault(visit, service.error());
  const std::string client(form.Find("client"));
  if (form.Find("do") == "remove") {
    const Status removed = (*service)->RemoveClient(client);
    if (!removed.ok()) return ShowClients(admin, visit, &removed.error());
    return admin.Done(visit, "/clients", "client_removed");
  }
  const Status put = (*service)->PutClient(
      {.client_id = client, .concealment = form.Find("concealment") != "off"});
  if (!put.ok()) return ShowClients(admin, visit, &put.error());
  return admin.Done(visit, "/clients", "client_put");
}

}  // namespace

void AddListPages(AdminHost& admin) {
  admin.OnGet("/banned", OperatorAction::kSeeBanned,
              [&admin](AdminVisit& visit) { return ShowBanned(admin, visit, nullptr); });
  admin.OnPost(
      "/banned", OperatorAction::kChangeBanned,
      [&admin](AdminVisit& visit, const Form& form) { return ChangeBanned(admin, visit, form); });
  admin.OnGet("/clients", OperatorAction::kSeeClients,
              [&admin](AdminVisit& visit) { return ShowClients(admin, visit, nullptr); });
  admin.OnPost(
      "/clients", OperatorAction::kChangeClients,
      [&admin](AdminVisit& visit, const Form& form) { return ChangeClients(admin, visit, form); });
}

}  // namespace sspr::service
