// SPDX-License-Identifier: Apache-2.0
// The configuration in the registry: where values come from, what is refused, and how a Windows
// name becomes one that the service knows.
#include "credprov_win/flow/registry_config.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <string>

namespace sspr {
namespace {

constexpr wchar_t kPolicies[] = L"SOFTWARE\\Policies\\SSPR Login";
constexpr wchar_t kInstalled[] = L"SOFTWARE\\SSPR Login";

class RegistryConfig : public ::testing::Test {
 protected:
  void SetUp() override { Clear(); }
  void TearDown() override { Clear(); }

  static void Clear() {
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kPolicies);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, kInstalled);
  }
  static void Set(const wchar_t* key, const wchar_t* value, const std::wstring& text) {
    ASSERT_EQ(RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, value, REG_SZ, text.c_str(),
                              static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t))),
              ERROR_SUCCESS);
  }
};

TEST_F(RegistryConfig, NothingSaysThatTheAddressIsMissing) {
  const auto config = LoadRegistryConfig();
  ASSERT_FALSE(config.ok());
  EXPECT_NE(config.error().detail.find("SSPR Login: 'url' in [service] is missing"),
            std::string::npos)
      << config.error().detail;
}

TEST_F(RegistryConfig, ReadsEveryValue) {
  Set(kInstalled, L"ServiceUrl", L"https://sspr.corp.example/corp/");
  Set(kInstalled, L"ClientId", L"desk");
  Set(kInstalled, L"Language", L"de");
  Set(kInstalled, L"UserName", L"{user}@corp.example");
  Set(kInstalled, L"ProductName", L"Passw\u00F6rter");
  Set(kInstalled, L"Helpdesk", L"4711");
  const DWORD gates = 2;
  ASSERT_EQ(
      RegSetKeyValueW(HKEY_LOCAL_MACHINE, kInstalled, L"MinGates", REG_DWORD, &gates, sizeof gates),
      ERROR_SUCCESS);
  const auto config = LoadRegistryConfig();
  ASSERT_TRUE(config.ok()) << config.error().detail;
  EXPECT_EQ(config->base_url, "https://sspr.corp.example/corp");
  EXPECT_EQ(config->client_id, "desk");
  EXPECT_EQ(config->language, "de");
  EXPECT_EQ(config->product_name, "Passw\xC3\xB6rter");
  EXPECT_EQ(config->helpdesk, "4711");
  EXPECT_EQ(config->min_gates, 2);
  EXPECT_EQ(ServiceNameOf(*config, "CORP\\alice"), "alice@corp.example");
  EXPECT_EQ(ServiceNameOf(*config, "alice"), "alice@corp.example");
  EXPECT_EQ(ServiceNameOf(*config, "alice@other.example"), "alice@other.example");
  EXPECT_EQ(ServiceNameOf(*config, "AzureAD\\alice@other.example"), "alice@other.example");
}

TEST_F(RegistryConfig, APolicyGoesBeforeWhatTheInstallerWrote) {
  Set(kInstalled, L"ServiceUrl", L"https://old.example/t");
  Set(kPolicies, L"ServiceUrl", L"https://new.example/t");
  EXPECT_EQ(LoadRegistryConfig()->base_url, "https://new.example/t");
}

TEST_F(RegistryConfig, RefusesWhatSsprConfWouldRefuse) {
  for (const wchar_t* url : {L"http://h/t", L"https://", L"h", L"https://h/t?x=1"}) {
    Set(kPolicies, L"ServiceUrl", url);
    EXPECT_FALSE(LoadRegistryConfig().ok());
  }
  Set(kPolicies, L"ServiceUrl", L"https://h/t");
  EXPECT_TRUE(LoadRegistryConfig().ok());
  Set(kPolicies, L"MinGates", L"9");
  EXPECT_FALSE(LoadRegistryConfig().ok());
  Set(kPolicies, L"MinGates", L"");
  EXPECT_TRUE(LoadRegistryConfig().ok());
  Set(kPolicies, L"Helpdesk", std::wstring(2'000, L'x'));
  EXPECT_FALSE(LoadRegistryConfig().ok());
}

}  // namespace
}  // namespace sspr
