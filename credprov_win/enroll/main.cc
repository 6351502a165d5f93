// SPDX-License-Identifier: Apache-2.0
// sspr-enroll.exe: makes a computer a device of the service, without a person, as often as somebody
// likes to run it.
#include <windows.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "common/system/system_clock.h"
#include "credprov_win/enroll/enrolment.h"
#include "credprov_win/flow/registry_config.h"
#include "credprov_win/http/winhttp_transport.h"

namespace sspr {
namespace {

constexpr char kUsage[] =
    "Usage: sspr-enroll enroll [--token-file FILE] [--name NAME] [--new-key]\n"
    "                          [--replace-permit-key]\n"
    "       sspr-enroll status [--offline] | renew | unenroll | --help | --version\n"
    "\n"
    "  enroll    make this computer a device of the service; do nothing when it is one already.\n"
    "            The token is the first line of FILE, or of standard input; never an argument.\n"
    "            --replace-permit-key believes another key of permits than the one that was "
    "installed\n"
    "  status    say whether this computer is enrolled; --offline does not ask the service\n"
    "  renew     tell the service that this computer lives; for a scheduled task\n"
    "  unenroll  forget the key\n"
    "\n"
    "Exit codes: 0 done, 1 not enrolled (status), 2 wrong usage or configuration, 3 the service "
    "was\nnot reached (try again later), 4 the service refused, 5 a fault of this computer.\n";
constexpr std::size_t kMostNameBytes = 64;

struct CommandLine {
  std::string verb;
  std::wstring token_file;  // empty: standard input
  EnrolOptions options;
  bool offline = false;
};

std::string Narrow(const wchar_t* text) {
  char narrow[1024] = {};
  const int size = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, narrow,
                                       sizeof narrow, nullptr, nullptr);
  return size > 0 ? std::string(narrow) : std::string();
}

// Nothing when it is not as kUsage has it.
std::optional<CommandLine> Read(int count, wchar_t** words) {
  if (count < 2) return std::nullopt;
  CommandLine line;
  line.verb = Narrow(words[1]);
  const bool enrols = line.verb == "enroll";
  for (int i = 2; i < count; ++i) {
    const std::string word = Narrow(words[i]);
    if (enrols && word == "--token-file" && i + 1 < count) {
      line.token_file = words[++i];
    } else if (enrols && word == "--name" && i + 1 < count) {
      line.options.name = Narrow(words[++i]);
      if (line.options.name->empty() || line.options.name->size() > kMostNameBytes) {
        return std::nullopt;
      }
    } else if (enrols && word == "--new-key") {
      line.options.new_key = true;
    } else if (enrols && word == "--replace-permit-key") {
      line.options.replace_permit_key = true;
    } else if (line.verb == "status" && word == "--offline") {
      line.offline = true;
    } else {
      return std::nullopt;
    }
  }
  for (const char* const known : {"enroll", "status", "renew", "unenroll", "--help", "--version"}) {
    if (line.verb == known) return line;
  }
  return std::nullopt;
}

struct CloseFile {
  void operator()(void* file) const noexcept { CloseHandle(file); }
};

// Byte by byte, so that nothing of the token stays in a buffer of the C library.
Result<Secret> FirstLine(HANDLE file) {
  Secret line;
  for (;;) {
    char byte = '\0';
    DWORD got = 0;
    if (!ReadFile(file, &byte, 1, &got, nullptr) && GetLastError() != ERROR_BROKEN_PIPE) {
      return {Errc::kPolicy, "it cannot be read"};
    }
    if (got == 0 || byte == '\n') break;
    if (byte == '\r' || byte == ' ' || byte == '\t') continue;
    if (!line.Append({&byte, 1})) return {Errc::kPolicy, "the line is too long to be one"};
  }
  if (line.empty()) return {Errc::kPolicy, "the line is empty"};
  return line;
}

Result<Secret> ReadToken(const std::wstring& path) {
  if (path.empty()) return FirstLine(GetStdHandle(STD_INPUT_HANDLE));
  const HANDLE file = CreateFileW(path.c_str(), GENERIC_READ, FILE_SHARE_READ, nullptr,
                                  OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (file == INVALID_HANDLE_VALUE) {
    return {Errc::kPolicy, Narrow(path.c_str()) + " cannot be opened"};
  }
  const std::unique_ptr<void, CloseFile> owned(file);
  return FirstLine(file);
}

EnrolEnd Work(const CommandLine& line) {
  if (line.verb == "unenroll") return Unenrol();
  const Result<ClientConfig> config = LoadRegistryConfig();
  if (!config.ok()) return {EnrolCode::kUsage, config.error().detail};
  HttpSettings settings;
  settings.base_url = config->base_url;
  settings.user_agent = "sspr-enroll/" SSPR_VERSION " (Windows)";
  const auto transport = OpenWinHttp(settings);
  if (!transport.ok()) return Explain(transport.error(), config->base_url);
  const SystemClock clock;
  Enrolment enrolment(*config, **transport, clock);
  if (line.verb == "status") return enrolment.Look(line.offline);
  if (line.verb == "renew") return enrolment.Renew();
  return enrolment.Enrol(line.options, [&line] { return ReadToken(line.token_file); });
}

// The numbers of SSPR-E... (docs/journal-messages.md), behind those of sspr-flow.
DWORD EventOf(const EnrolEnd& end) {
  constexpr DWORD kFirst = 200;
  switch (end.code) {
    case EnrolCode::kDone:
      return kFirst + (end.change == EnrolEnd::Change::kForgotten ? 3 : 1);
    case EnrolCode::kRefused:
    case EnrolCode::kNotEnrolled:
      return kFirst + 4;
    case EnrolCode::kNotReached:
      return kFirst + 5;
    case EnrolCode::kMachine:
      return kFirst + 6;
    case EnrolCode::kUsage:
      return kFirst + 8;
  }
  return kFirst + 6;
}

// What changed something or failed: an installer has nobody who reads what is printed.
void Log(const EnrolEnd& end, bool good) {
  if (good && end.change == EnrolEnd::Change::kNone) return;
  const HANDLE log = RegisterEventSourceW(nullptr, L"SSPR Login");
  if (log == nullptr) return;
  wchar_t wide[1024] = {};  // what is longer is cut
  MultiByteToWideChar(CP_UTF8, 0, end.text.c_str(),
                      static_cast<int>(std::min<std::size_t>(end.text.size(), 1000)), wide, 1023);
  const wchar_t* texts[] = {wide};
  ReportEventW(log, good ? EVENTLOG_INFORMATION_TYPE : EVENTLOG_WARNING_TYPE, 0, EventOf(end),
               nullptr, 1, 0, texts, nullptr);
  DeregisterEventSource(log);
}

int Run(int count, wchar_t** words) {
  const std::optional<CommandLine> line = Read(count, words);
  if (!line) {
    std::fputs(kUsage, stderr);
    return static_cast<int>(EnrolCode::kUsage);
  }
  if (line->verb == "--help") return std::fputs(kUsage, stdout) < 0 ? 1 : 0;
  if (line->verb == "--version") return std::puts("sspr-enroll " SSPR_VERSION) < 0 ? 1 : 0;
  const EnrolEnd end = Work(*line);
  const bool good = end.code == EnrolCode::kDone || end.code == EnrolCode::kNotEnrolled;
  Log(end, good);
  std::fprintf(good ? stdout : stderr, "%s%s\n", good ? "" : "sspr-enroll: ", end.text.c_str());
  return static_cast<int>(end.code);
}

}  // namespace
}  // namespace sspr

int wmain(int count, wchar_t** words) {
  SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
  try {
    return sspr::Run(count, words);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sspr-enroll: %s\n", error.what());
    return 5;
  }
}
