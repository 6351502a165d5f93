// SPDX-License-Identifier: Apache-2.0
// Which keys of permits a machine comes to trust, by real keys and real statements.
#include "common/machine/permit_chain.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/permit/key_succession.h"
#include "common/permit/permit_keys.h"

namespace sspr {
namespace {

class PermitChainTest : public testing::Test {
 protected:
  PermitChainTest() {
    for (int i = 0; i < 4; ++i) {
      Result<SigningKey> key = SigningKey::Generate();
      keys_.push_back(std::move(*key));
    }
  }

  // As the service lists it; signed by `signer`, which is the key before it unless it is said.
  ListedPermitKey Listed(std::size_t i, int signer = -2) const {
    ListedPermitKey listed;
    listed.id = static_cast<int>(i) + 1;
    const PublicKeyBytes bytes = *keys_[i].PublicBytes();
    std::copy(bytes.begin(), bytes.end(), listed.public_key.begin());
    if (signer == -2) signer = static_cast<int>(i) - 1;
    if (signer >= 0) listed.succession = Statement(static_cast<std::size_t>(signer), i);
    return listed;
  }

  std::string Statement(std::size_t from, std::size_t to) const {
    const auto bytes = SignSuccession(keys_[from], {.old_id = static_cast<std::uint16_t>(from + 1),
                                                    .new_id = static_cast<std::uint16_t>(to + 1),
                                                    .made_at = 1'700'000'000,
                                                    .new_key = *keys_[to].PublicBytes()});
    return std::string(View(*bytes));
  }

  PermitChain Installed(std::size_t first, std::size_t last) const {
    PermitChain chain{*keys_[first].PublicBytes(), ""};
    for (std::size_t i = first; i < last; ++i) chain.successions += Statement(i, i + 1);
    return chain;
  }

  std::vector<SigningKey> keys_;
};

TEST_F(PermitChainTest, AMachineThatTrustsNobodyYetTakesTheWholeList) {
  EXPECT_EQ(*TrustList({Listed(0)}), Installed(0, 0));
  EXPECT_EQ(*TrustList({Listed(0), Listed(1), Listed(2)}), Installed(0, 2));
  // The oldest that is still listed may have had one before it.
  EXPECT_EQ(*TrustList({Listed(1), Listed(2)}), Installed(1, 2));
}

TEST_F(PermitChainTest, AListThatDoesNotHangTogetherIsNotTaken) {
  EXPECT_EQ(TrustList({}).error().code, Errc::kProtocol);
  EXPECT_EQ(TrustList({Listed(0), Listed(2)}).error().code, Errc::kProtocol);
  EXPECT_EQ(TrustList({Listed(0), Listed(1, -1)}).error().code, Errc::kProtocol);
  ListedPermitKey other = Listed(1);
  std::copy_n(Listed(2).public_key.begin(), other.public_key.size(), other.public_key.begin());
  EXPECT_EQ(TrustList({Listed(0), other}).error().code, Errc::kProtocol);
}

TEST_F(PermitChainTest, WhatIsInstalledStaysAndIsContinued) {
  EXPECT_EQ(*ExtendChain(Installed(0, 0), {Listed(0)}), Installed(0, 0));
  EXPECT_EQ(*ExtendChain(Installed(0, 0), {Listed(0), Listed(1), Listed(2)}), Installed(0, 2));
  EXPECT_EQ(*ExtendChain(Installed(0, 1), {Listed(0), Listed(1), Listed(2)}), Installed(0, 2));
  EXPECT_EQ(*ExtendChain(Installed(0, 2), {Listed(0), Listed(1), Listed(2)}), Installed(0, 2));
  // The service no longer lists the oldest.
  EXPECT_EQ(*ExtendChain(Installed(0, 1), {Listed(2), Listed(3)}), Installed(0, 3));
  EXPECT_EQ(*ExtendChain(Installed(1, 1), {Listed(0), Listed(1), Listed(2)}), Installed(1, 2));
}

TEST_F(PermitChainTest, AKeyThatNoTrustedOneMadeItsSuccessorIsNeverTaken) {
  EXPECT_EQ(ExtendChain(Installed(0, 0), {Listed(1, -1)}).error().code, Errc::kDenied);
  EXPECT_EQ(ExtendChain(Installed(0, 0), {Listed(2)}).error().code, Errc::kDenied);
  EXPECT_EQ(ExtendChain(Installed(0, 0), {Listed(0), Listed(2)}).error().code, Errc::kDenied);
  EXPECT_EQ(ExtendChain(Installed(0, 0), {Listed(0), Listed(1, -1)}).error().code, Errc::kDenied);
  EXPECT_EQ(ExtendChain(Installed(0, 0), {}).error().code, Errc::kDenied);
}

TEST_F(PermitChainTest, WhatIsOnDiskIsReadBackOrRefused) {
  const PermitChain chain = Installed(0, 2);
  EXPECT_EQ(*ReadChain(PemOf(chain.first), chain.successions), chain);
  EXPECT_FALSE(ReadChain("nonsense", "").ok());
  EXPECT_FALSE(ReadChain(PemOf(chain.first), chain.successions.substr(1)).ok());
  EXPECT_FALSE(ReadChain(PemOf(*keys_[3].PublicBytes()), chain.successions).ok());
}

}  // namespace
}  // namespace sspr
