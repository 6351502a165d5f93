// SPDX-License-Identifier: Apache-2.0
// Access control lists of Active Directory, made by hand as MS-DTYP 2.4 has them.
#include <gtest/gtest.h>

#include "service/doctor/security_descriptor.h"

namespace sspr::service {
namespace {

constexpr std::uint32_t kControl = 0x100;
const std::string kRight(16, 'r');
const std::string kOther(16, 'o');

std::string Little(std::uint32_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(number >> (8 * i) & 0xFFU));
  return text;
}

std::string Sid(std::uint32_t last) {
  return std::string("\x01\x02\0\0\0\0\0\x05", 8) + Little(32, 4) + Little(last, 4);
}

std::string Ace(int type, std::uint32_t rights, const std::string& object, const std::string& sid,
                int flags = 0) {
  std::string body = Little(rights, 4);
  if (type >= 5) body += Little(object.empty() ? 0 : 1, 4) + object;
  body += sid;
  return Little(static_cast<std::uint32_t>(type), 1) +
         Little(static_cast<std::uint32_t>(flags), 1) +
         Little(static_cast<std::uint32_t>(body.size()) + 4, 2) + body;
}

std::string Descriptor(const std::vector<std::string>& aces) {
  std::string body;
  for (const std::string& ace : aces) body += ace;
  const auto count = static_cast<std::uint32_t>(aces.size());
  return Little(1, 2) + Little(0x8004, 2) + std::string(12, '\0') + Little(20, 4) + Little(4, 2) +
         Little(static_cast<std::uint32_t>(body.size()) + 8, 2) + Little(count, 2) + Little(0, 2) +
         body;
}

bool Holds(const std::vector<std::string>& aces) {
  const auto list = ReadAccessList(Descriptor(aces));
  return list && HoldsControlRight(*list, {Sid(1), Sid(2)}, kRight);
}

TEST(AccessList, RightIsHeldByWhomItWasGivenTo) {
  EXPECT_TRUE(Holds({Ace(5, kControl, kRight, Sid(1))}));
  EXPECT_TRUE(Holds({Ace(5, kControl, "", Sid(2))})) << "all control rights";
  EXPECT_TRUE(Holds({Ace(0, 0xF01FF, "", Sid(1))})) << "full control";
  EXPECT_TRUE(Holds({Ace(0, 0x10000000, "", Sid(1))})) << "full control, generic";
  EXPECT_FALSE(Holds({}));
  EXPECT_FALSE(Holds({Ace(5, kControl, kOther, Sid(1))})) << "another right";
  EXPECT_FALSE(Holds({Ace(5, kControl, kRight, Sid(3))})) << "somebody else's";
  EXPECT_FALSE(Holds({Ace(5, 0x30, kRight, Sid(1))})) << "reading and writing are no control right";
  EXPECT_FALSE(Holds({Ace(5, kControl, kRight, Sid(1), 0x8)})) << "for what is below alone";
}

TEST(AccessList, FirstEntryThatSpeaksOfTheRightDecides) {
  const std::string denied = Ace(6, kControl, kRight, Sid(2));
  const std::string given = Ace(5, kControl, kRight, Sid(1));
  EXPECT_FALSE(Holds({denied, given}));
  EXPECT_TRUE(Holds({given, denied}));
  EXPECT_TRUE(Holds({Ace(6, kControl, kOther, Sid(2)), given}));
  EXPECT_TRUE(Holds({Ace(17, kControl, "", Sid(2)), given})) << "an entry of another type";
}

TEST(AccessList, MalformedDescriptorIsNone) {
  const std::string good = Descriptor({Ace(5, kControl, kRight, Sid(1))});
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto list = ReadAccessList(good.substr(0, size));
    EXPECT_FALSE(list && HoldsControlRight(*list, {Sid(1)}, kRight)) << size;
  }
  std::string without_list = good;
  without_list[2] = 0;
  EXPECT_FALSE(ReadAccessList(without_list).has_value());
  std::string far = good;
  far[16] = far[17] = far[18] = far[19] = '\xFF';
  EXPECT_FALSE(ReadAccessList(far).has_value());
}

TEST(AccessList, SidsAreReadStrictly) {
  EXPECT_EQ(TextOfSid(Sid(544)), "S-1-5-32-544");
  EXPECT_EQ(TextOfSid(""), "");
  EXPECT_EQ(TextOfSid(Sid(544) + "x"), "");
  EXPECT_EQ(TextOfSid(Sid(544).substr(0, 12)), "");
}

}  // namespace
}  // namespace sspr::service
