// SPDX-License-Identifier: Apache-2.0
// ssprctl methods ...
#include <cstdio>
#include <memory>

#include "service/admin/commands.h"
#include "service/admin/password_input.h"
#include "service/methods/method_kind.h"

namespace sspr::service {
namespace {

Json::Value ToJson(const MethodView& method) {
  Json::Value object(Json::objectValue);
  object["id"] = method.id;
  object["kind"] = Name(method.kind);
  object["hint"] = method.hint;
  object["added_at"] = ShowTime(method.added_at);
  if (method.expires_at != 0) object["expires_at"] = ShowTime(method.expires_at);
  return object;
}

// The secret goes from its buffer to the output: no JSON library in between. Both texts are of
// characters that JSON takes as they are.
void ShowEnrolment(const TotpEnrolment& enrolment, const Output& output) {
  const std::string_view uri = enrolment.otpauth_uri.Reveal();
  const std::string_view secret = enrolment.base32_secret.Reveal();
  const int uri_size = static_cast<int>(uri.size());
  const int secret_size = static_cast<int>(secret.size());
  if (output.json()) {
    std::printf("{\"id\":\"%s\",\"otpauth_uri\":\"%.*s\",\"secret\":\"%.*s\"}\n",
                enrolment.method_id.c_str(), uri_size, uri.data(), secret_size, secret.data());
  } else {
    std::printf(
        "id:      %s\nuri:     %.*s\nsecret:  %.*s\n"
        "Shown this once: put it into the person's authenticator app now.\n",
        enrolment.method_id.c_str(), uri_size, uri.data(), secret_size, secret.data());
  }
}

// The same way as an enrolment: these are secrets until they are used.
void ShowCodes(const RecoveryCodes& made, const Output& output) {
  if (!output.json()) std::printf("Shown this once: print them, or put them away safely.\n");
  const char* before = output.json() ? "{\"codes\":[" : "";
  for (const SecretBuffer<64>& code : made.codes) {
    const std::string_view text = code.Reveal();
    std::printf(output.json() ? "%s\"%.*s\"" : "%s%.*s\n", before, static_cast<int>(text.size()),
                text.data());
    if (output.json()) before = ",";
  }
  if (output.json()) std::printf("]}\n");
}

void ShowPass(const TemporaryPass& made, const Output& output) {
  const std::string_view pass = made.pass.Reveal();
  const std::string until = ShowTime(made.expires_at);
  std::printf(output.json() ? "{\"pass\":\"%.*s\",\"expires_at\":\"%s\"}\n"
                            : "pass:     %.*s\nexpires:  %s\n"
                              "Shown this once: read it out to the caller. It works once.\n",
              static_cast<int>(pass.size()), pass.data(), until.c_str());
}

void ShowLink(const PhoneLink& made, const Output& output) {
  const std::string_view link = made.link.Reveal();
  const std::string until = ShowTime(made.expires_at);
  std::printf(output.json()
                  ? "{\"link\":\"%.*s\",\"expires_at\":\"%s\"}\n"
                  : "link:     %.*s\nexpires:  %s\n"
                    "Shown this once: open it on the person's own phone. It works once.\n",
              static_cast<int>(link.size()), link.data(), until.c_str());
}

struct Names {
  std::string username;
  std::string other;
};

std::shared_ptr<Names> AddNames(CLI::App& command, const char* other, const char* help) {
  auto names = std::make_shared<Names>();
  command.add_option("USER", names->username, "User name")->required();
  if (other != nullptr) command.add_option(other, names->other, help)->required();
  return names;
}

void AddAdding(CLI::App& methods, Command& chosen) {
  auto* const email = methods.add_subcommand(
      "add-email", "Add a mail address, which you vouch for: codes are sent to it");
  email->callback([names = AddNames(*email, "ADDRESS", "Mail address"), &chosen] {
    chosen = [names](AdminService& admin, const Output& output) -> Status {
      const auto added = admin.AddEmail(names->username, names->other);
      if (!added) return added.error();
      output.ShowObject(ToJson(*added), {"id", "kind", "hint", "added_at"});
      return Ok();
    };
  });
  auto* const totp =
      methods.add_subcommand("add-totp", "Add an authenticator app; prints its secret, once");
  totp->callback([names = AddNames(*totp, nullptr, nullptr), &chosen] {
    chosen = [names](AdminService& admin, const Output& output) -> Status {
      const auto added = admin.AddTotp(names->username);
      if (!added) return added.error();
      ShowEnrolment(*added, output);
      return Ok();
    };
  });
}

void AddPhone(CLI::App& methods, Command& chosen) {
  auto* const phone = methods.add_subcommand(
      "add-phone", "Add a phone number, which you vouch for: codes are sent to it");
  auto is_voice = std::make_shared<bool>(false);
  phone->add_flag("--voice", *is_voice, "Codes are spoken in a call, not sent as a text message");
  phone->callback([names = AddNames(*phone, "NUMBER", "As in +49 30 1234567"), is_voice, &chosen] {
    chosen = [names, is_voice](AdminService& admin, const Output& output) -> Status {
      const MethodKind kind = *is_voice ? MethodKind::kVoiceCode : MethodKind::kSmsCode;
      const auto added = admin.AddPhone(names->username, kind, names->other);
      if (!added) return added.error();
      output.ShowObject(ToJson(*added), {"id", "kind", "hint", "added_at"});
      return Ok();
    };
  });
}

// Lines of standard input, a question and its answer, with a tab between.
Result<std::vector<QuestionAndAnswer>> ReadQuestions() {
  std::vector<QuestionAndAnswer> entries;
  for (;;) {
    auto line = ReadSecretLine();
    if (!line && line.error().code == Errc::kCancelled) return entries;
    if (!line) return line.error();
    const std::string_view text = line->Reveal();
    const std::size_t tab = text.find('\t');
    if (tab == std::string_view::npos) {
      return Error{Errc::kPolicy, "each line is a question, a tab and the answer"};
    }
    auto answer = Secret::CopyOf(text.substr(tab + 1));
    if (!answer) return Error{Errc::kPolicy, "an answer is too long"};
    entries.push_back({std::string(text.substr(0, tab)), std::move(*answer)});
  }
}

void AddHandedOut(CLI::App& methods, Command& chosen) {
  auto* const codes = methods.add_subcommand(
      "recovery-codes",
      "Make ten recovery codes, instead of those that are left; prints them, once");
  codes->callback([names = AddNames(*codes, nullptr, nullptr), &chosen] {
    chosen = [names](AdminService& admin, const Output& output) -> Status {
      const auto made = admin.MakeRecoveryCodes(names->username);
      if (!made) return made.error();
      ShowCodes(*made, output);
      return Ok();
    };
  });
  auto* const questions = methods.add_subcommand(
      "set-questions",
      "Set the security questions: lines of standard input, QUESTION<tab>ANSWER each");
  questions->callback([names = AddNames(*questions, nullptr, nullptr), &chosen] {
    chosen = [names](AdminService& admin, const Output& output) -> Status {
      const auto entries = ReadQuestions();
      if (!entries) return entries.error();
      Status done = admin.SetQuestions(names->username, *entries);
      if (done) output.ShowDone("The questions are set.");
      return done;
    };
  });
  auto* const phone = methods.add_subcommand(
      "offer-phone", "Make a link that enrols one phone for approvals; prints it, once");
  phone->callback([names = AddNames(*phone, nullptr, nullptr), &chosen] {
    chosen = [names](AdminService& admin, const Output& output) -> Status {
      const auto offered = admin.OfferPhone(names->username);
      if (!offered) return offered.error();
      ShowLink(*offered, output);
      return Ok();
    };
  });
  auto* const pass = methods.add_subcommand(
      "issue-pass", "Issue a temporary pass to a caller whom you have proved; prints it, once");
  auto request = std::make_shared<PassRequest>();
  pass->add_option("USER", request->username, "User name")->required();
  pass->add_option("--operator", request->operator_name, "Your name")->required();
  pass->add_option("--proof", request->proof, "How the caller was proved, as in \"ID card seen\"")
      ->required();
  pass->add_option("--approver", request->approver,
                   "The second operator who approves, for an administrator");
  pass->callback([request, &chosen] {
    chosen = [request](AdminService& admin, const Output& output) -> Status {
      const auto issued = admin.IssuePass(*request);
      if (!issued) return issued.error();
      ShowPass(*issued, output);
      return Ok();
    };
  });
}

}  // namespace

void AddMethodCommands(CLI::App& app, Command& chosen) {
  auto* const methods = app.add_subcommand("methods", "How people prove who they are");
  methods->require_subcommand(1);
  AddAdding(*methods, chosen);
  AddPhone(*methods, chosen);
  AddHandedOut(*methods, chosen);
  auto* const list = methods->add_subcommand("list", "List the methods of a user");
  list->callback([names = AddNames(*list, nullptr, nullptr), &chosen] {
    chosen = [names](AdminService& admin, const Output& output) -> Status {
      const auto all = admin.ListMethods(names->username);
      if (!all) return all.error();
      Json::Value shown(Json::arrayValue);
      for (const MethodView& method : *all) shown.append(ToJson(method));
      output.ShowList(shown, {"id", "kind", "hint", "added_at"});
      return Ok();
    };
  });
  auto* const remove = methods->add_subcommand("remove", "Remove a method of a user");
  remove->callback([names = AddNames(*remove, "ID", "As methods list shows it"), &chosen] {
    chosen = [names](AdminService& admin, const Output& output) {
      Status done = admin.RemoveMethod(names->username, names->other);
      if (done) output.ShowDone("The method is removed.");
      return done;
    };
  });
}

}  // namespace sspr::service
