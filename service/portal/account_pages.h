// SPDX-License-Identifier: Apache-2.0
// The methods of a person who has signed in: what there is, and register, test, remove, prefer,
// confirm. A change needs a full authentication of a quarter of an hour ago at most.
#pragma once

#include <functional>
#include <string>

#include "service/portal/portal_parts.h"

namespace sspr::service {

class AccountPages {
 public:
  explicit AccountPages(PortalParts parts) : parts_(parts) {}
  void AddRoutes();

 private:
  using Work = HttpReply (AccountPages::*)(Visit&, PageSession&, const Form&);
  using View = HttpReply (AccountPages::*)(Visit&, PageSession&);

  // Only with a session; of a change, only with a fresh one: else the way to sign in.
  void Get(const char* path, View view, bool fresh = false);
  void Post(const char* path, Work work);
  HttpReply SignInFirst(Visit& visit, const char* why);

  HttpReply ShowMethods(Visit& visit, PageSession& session);
  HttpReply ShowAdd(Visit& visit, PageSession& session);
  HttpReply ShowRemove(Visit& visit, PageSession& session);
  HttpReply ShowConfirm(Visit& visit, PageSession& session);

  HttpReply AddAddress(Visit& visit, PageSession& session, const Form& form);
  HttpReply AddApp(Visit& visit, PageSession& session, const Form& form);
  HttpReply AddQuestions(Visit& visit, PageSession& session, const Form& form);
  HttpReply MakeCodes(Visit& visit, PageSession& session, const Form& form);
  HttpReply Test(Visit& visit, PageSession& session, const Form& form);
  HttpReply Resend(Visit& visit, PageSession& session, const Form& form);
  HttpReply Confirm(Visit& visit, PageSession& session, const Form& form);
  HttpReply Remove(Visit& visit, PageSession& session, const Form& form);
  HttpReply Prefer(Visit& visit, PageSession& session, const Form& form);
  HttpReply ConfirmAll(Visit& visit, PageSession& session, const Form& form);
  HttpReply SignOut(Visit& visit, PageSession& session, const Form& form);

  PageData Signed() const;
  AccountCaller Who(const Visit& visit, const PageSession& session) const;
  HttpReply AddForm(Visit& visit, PageSession& session, const std::string& what,
                    const std::string& typed, const std::string& error);
  HttpReply QuestionsForm(Visit& visit, const AccountView& view, const Form* typed,
                          const std::string& error);
  // Keeps what is under way and goes to the page that asks for its code.
  HttpReply Await(Visit& visit, PageSession& session, const PendingCode& pending);
  std::string FaultText(const Visit& visit, const AccountRefusal& refusal) const;
  // A refusal for which there is no page to show it on.
  HttpReply Refused(Visit& visit, const AccountRefusal& refusal);
  // After a change: a new token, and back to the methods with a sentence ("done.NAME").
  HttpReply Done(Visit& visit, PageSession& session, const char* name);

  PortalParts parts_;
};

}  // namespace sspr::service
