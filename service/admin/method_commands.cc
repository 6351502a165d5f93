// SPDX-License-Identifier: Apache-2.0
// ssprctl methods ...
#include <cstdio>
#include <memory>

#include "service/admin/commands.h"

namespace sspr::service {
namespace {

const char* KindWord(MethodKind kind) {
  switch (kind) {
    case MethodKind::kEmailCode:
      return "email";
    case MethodKind::kAuthenticatorCode:
      return "authenticator";
  }
  return "email";
}

Json::Value ToJson(const MethodView& method) {
  Json::Value object(Json::objectValue);
  object["id"] = method.id;
  object["kind"] = KindWord(method.kind);
  object["hint"] = method.hint;
  object["added_at"] = ShowTime(method.added_at);
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

}  // namespace

void AddMethodCommands(CLI::App& app, Command& chosen) {
  auto* const methods = app.add_subcommand("methods", "How people prove who they are");
  methods->require_subcommand(1);
  AddAdding(*methods, chosen);
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
