// SPDX-License-Identifier: Apache-2.0
// File: "SSPRBF1\n", entries u64, bits u64 (little endian, bits a multiple of 64), then the bits.
#include "service/breach/breach_filter.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "common/base/wipe.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr char kMagic[] = "SSPRBF1\n";
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kHeaderBytes = kMagicBytes + 16;
constexpr std::uint64_t kBitsPerEntry = 20;  // with 14 probes one of 15,000 others is taken for one
constexpr int kProbes = 14;
constexpr std::size_t kDigestBytes = 20;

std::uint64_t ReadNumber(const unsigned char* bytes) {
  std::uint64_t number = 0;
  for (int i = 7; i >= 0; --i) number = (number << 8) | bytes[i];
  return number;
}

void WriteNumber(std::uint64_t number, unsigned char* bytes) {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(number >> (8 * i));
}

// Kirsch and Mitzenmacher: all probes from two numbers.
class Probes {
 public:
  Probes(const unsigned char* digest, std::uint64_t bits)
      : at_(ReadNumber(digest)), step_(ReadNumber(digest + 8) | 1), bits_(bits) {}
  std::uint64_t Next() {
    const std::uint64_t bit = at_ % bits_;
    at_ += step_;
    return bit;
  }

 private:
  std::uint64_t at_;
  std::uint64_t step_;
  std::uint64_t bits_;
};

int HexDigit(int c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

using Digest = std::array<unsigned char, kDigestBytes>;

// A digest of each line, in one pass.
class DigestReader {
 public:
  explicit DigestReader(std::FILE* file) : file_(file) {}
  // Nothing at the end. Sets fault() when the line is no digest.
  std::optional<Digest> Next() {
    Digest digest{};
    ++line_;
    for (std::size_t i = 0; i < 2 * kDigestBytes; ++i) {
      const int c = getc_unlocked(file_);
      if (c == EOF && i == 0) return std::nullopt;
      const int value = HexDigit(c);
      if (value < 0) {
        fault_ = true;
        return std::nullopt;
      }
      digest[i / 2] = static_cast<unsigned char>(digest[i / 2] << 4 | value);
    }
    int c = getc_unlocked(file_);
    if (HexDigit(c) >= 0) fault_ = true;  // SHA-256, say
    while (c != '\n' && c != EOF) c = getc_unlocked(file_);
    if (fault_) return std::nullopt;
    return digest;
  }
  bool fault() const { return fault_; }
  std::uint64_t line() const { return line_; }

 private:
  std::FILE* file_;
  std::uint64_t line_ = 0;
  bool fault_ = false;
};

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

Error Fault(const std::string& path, const char* what) {
  return {Errc::kInternal, path + ": " + what};
}

// Entries are told from the size: a line of a list is 41 bytes at least.
std::uint64_t MostEntries(std::FILE* file) {
  struct stat status {};
  if (fstat(fileno(file), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.st_size) / (2 * kDigestBytes + 1) + 1;
}

Result<std::uint64_t> Fill(std::FILE* in, const std::string& from, std::vector<unsigned char>& out,
                           std::uint64_t bits, const std::function<void(int)>& progress) {
  DigestReader reader(in);
  const std::uint64_t most = MostEntries(in);
  std::uint64_t entries = 0;
  int shown = -1;
  for (std::optional<Digest> digest = reader.Next(); digest; digest = reader.Next()) {
    Probes probes(digest->data(), bits);
    for (int i = 0; i < kProbes; ++i) {
      const std::uint64_t bit = probes.Next();
      out[kHeaderBytes + bit / 8] |= static_cast<unsigned char>(1U << (bit % 8));
    }
    ++entries;
    const int percent = static_cast<int>(entries * 100 / most);
    if (percent != shown && progress) progress(shown = percent);
  }
  if (!reader.fault()) return entries;
  return Error{Errc::kPolicy, from + ":" + std::to_string(reader.line()) +
                                  ": not a SHA-1 digest of 40 hexadecimal digits"};
}

Status WriteWhole(const std::string& path, const std::vector<unsigned char>& bytes) {
  const std::string fresh = path + ".new";
  File file(std::fopen(fresh.c_str(), "wbe"));
  if (file == nullptr) return Fault(fresh, std::strerror(errno));
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size() &&
                       std::fflush(file.get()) == 0 && fsync(fileno(file.get())) == 0;
  const int reason = errno;
  file.reset();
  if (written && std::rename(fresh.c_str(), path.c_str()) == 0) return Ok();
  std::remove(fresh.c_str());
  return Fault(path, std::strerror(written ? errno : reason));
}

}  // namespace

Result<std::uint64_t> BuildBreachFilter(const std::string& from, const std::string& to,
                                        const std::function<void(int)>& progress) {
  const File in(std::fopen(from.c_str(), "rbe"));
  if (in == nullptr) return Fault(from, std::strerror(errno));
  const std::uint64_t bits = (MostEntries(in.get()) * kBitsPerEntry + 63) / 64 * 64;
  std::vector<unsigned char> bytes(kHeaderBytes + bits / 8);
  Result<std::uint64_t> entries = Fill(in.get(), from, bytes, bits, progress);
  if (!entries.ok()) return entries;
  std::memcpy(bytes.data(), kMagic, kMagicBytes);
  WriteNumber(*entries, bytes.data() + kMagicBytes);
  WriteNumber(bits, bytes.data() + kMagicBytes + 8);
  if (Status written = WriteWhole(to, bytes); !written.ok()) return written.error();
  return entries;
}

BreachFilter::BreachFilter(const unsigned char* map, std::size_t size) : map_(map), size_(size) {
  entries_ = ReadNumber(map + kMagicBytes);
  bits_ = ReadNumber(map + kMagicBytes + 8);
}

BreachFilter::~BreachFilter() { munmap(const_cast<unsigned char*>(map_), size_); }

Result<std::unique_ptr<BreachFilter>> BreachFilter::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Fault(path, std::strerror(errno));
  struct stat status {};
  const bool readable = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const map = readable && size >= kHeaderBytes
                        ? mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0)
                        : MAP_FAILED;
  close(fd);
  if (map == MAP_FAILED) return Fault(path, "is no filter; make one with ssprctl breached build");
  std::unique_ptr<BreachFilter> filter(
      new BreachFilter(static_cast<const unsigned char*>(map), size));
  const bool fits = std::memcmp(filter->map_, kMagic, kMagicBytes) == 0 && filter->bits_ > 0 &&
                    filter->bits_ % 64 == 0 && filter->bits_ / 8 == size - kHeaderBytes;
  if (!fits) return Fault(path, "is no filter, or not whole; make one with ssprctl breached build");
  return filter;
}

Result<bool> BreachFilter::IsBreached(const Secret& password) {
  std::string digest = Sha1(password.Reveal());
  Probes probes(reinterpret_cast<const unsigned char*>(digest.data()), bits_);
  bool all = true;
  for (int i = 0; i < kProbes; ++i) {
    const std::uint64_t bit = probes.Next();
    all = all && (map_[kHeaderBytes + bit / 8] >> (bit % 8) & 1) != 0;
  }
  Wipe(digest.data(), digest.size());
  return all;
}

}  // namespace sspr::service
