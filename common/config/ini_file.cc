// SPDX-License-Identifier: Apache-2.0
#include "common/config/ini_file.h"

#include <fcntl.h>
#include <ini.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/text.h"

namespace sspr {
namespace {

constexpr std::size_t kMaxLineBytes = 190;  // inih reads at most 197 in one piece
constexpr std::size_t kMaxFileBytes = 64 * 1024;

std::string Located(const std::string& name, int line, std::string_view why) {
  return name + ":" + std::to_string(line) + ": " + std::string(why);
}

// Feeds inih line by line, so that each entry knows its line, and refuses what inih would accept
// in a way that surprises: continuation lines, cut lines, NUL.
class Reading {
 public:
  explicit Reading(std::string_view text) : rest_(text) {}

  static char* NextLine(char* out, int size, void* self) {
    return static_cast<Reading*>(self)->Next(out, static_cast<std::size_t>(size));
  }
  static int OnEntry(void* self, const char* section, const char* key, const char* value) {
    return static_cast<Reading*>(self)->Add(section, key, value) ? 1 : 0;
  }

  int line() const { return line_; }
  const std::string& fault() const { return fault_; }
  std::vector<IniEntry> Take() { return std::move(entries_); }

 private:
  char* Next(char* out, std::size_t size) {
    if (rest_.empty() || !fault_.empty()) return nullptr;
    ++line_;
    const std::size_t end = rest_.find('\n');
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!Admit(text) || text.size() + 2 > size) return nullptr;
    std::memcpy(out, text.data(), text.size());
    std::memcpy(out + text.size(), "\n", 2);
    return out;
  }

  bool Admit(std::string_view text) {
    if (text.size() > kMaxLineBytes) fault_ = "the line is too long";
    if (!IsCleanText(text, Lines::kOne) && text.find('\t') == std::string_view::npos) {
      fault_ = "the line is not clean UTF-8";
    }
    if (!text.empty() && (text[0] == ' ' || text[0] == '\t') &&
        text.find_first_not_of(" \t") != std::string_view::npos) {
      fault_ = "the line begins with a space: write each key at the beginning of its own line";
    }
    if (text.starts_with('[')) {
      const std::size_t close = text.find(']');
      if (close == std::string_view::npos) fault_ = "the section lacks its ']'";
      if (close != std::string_view::npos) {
        entries_.push_back({std::string(text.substr(1, close - 1)), "", "", line_});
      }
    }
    return fault_.empty();
  }

  bool Add(std::string_view section, std::string_view key, std::string_view value) {
    if (section.empty()) fault_ = "the key stands before any [section]";
    if (key.empty()) fault_ = "the line has no key";
    if (!IsCleanText(value, Lines::kOne)) fault_ = "the value is not clean UTF-8";
    for (const IniEntry& entry : entries_) {
      if (!key.empty() && entry.section == section && entry.key == key) {
        fault_ =
            "'" + std::string(key) + "' was given before, on line " + std::to_string(entry.line);
      }
    }
    entries_.push_back({std::string(section), std::string(key), std::string(value), line_});
    return fault_.empty();
  }

  std::string_view rest_;
  int line_ = 0;
  std::string fault_;
  std::vector<IniEntry> entries_;
};

}  // namespace

Result<IniFile> IniFile::Parse(std::string_view text, std::string name) {
  if (text.starts_with("\xEF\xBB\xBF")) {
    return Error{Errc::kPolicy, Located(name, 1, "the file begins with a byte-order mark")};
  }
  Reading reading(text);
  const int bad_line = ini_parse_stream(
      [](char* out, int size, void* self) { return Reading::NextLine(out, size, self); }, &reading,
      Reading::OnEntry, &reading);
  if (!reading.fault().empty()) {
    return Error{Errc::kPolicy, Located(name, reading.line(), reading.fault())};
  }
  if (bad_line != 0) {
    return Error{Errc::kPolicy, Located(name, bad_line, "neither a [section] nor key = value")};
  }
  return Of(std::move(name), reading.Take());
}

Result<IniFile> IniFile::Load(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return Error{Errc::kInternal, path + ": " + std::strerror(errno)};
  std::string text;
  struct stat about {};
  Status read_all = Ok();
  if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
    read_all = Error{Errc::kInternal, path + ": not a regular file"};
  }
  char piece[4096];
  while (read_all.ok()) {
    const ssize_t got = read(fd, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) read_all = Error{Errc::kInternal, path + ": " + std::strerror(errno)};
    if (got <= 0) break;
    text.append(piece, static_cast<std::size_t>(got));
    if (text.size() > kMaxFileBytes) read_all = Error{Errc::kPolicy, path + ": too large"};
  }
  close(fd);
  if (!read_all.ok()) return read_all.error();
  return Parse(text, path);
}

}  // namespace sspr
