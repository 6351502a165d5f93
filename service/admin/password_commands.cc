// SPDX-License-Identifier: Apache-2.0
// ssprctl banned ..., breached ...
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "service/admin/commands.h"
#include "service/admin/password_input.h"
#include "service/breach/breach_filter.h"

namespace sspr::service {
namespace {

// One word a line; empty lines and those that begin with '#' are left out.
Result<std::vector<std::string>> ReadWords(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Error{Errc::kInternal, path + ": cannot be read"};
  std::vector<std::string> words;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty() && line.front() != '#') words.push_back(std::move(line));
  }
  return words;
}

// On a terminal only: a log has no use for it.
void ShowPercent(int percent) {
  if (isatty(STDERR_FILENO) != 1) return;
  std::fprintf(stderr, "\r%3d %%", percent);
  if (percent >= 100) std::fputc('\n', stderr);
}

Status Build(const std::string& from, const std::string& to, const Output& output) {
  const auto entries = BuildBreachFilter(from, to, ShowPercent);
  if (isatty(STDERR_FILENO) == 1) std::fputc('\r', stderr);
  if (!entries) return entries.error();
  Json::Value object(Json::objectValue);
  object["filter"] = to;
  object["entries"] = Json::UInt64{*entries};
  output.ShowObject(object, {"filter", "entries"});
  return Ok();
}

Status Check(const std::string& path, const Output& output) {
  const auto filter = BreachFilter::Open(path);
  if (!filter) return filter.error();
  const auto password = ReadSecretLine();
  if (!password) return password.error();
  const auto breached = (*filter)->IsBreached(*password);
  if (!breached) return breached.error();
  if (*breached) return Error{Errc::kDenied, "the password is in the list"};
  output.ShowDone("The password is not in the list.");
  return Ok();
}

struct WordTexts {
  std::string first;
  std::string second;
};

}  // namespace

void AddBannedCommands(CLI::App& app, Command& chosen) {
  auto* const banned =
      app.add_subcommand("banned", "Words that no password may be made of, beside those shipped");
  banned->require_subcommand(1);
  banned->add_subcommand("list", "List the words of the organisation")->callback([&chosen] {
    chosen = [](AdminService& admin, const Output& output) -> Status {
      const auto terms = admin.ListBannedTerms();
      if (!terms) return terms.error();
      Json::Value list(Json::arrayValue);
      for (const std::string& term : *terms) {
        Json::Value object(Json::objectValue);
        object["word"] = term;
        list.append(std::move(object));
      }
      output.ShowList(list, {"word"});
      return Ok();
    };
  });
  auto texts = std::make_shared<WordTexts>();
  auto* const add = banned->add_subcommand("add", "Add a word of 4 to 32 characters");
  add->add_option("WORD", texts->first, "In any spelling")->required();
  add->callback([texts, &chosen] {
    chosen = [texts](AdminService& admin, const Output& output) {
      Status done = admin.AddBannedTerms({texts->first});
      if (done) output.ShowDone("The word is banned.");
      return done;
    };
  });
  auto* const import = banned->add_subcommand("import", "Add the words of a file, one a line");
  import->add_option("FILE", texts->first, "UTF-8 text")->required();
  import->callback([texts, &chosen] {
    chosen = [texts](AdminService& admin, const Output& output) -> Status {
      const auto words = ReadWords(texts->first);
  if (!words) return words.error();
  Status done = admin.AddBannedTerms(*words);
  if (done) output.ShowDone("The words are banned.");
  return done;
};
}  // namespace sspr::service
);
auto* const remove = banned->add_subcommand("remove", "Take a word out of the list");
remove->add_option("WORD", texts->first, "As banned list shows it")->required();
remove->callback([texts, &chosen] {
  chosen = [texts](AdminService& admin, const Output& output) {
    Status done = admin.RemoveBannedTerm(texts->first);
    if (done) output.ShowDone("The word is no longer banned.");
    return done;
  };
});
}

void AddBreachedCommands(CLI::App& app, OfflineCommand& chosen) {
  auto* const breached = app.add_subcommand("breached", "Lists of passwords that leaked elsewhere");
  breached->require_subcommand(1);
  auto texts = std::make_shared<WordTexts>();
  auto* const build = breached->add_subcommand(
      "build", "Make a filter of a list of SHA-1 digests, for [passwords] breach_filter");
  build
      ->add_option("LIST", texts->first,
                   "Lines of 40 hexadecimal digits, \":COUNT\" behind them or not")
      ->required();
  build->add_option("FILTER", texts->second, "The file that is made, 2.5 bytes for each")
      ->required();
  build->callback([texts, &chosen] {
    chosen = [texts](const Output& output) { return Build(texts->first, texts->second, output); };
  });
  auto* const check = breached->add_subcommand(
      "check", "Say whether the first line of standard input is in a filter; exit code 1 if it is");
  check->add_option("FILTER", texts->first, "Made by breached build")->required();
  check->callback([texts, &chosen] {
    chosen = [texts](const Output& output) { return Check(texts->first, output); };
  });
}

}  // namespace sspr::service
