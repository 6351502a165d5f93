// SPDX-License-Identifier: Apache-2.0
// Passwords sealed to an agent's key.
#include "common/writeback/sealing.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "common/protocol/base64url.h"
#include "tests/setpw/scratch_folder.h"

namespace sspr {
namespace {

template <std::size_t N>
std::string Bytes(const char (&hex)[N]) {
  std::array<unsigned char, (N - 1) / 2> bytes{};
  EXPECT_TRUE(FromHex(hex, bytes));
  return {bytes.begin(), bytes.end()};
}

Secret Hidden(std::string_view text) { return std::move(*Secret::CopyOf(text)); }

// Made by another implementation of RFC 9180 (@hpke/core 1.9, the same suite).
constexpr char kPrivate[] = "1e60c3866b21890fe3baab1923c00ed867d7c57e63e11b32fa677782bcdff0c7";
constexpr char kPublic[] = "f5c90fb29a3a237c5421df34331e928f9a45e298d774cceb9996c87d200f0947";
constexpr char kSealed[] =
    "d37162c0c1e27b74907ed729da37af203b09ef12e12e6fe0072db97f9d21be42"
    "6c8e61eec88cdfc395816311f7d313465d8be99f50933822aab8da24b363a3744186590c9c";

TEST(Sealing, WhatAnotherImplementationSealed_IsOpened) {
  const auto key = SealingKey::Of(Hidden(Bytes(kPrivate)));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Hex(key->Public()), kPublic);
  const auto opened = Unseal(*key, "the info", "the aad", Bytes(kSealed));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->Reveal(), "correct horse battery");
}

TEST(Sealing, EveryLengthComesBack_AndNoTwoSealedTextsAreAlike) {
  const auto key = SealingKey::Generate();
  ASSERT_TRUE(key.ok());
  for (const std::size_t size : {0UL, 1UL, 15UL, 16UL, 511UL}) {
    const Secret secret = Hidden(std::string(size, '\xC3'));
    const auto sealed = Seal(key->Public(), "info", "aad", secret);
    const auto again = Seal(key->Public(), "info", "aad", secret);
    ASSERT_TRUE(sealed.ok() && again.ok());
    EXPECT_NE(*sealed, *again);
    EXPECT_EQ(sealed->size(), size + 48);
    const auto opened = Unseal(*key, "info", "aad", *sealed);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->Reveal(), secret.Reveal());
  }
}

TEST(Sealing, AnythingElseThanWhatWasSealed_IsRefused) {
  const auto key = SealingKey::Generate();
  const auto other = SealingKey::Generate();
  ASSERT_TRUE(key.ok() && other.ok());
  const auto sealed = Seal(key->Public(), "info", "aad", Hidden("a password"));
  ASSERT_TRUE(sealed.ok());
  EXPECT_FALSE(Unseal(*other, "info", "aad", *sealed).ok()) << "the wrong agent";
  EXPECT_FALSE(Unseal(*key, "inf0", "aad", *sealed).ok());
  EXPECT_FALSE(Unseal(*key, "info", "aad2", *sealed).ok()) << "another purpose";
  for (std::size_t i = 0; i < sealed->size(); ++i) {
    std::string altered = *sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(Unseal(*key, "info", "aad", altered).ok()) << i;
    EXPECT_FALSE(Unseal(*key, "info", "aad", sealed->substr(0, i)).ok()) << i;
  }
  // A point of small order, whose secret everybody knows.
  EXPECT_FALSE(Unseal(*key, "info", "aad", std::string(80, '\0')).ok());
}

TEST(SealingKey, FileIsItsUsersAlone) {
  const test::ScratchFolder folder;
  const std::string path = folder.File("key");
  const auto key = SealingKey::Generate();
  ASSERT_TRUE(key.ok());
  ASSERT_TRUE(key->SaveNew(path).ok());
  struct stat about {};
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0600U);
  EXPECT_FALSE(key->SaveNew(path).ok()) << "never overwritten";
  const auto loaded = SealingKey::Load(path);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->Public(), key->Public());
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_FALSE(SealingKey::Load(path).ok());
  EXPECT_FALSE(SealingKey::Load(folder.File("none")).ok());
}

}  // namespace
}  // namespace sspr
