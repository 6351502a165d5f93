// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/security_descriptor.h"

#include <algorithm>

namespace sspr::service {
namespace {

constexpr std::uint32_t kControlAccess = 0x100;  // ADS_RIGHT_DS_CONTROL_ACCESS
constexpr std::uint32_t kGenericAll = 0x10000000;
constexpr std::uint16_t kDaclPresent = 0x4;
constexpr std::uint8_t kInheritOnly = 0x8;
constexpr std::size_t kGuidBytes = 16;
constexpr std::size_t kSidHead = 8;

// Little-endian numbers at places of a text; 0 and sound() false behind its end.
class Bytes {
 public:
  explicit Bytes(std::string_view text) : text_(text) {}
  std::uint32_t Number(std::size_t at, std::size_t size) {
    if (at > text_.size() || size > text_.size() - at) {
      sound_ = false;
      return 0;
    }
    std::uint32_t number = 0;
    for (std::size_t i = size; i-- > 0;) {
      number = number << 8U | static_cast<unsigned char>(text_[at + i]);
    }
    return number;
  }
  std::string_view Part(std::size_t at, std::size_t size) {
    if (at > text_.size() || size > text_.size() - at) {
      sound_ = false;
      return {};
    }
    return text_.substr(at, size);
  }
  bool sound() const { return sound_; }

 private:
  const std::string_view text_;
  bool sound_ = true;
};

std::size_t SidSize(std::string_view text) {
  if (text.size() < kSidHead) return 0;
  const std::size_t size = kSidHead + 4U * static_cast<unsigned char>(text[1]);
  return size <= text.size() ? size : 0;
}

// Types 0 and 1: mask, SID. 5 and 6: mask, flags, up to two GUIDs, SID. Others grant nothing here.
std::optional<AccessEntry> EntryOf(std::string_view ace) {
  constexpr std::uint32_t kHasObject = 1;
  constexpr std::uint32_t kHasInherited = 2;
  Bytes bytes(ace);
  const std::uint32_t type = bytes.Number(0, 1);
  AccessEntry entry;
  entry.allows = type == 0 || type == 5;
  if (type != 0 && type != 1 && type != 5 && type != 6) return std::nullopt;
  entry.rights = bytes.Number(4, 4);
  std::size_t at = 8;
  if (type >= 5) {
    const std::uint32_t flags = bytes.Number(8, 4);
    at = 12;
    if ((flags & kHasObject) != 0) {
      entry.object = std::string(bytes.Part(at, kGuidBytes));
      at += kGuidBytes;
    }
    if ((flags & kHasInherited) != 0) at += kGuidBytes;
  }
  if (!bytes.sound() || at > ace.size()) return std::nullopt;
  const std::size_t size = SidSize(ace.substr(at));
  if (size == 0) return std::nullopt;
  entry.sid = std::string(ace.substr(at, size));
  return entry;
}

}  // namespace

std::optional<std::vector<AccessEntry>> ReadAccessList(std::string_view descriptor) {
  constexpr std::size_t kHead = 20;
  constexpr std::size_t kAclHead = 8;
  constexpr std::size_t kAceHead = 4;
  Bytes bytes(descriptor);
  const std::uint32_t control = bytes.Number(2, 2);
  const std::uint32_t start = bytes.Number(16, 4);
  if (!bytes.sound() || (control & kDaclPresent) == 0 || start < kHead) return std::nullopt;
  const std::uint32_t count = bytes.Number(start + 4U, 2);
  std::vector<AccessEntry> list;
  std::size_t at = start + kAclHead;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t flags = bytes.Number(at + 1, 1);
    const std::uint32_t size = bytes.Number(at + 2, 2);
    const std::string_view ace = bytes.Part(at, size);
    if (!bytes.sound() || size < kAceHead) return std::nullopt;
    if ((flags & kInheritOnly) == 0) {
      if (auto entry = EntryOf(ace)) list.push_back(std::move(*entry));
    }
    at += size;
  }
  return list;
}

bool HoldsControlRight(const std::vector<AccessEntry>& list, const std::vector<std::string>& sids,
                       std::string_view right) {
  for (const AccessEntry& entry : list) {
    const bool speaks = (entry.rights & (kControlAccess | kGenericAll)) != 0 &&
                        (entry.object.empty() || entry.object == right);
    if (speaks && std::ranges::find(sids, entry.sid) != sids.end()) return entry.allows;
  }
  return false;
}

std::string TextOfSid(std::string_view sid) {
  if (SidSize(sid) != sid.size() || sid.empty()) return {};
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < kSidHead; ++i) {
    authority = authority << 8U | static_cast<unsigned char>(sid[i]);
  }
  std::string text =
      "S-" + std::to_string(static_cast<unsigned char>(sid[0])) + "-" + std::to_string(authority);
  Bytes bytes(sid);
  for (std::size_t at = kSidHead; at < sid.size(); at += 4) {
    text += "-" + std::to_string(bytes.Number(at, 4));
  }
  return text;
}

}  // namespace sspr::service
