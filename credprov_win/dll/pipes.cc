// SPDX-License-Identifier: Apache-2.0
#include "credprov_win/dll/pipes.h"

#include <sddl.h>
// After windows.h.
#include <ntsecapi.h>

#include <array>

#include "credprov_win/core/wide_text.h"

namespace sspr {
namespace {

constexpr DWORD kPipeBytes = 8192;
constexpr std::size_t kNameWords = 4;

using PipeName = WideText<64>;

// A name that nobody can have squatted on; FILE_FLAG_FIRST_PIPE_INSTANCE says so if somebody did.
bool MakeName(PipeName& name) noexcept {
  std::array<ULONG, kNameWords> random{};
  if (!RtlGenRandom(random.data(), sizeof random)) return false;
  name.Assign(L"\\\\.\\pipe\\sspr-");
  for (const ULONG word : random) {
    for (int shift = 28; shift >= 0; shift -= 4) {
      const wchar_t digit = L"0123456789abcdef"[(word >> shift) & 0xF];
      name.Append({&digit, 1});
    }
  }
  return true;
}

// A security descriptor that lets in whoever we run as, and nobody else.
class OwnerOnly {
 public:
  OwnerOnly() noexcept {
    alignas(TOKEN_USER) std::array<BYTE, 256> user{};
    UniqueHandle token;
    DWORD size = 0;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, token.Fill()) ||
        !GetTokenInformation(token.get(), TokenUser, user.data(), sizeof user, &size)) {
      return;
    }
    LPWSTR sid = nullptr;
    if (!ConvertSidToStringSidW(reinterpret_cast<TOKEN_USER*>(user.data())->User.Sid, &sid)) return;
    WideText<256> text;
    const bool whole = text.Append(L"D:P(A;;GA;;;") && text.Append(sid) && text.Append(L")");
    LocalFree(sid);
    if (whole) {
      ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1,
                                                           &descriptor_, nullptr);
    }
  }
  ~OwnerOnly() {
    if (descriptor_ != nullptr) LocalFree(descriptor_);
  }
  OwnerOnly(const OwnerOnly&) = delete;
  OwnerOnly& operator=(const OwnerOnly&) = delete;
  PSECURITY_DESCRIPTOR get() const noexcept { return descriptor_; }

 private:
  PSECURITY_DESCRIPTOR descriptor_ = nullptr;
};

// Makes the one instance of a pipe, and opens its other end.
bool MakeBothEnds(DWORD open_mode, bool server_is_inherited, DWORD client_access,
                  UniqueHandle& server, UniqueHandle& client) noexcept {
  const OwnerOnly owner_only;
  PipeName name;
  if (owner_only.get() == nullptr || !MakeName(name)) return false;
  SECURITY_ATTRIBUTES servers{sizeof servers, owner_only.get(), server_is_inherited};
  server.Reset(
      CreateNamedPipeW(name.c_str(), open_mode | FILE_FLAG_FIRST_PIPE_INSTANCE,
                       PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                       1, kPipeBytes, kPipeBytes, 0, &servers));
  SECURITY_ATTRIBUTES inherited{sizeof inherited, nullptr, TRUE};
  if (server) {
    client.Reset(CreateFileW(name.c_str(), client_access, 0, &inherited, OPEN_EXISTING,
                             SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS, nullptr));
  }
  return server && client;
}

}  // namespace

bool MakePipe(bool child_reads, UniqueHandle& ours, UniqueHandle& childs) noexcept {
  const DWORD direction = child_reads ? PIPE_ACCESS_OUTBOUND : PIPE_ACCESS_INBOUND;
  return MakeBothEnds(direction | FILE_FLAG_OVERLAPPED, false,
                      child_reads ? GENERIC_READ : GENERIC_WRITE, ours, childs);
}

bool MakePipeBetween(UniqueHandle& one, UniqueHandle& other) noexcept {
  return MakeBothEnds(PIPE_ACCESS_DUPLEX, true, GENERIC_READ | GENERIC_WRITE, one, other);
}

}  // namespace sspr
