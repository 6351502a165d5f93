// SPDX-License-Identifier: Apache-2.0
// sspr-doctor.exe: says why the tile is not there, or why it does not work.
#include <cstdio>
#include <string_view>

#include "credprov_win/doctor/checks.h"
#include "credprov_win/flow/registry_config.h"
#include "credprov_win/http/winhttp_transport.h"

namespace {

constexpr char kUsage[] =
    "Usage: sspr-doctor            look at everything that is known to hide or break the tile\n"
    "       sspr-doctor --connect  do that, and try to reach the service too\n"
    "       sspr-doctor --enable   switch the provider on again after starts that did not end "
    "well\n"
    "       sspr-doctor --help | --version\n"
    "\n"
    "Exit codes: 0 nothing is wrong, 1 something is, 2 wrong use or not permitted.\n";

int Report(const sspr::Finding& finding) {
  switch (finding.kind) {
    case sspr::Finding::Kind::kFine:
      std::printf("ok       %s\n", finding.what.c_str());
      return 0;
    case sspr::Finding::Kind::kNote:
      std::printf("note     %s\n         %s\n", finding.what.c_str(), finding.advice.c_str());
      return 0;
    case sspr::Finding::Kind::kProblem:
      std::printf("PROBLEM  %s\n         %s\n", finding.what.c_str(), finding.advice.c_str());
      return 1;
  }
  return 1;
}

// As the person who runs it; at the login screen it is LocalService that connects.
sspr::Finding TryToConnect() {
  const auto config = sspr::LoadRegistryConfig();
  sspr::HttpSettings settings;
  if (config.ok()) settings.base_url = config->base_url;
  settings.user_agent = "sspr-doctor/" SSPR_VERSION " (Windows)";
  auto transport = sspr::OpenWinHttp(settings);
  sspr::Status opened = sspr::Ok();
  if (!transport.ok()) opened = transport.error();
  if (transport.ok()) opened = (*transport)->Open();
  if (opened.ok()) return {sspr::Finding::Kind::kFine, "the service can be reached", ""};
  return {sspr::Finding::Kind::kProblem, "the service cannot be reached: " + opened.error().detail,
          "Look at its address, its certificate (the computer must trust it), and the proxy "
          "(netsh winhttp show proxy)."};
}

int Examine(bool connect) {
  int wrong = 0;
  for (const sspr::Finding& finding : sspr::CheckEverything()) wrong |= Report(finding);
  if (connect) wrong |= Report(TryToConnect());
  return wrong;
}

int Enable() {
  if (sspr::ForgetUnfinishedStarts()) {
    std::puts("The provider is tried again at the next login screen.");
    return 0;
  }
  std::puts("Only an administrator may do that.");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc == 2 ? argv[1] : "";
  if (argc == 1 || word == "--connect") return Examine(word == "--connect");
  if (word == "--enable") return Enable();
  if (word == "--version") {
    std::puts("sspr-doctor " SSPR_VERSION);
    return 0;
  }
  std::fputs(kUsage, stdout);
  return word == "--help" ? 0 : 2;
}
