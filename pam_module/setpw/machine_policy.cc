// SPDX-License-Identifier: Apache-2.0
#include "pam_module/setpw/machine_policy.h"

#include <algorithm>
#include <optional>

#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/folder_files.h"

namespace sspr::setpw {
namespace {

constexpr std::size_t kMaxConfigBytes = 256 * 1024;
constexpr std::size_t kUsualRemember = 10;  // pam_pwhistory(8)
constexpr std::size_t kMaxRemember = 400;   // pam_pwhistory(8)

// How Linux-PAM's pam_unix and login.defs name crypt(5)'s methods.
struct NamedMethod {
  std::string_view argument;
  std::string_view login_defs;
  std::string_view prefix;
  std::size_t reads_bytes;
  std::string_view cost_key;  // in login.defs
};
constexpr NamedMethod kMethods[] = {
    {"yescrypt", "YESCRYPT", "$y$", 0, "YESCRYPT_COST_FACTOR"},
    {"gost_yescrypt", "GOST_YESCRYPT", "$gy$", 0, "YESCRYPT_COST_FACTOR"},
    {"sha512", "SHA512", "$6$", 0, "SHA_CRYPT_MAX_ROUNDS"},
    {"sha256", "SHA256", "$5$", 0, "SHA_CRYPT_MAX_ROUNDS"},
    {"blowfish", "BLOWFISH", "$2b$", 72, "BCRYPT_MAX_ROUNDS"},
    {"", "BCRYPT", "$2b$", 72, "BCRYPT_MAX_ROUNDS"},
    {"md5", "MD5", "$1$", 0, ""},
    {"bigcrypt", "DES", "", 8, ""},
};

// Words between blanks; [a b] is one word.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos) return words;
    line.remove_prefix(first);
    const bool bracketed = line[0] == '[' && line.find(']') != std::string_view::npos;
    const std::size_t end = bracketed ? line.find(']') + 1 : line.find_first_of(" \t");
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end);
  }
}

std::optional<std::string_view> ValueOf(const std::vector<std::string>& arguments,
                                        std::string_view key) {
  for (const std::string& argument : arguments) {
    const std::string_view text = argument;
    if (text.starts_with(key) && text.substr(key.size()).starts_with('=')) {
      return text.substr(key.size() + 1);
    }
  }
  return std::nullopt;
}

bool Has(const std::vector<std::string>& arguments, std::string_view word) {
  return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
}

const PamLine* FindModule(const std::vector<PamLine>& lines, std::string_view module) {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const PamLine& line) { return line.module == module; });
  return found == lines.end() ? nullptr : &*found;
}

// The text of a file; empty when it is not there.
Result<std::string> TextOf(const std::string& folder, const std::string& name) {
  const Result<Folder> opened = Folder::Open(folder);
  if (!opened) return std::string();
  const Result<FileText> file = opened->Read(name, kMaxConfigBytes);
  if (!file && file.error().code == Errc::kUnreachable) return std::string();
  if (!file) return file.error();
  return std::string(file->text.View());
}

// "KEY value" or "key = value"; the last one holds.
std::string SettingOf(std::string_view text, std::string_view key) {
  std::string value;
  for (const std::string_view line : SplitLines(text)) {
    std::string plain(line.substr(0, line.find('#')));
    std::replace(plain.begin(), plain.end(), '=', ' ');
    std::replace(plain.begin(), plain.end(), '\r', ' ');
    const auto words = Words(plain);
    if (words.size() >= 2 && words[0] == key) value = words[1];
  }
  return value;
}

Result<HashMethod> MethodOf(const PamLine* unix_line, std::string_view login_defs) {
  const NamedMethod* method = nullptr;
  std::string cost;
  for (const NamedMethod& known : kMethods) {
    if (unix_line != nullptr && !known.argument.empty() &&
        Has(unix_line->arguments, known.argument)) {
      method = &known;
    }
  }
  const std::string wanted = SettingOf(login_defs, "ENCRYPT_METHOD");
  if (method == nullptr && !wanted.empty()) {
    for (const NamedMethod& known : kMethods) {
      if (known.login_defs == wanted) method = &known;
    }
    if (method == nullptr) {
      return {Errc::kInternal, "login.defs: ENCRYPT_METHOD is not one that we know"};
    }
  }
  if (method == nullptr) method = &kMethods[0];
  if (unix_line != nullptr) cost = ValueOf(unix_line->arguments, "rounds").value_or("");
  if (cost.empty() && !method->cost_key.empty()) cost = SettingOf(login_defs, method->cost_key);
  HashMethod made{std::string(method->prefix), 0, method->reads_bytes};
  if (const auto count = ParseNumber(cost)) made.count = *count;
  return made;
}

Status ReadHistory(const std::string& etc, const std::vector<PamLine>& lines,
                   MachinePolicy& policy) {
  policy.history_folder = etc + "/security";
  policy.history_file = "opasswd";
  std::optional<std::uint32_t> remember;
  if (const PamLine* line = FindModule(lines, "pam_unix.so")) {
    remember = ParseNumber(ValueOf(line->arguments, "remember").value_or(""));
  }
  if (const PamLine* line = FindModule(lines, "pam_pwhistory.so")) {
    const Result<std::string> text = TextOf(etc + "/security", "pwhistory.conf");
    if (!text) return text.error();
    const auto setting = [&](std::string_view key) {
      const auto argument = ValueOf(line->arguments, key);
      return argument ? std::string(*argument) : SettingOf(*text, key);
    };
    remember = ParseNumber(setting("remember")).value_or(kUsualRemember);
    const std::string file = setting("file");
    if (file.starts_with('/') && !file.ends_with('/')) {
      policy.history_folder = file.substr(0, std::max<std::size_t>(file.rfind('/'), 1));
      policy.history_file = file.substr(file.rfind('/') + 1);
    }
  }
  policy.remember = std::min<std::size_t>(remember.value_or(0), kMaxRemember);
  return Ok();
}

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

}  // namespace

std::vector<PamLine> PasswordLines(std::string_view text) { return PamLines(text, "password"); }

std::vector<PamLine> PamLines(std::string_view text, std::string_view type) {
  std::vector<PamLine> lines;
  std::string joined;
  for (const std::string_view piece : SplitLines(text)) {
    joined += piece;
    if (joined.ends_with('\\')) {
      joined.back() = ' ';
      continue;
    }
    const auto words = Words(std::string_view(joined).substr(0, joined.find('#')));
    joined.clear();
    const std::string_view first = words.empty() ? std::string_view() : words[0];
    if (words.size() < 3 || first.substr(first.starts_with('-') ? 1 : 0) != type) continue;
    lines.push_back({words[2].substr(words[2].rfind('/') + 1), {words.begin() + 3, words.end()}});
  }
  return lines;
}

Result<MachinePolicy> ReadMachinePolicy(const std::string& etc) {
  Result<std::string> stack = TextOf(etc + "/pam.d", "common-password");
  if (stack && stack->empty()) stack = TextOf(etc + "/pam.d", "system-auth");
  if (!stack) return stack.error();
  const Result<std::string> login_defs = TextOf(etc, "login.defs");
  if (!login_defs) return login_defs.error();
  const std::vector<PamLine> lines = PasswordLines(*stack);
  const PamLine* const unix_line = FindModule(lines, "pam_unix.so");

  MachinePolicy policy;
  Result<HashMethod> method = MethodOf(unix_line, *login_defs);
  if (!method) return method.error();
  policy.hash = std::move(*method);
  if (unix_line != nullptr) {
    const auto minimum = ParseNumber(ValueOf(unix_line->arguments, "minlen").value_or(""));
    if (minimum) policy.min_length = *minimum;
  }
  const PamLine* quality = FindModule(lines, "pam_pwquality.so");
  if (quality == nullptr) quality = FindModule(lines, "pam_cracklib.so");
  if (quality != nullptr) policy.quality_options = quality->arguments;
  policy.quality_file = etc + "/security/pwquality.conf";
  policy.check_quality =
      quality != nullptr || IsThere(policy.quality_file) || IsThere(policy.quality_file + ".d");
  if (Status history = ReadHistory(etc, lines, policy); !history) return history.error();
  return policy;
}

}  // namespace sspr::setpw
