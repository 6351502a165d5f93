// SPDX-License-Identifier: Apache-2.0
// Which URLs a configuration may hold.
#include "common/http/url_parts.h"

#include <gtest/gtest.h>

namespace sspr {
namespace {

TEST(SplitUrl, SchemeAndHostOfWhatAnAdministratorWrites) {
  for (const auto& [text, scheme, host] :
       {std::tuple("https://login.example.org/tenant", "https", "login.example.org"),
        std::tuple("https://127.0.0.1:8443/demo", "https", "127.0.0.1"),
        std::tuple("https://[::1]:8443/demo", "https", "::1"),
        std::tuple("HTTPS://localhost", "https", "localhost"),
        std::tuple("smtp://mail.example.org:587", "smtp", "mail.example.org")}) {
    const auto parts = SplitUrl(text);
    ASSERT_TRUE(parts) << text;
    EXPECT_EQ(parts->scheme, scheme);
    EXPECT_EQ(parts->host, host);
  }
}

TEST(SplitUrl, NothingForWhatHidesAnotherHostOrMeaning) {
  for (const char* text : {"", "https://", "localhost/x", "https://a@b/", "https://a:b@c/",
                           "https://a/?q", "https://a/#f", "https://a\\@b/", "https://a b/",
                           "https://a\r\nb/", "https://l\xC3\xB6gin.example/",
                           "https://[fe80::1%25eth0]/", "https://a:99999/", "https://a:x/"}) {
    EXPECT_FALSE(SplitUrl(text)) << text;
  }
}

}  // namespace
}  // namespace sspr
