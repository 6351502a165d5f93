// SPDX-License-Identifier: Apache-2.0
// A computer with accounts of its own, in the registry of Wine: those of netapi32_standin.cc, and
// what sspr-enroll.exe writes down about permits. A service of the tests signs them with a key of
// RFC 8032.
#pragma once

#include <gtest/gtest.h>
#include <sodium/crypto_sign_ed25519.h>
#include <windows.h>
// After windows.h.
#include <lm.h>

#include <ctime>
#include <string>

#include "common/permit/key_succession.h"
#include "common/permit/permit.h"
#include "credprov_win/machine/permit_trust.h"

namespace sspr::test {

inline constexpr wchar_t kTestKey[] = L"SOFTWARE\\SSPR Test";
inline constexpr wchar_t kDeviceKey[] = L"SOFTWARE\\SSPR Login\\Device";

template <std::size_t Size>
FixedBytes<Size> Filled(char value) {
  FixedBytes<Size> bytes;
  bytes.fill(value);
  return bytes;
}

// RFC 8032, 7.1, tests 1 and 2: seed and public half.
class TestSigner {
 public:
  TestSigner(std::string_view seed, std::string_view half)
      : secret_(*FromHex(std::string(seed) + std::string(half))),
        half_(*FixedBytesFrom<kPublicKeyBytes>(*FromHex(half))) {}
  static TestSigner First() {
    return {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"};
  }
  static TestSigner Second() {
    return {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"};
  }
  Signer signer() const {
    return [this](std::string_view message) -> Result<Signature> {
      Signature made;
      crypto_sign_ed25519_detached(reinterpret_cast<unsigned char*>(made.data()), nullptr,
                                   reinterpret_cast<const unsigned char*>(message.data()),
                                   message.size(),
                                   reinterpret_cast<const unsigned char*>(secret_.data()));
      return made;
    };
  }
  std::string Sign(const Permit& permit) const {
    const auto bytes = SignPermitBy(signer(), permit);
    EXPECT_TRUE(bytes.ok());
    return bytes.ok() ? std::string(View(*bytes)) : std::string();
  }
  const PublicKeyBytes& half() const { return half_; }

 private:
  std::string secret_;
  PublicKeyBytes half_;
};

inline std::wstring SamKey(const std::wstring& name) {
  return std::wstring(kTestKey) + L"\\Sam\\" + name;
}

inline void SetSam(const std::wstring& name, const wchar_t* value, DWORD number) {
  ASSERT_EQ(RegSetKeyValueW(HKEY_LOCAL_MACHINE, SamKey(name).c_str(), value, REG_DWORD, &number,
                            sizeof number),
            ERROR_SUCCESS);
}

inline DWORD SamNumber(const std::wstring& name, const wchar_t* value) {
  DWORD number = 0;
  DWORD size = sizeof number;
  EXPECT_EQ(RegGetValueW(HKEY_LOCAL_MACHINE, SamKey(name).c_str(), value, RRF_RT_REG_DWORD, nullptr,
                         &number, &size),
            ERROR_SUCCESS);
  return number;
}

// Empty: none was ever set.
inline std::wstring PasswordOf(const std::wstring& name) {
  wchar_t text[512] = {};
  DWORD size = sizeof text;
  RegGetValueW(HKEY_LOCAL_MACHINE, SamKey(name).c_str(), L"Password", RRF_RT_REG_SZ, nullptr, text,
               &size);
  return text;
}

inline void AddAccount(const std::wstring& name, DWORD rid) {
  ASSERT_EQ(RegSetKeyValueW(HKEY_LOCAL_MACHINE, SamKey(name).c_str(), L"Name", REG_SZ, name.c_str(),
                            static_cast<DWORD>((name.size() + 1) * sizeof(wchar_t))),
            ERROR_SUCCESS);
  SetSam(name, L"Rid", rid);
  SetSam(name, L"Flags", UF_SCRIPT | UF_NORMAL_ACCOUNT);
  SetSam(name, L"SetAt", static_cast<DWORD>(std::time(nullptr)) - 1000);
}

}  // namespace sspr::test
