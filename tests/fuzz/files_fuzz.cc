// SPDX-License-Identifier: Apache-2.0
// Files that our programs read and that may be damaged or put there by somebody else: filters and
// lists of leaked passwords, the audit, the journal of sspr-setpw, account files and PAM stacks.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "pam_module/setpw/account_lines.h"
#include "pam_module/setpw/journal_entry.h"
#include "pam_module/setpw/machine_policy.h"
#include "pam_module/setpw/shadow_text.h"
#include "service/audit/audit_line.h"
#include "service/breach/breach_filter.h"
#include "service/crypto/digest.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;           // NOLINT(google-build-using-namespace)
using namespace sspr::service;  // NOLINT(google-build-using-namespace)
using fuzz::Must;

// One file of this process in memory or on disk, rewritten for each input.
class Scratch {
 public:
  Scratch()
      : path_(std::filesystem::temp_directory_path() / ("sspr-fuzz-" + std::to_string(getpid()))) {}
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& Holding(std::string_view text) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << text;
    return path_;
  }
  std::string Beside() const { return path_ + ".filter"; }

 private:
  std::string path_;
};

void ReadFilter(Scratch& scratch, std::string_view bytes) {
  const auto filter = BreachFilter::Open(scratch.Holding(bytes));
  if (!filter.ok()) return;
  for (const char* password : {"password", "river stone lantern", ""}) {
    Must((*filter)->IsBreached(*Secret::CopyOf(password)).ok(), "a filter that opens answers");
  }
}

void BuildFilter(Scratch& scratch, std::string_view list) {
  const auto entries = BuildBreachFilter(scratch.Holding(list), scratch.Beside(), {});
  if (!entries.ok()) return;
  const auto filter = BreachFilter::Open(scratch.Beside());
  Must(filter.ok() && (*filter)->entries() == *entries, "a filter that is built opens");
  std::filesystem::remove(scratch.Beside());
}

// Lines as somebody makes them who can write the file and knows how a line's hash is made.
void ReadAudit(std::string_view text) {
  for (const std::string_view line : setpw::SplitLines(text)) {
    (void)ReadAuditLink(line);
    (void)ReadAuditLine(line);
    const std::string made = std::string(line) + ",\"hash\":\"" + ToHex(Sha256(line)) + "\"}";
    if (ReadAuditLink(made)) Must(ReadAuditLine(made).has_value(), "a link is a line");
  }
}

void WriteAudit(std::string_view text) {
  AuditEvent event{.event = "reset.start", .outcome = "refused", .reason = std::string(text)};
  event.username = std::string(text.substr(0, 64));
  event.address = std::string(text);
  ChainEnd end{.chain = "0123456789abcdef", .number = 0, .hash = NoHash()};
  const std::string line = AuditLine(event, 1'790'000'000, "", end);
  Must(line.find_first_of("\r\n") == std::string::npos, "an event is one line");
  const auto link = ReadAuditLink(line);
  Must(link && link->end.number == 1 && link->prev == NoHash(), "what is written is read");
  const auto reading = ReadAuditLine(line);
  Must(reading && reading->event.event == event.event, "an event is read as it was written");
}

void ReadJournal(std::string_view bytes) {
  static const setpw::JournalKey& key =
      *new setpw::JournalKey(*setpw::JournalKey::CopyOf("0123456789abcdef0123456789abcdef"));
  Must(!setpw::OpenEntry(bytes, key, "here").ok(), "nothing that we did not seal is opened");
}

void ReadAccounts(std::string_view text, std::string_view account) {
  const auto fresh = setpw::ShadowWithNewHash(text, account, "$y$j9T$hash", 20'000);
  const std::string_view before = setpw::HashIn(text, account);
  if (fresh.ok()) {
    Must(!before.data() || setpw::HashIn(fresh->View(), account) == "$y$j9T$hash",
         "the hash that is set is the one that is read");
  }
  (void)setpw::HistoryWithHash(text, account, 1000, "$y$j9T$hash", 5);
  (void)setpw::PasswordLines(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Scratch scratch;
  fuzz::Input input(data, size);
  switch (input.Byte() % 6) {
    case 0:
      ReadFilter(scratch, input.Rest());
      break;
    case 1:
      BuildFilter(scratch, input.Rest());
      break;
    case 2:
      ReadAudit(input.Rest());
      break;
    case 3:
      WriteAudit(input.Rest());
      break;
    case 4:
      ReadJournal(input.Rest());
      break;
    default: {
      const std::string_view account = input.Field();
      ReadAccounts(input.Rest(), account);
      break;
    }
  }
  return 0;
}
