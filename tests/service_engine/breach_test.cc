// SPDX-License-Identifier: Apache-2.0
// Passwords that leaked elsewhere: the filter in a file, the range service, and what a reset does.
#include <gtest/gtest.h>

#include <fstream>

#include "common/permit/fixed_bytes.h"
#include "service/breach/breach_filter.h"
#include "service/breach/range_service.h"
#include "service/crypto/digest.h"
#include "tests/fakes/fake_transport.h"
#include "tests/service_engine/engine_world.h"

namespace sspr::service {
namespace {

class BreachTest : public testing::Test {
 protected:
  void WriteList(const std::string& text) {
    std::ofstream(folder.File("list"), std::ios::binary) << text;
  }
  Result<std::uint64_t> Build() {
    return BuildBreachFilter(folder.File("list"), folder.File("filter"), {});
  }
  std::string Upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }
  test::ScratchFolder folder;
};

TEST_F(BreachTest, Sha1IsThePublishedOne) {
  EXPECT_EQ(ToHex(Sha1("password")), "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8");
}

TEST_F(BreachTest, FilterMissesNoneOfItsList_AndTakesFewOthersForOne) {
  std::string list;
  for (int i = 0; i < 5000; ++i) {
    const std::string digest = ToHex(Sha1("leaked " + std::to_string(i)));
    list += i % 2 == 0 ? Upper(digest) + ":17\r\n" : digest + "\n";
  }
  WriteList(list);
  const auto built = Build();
  ASSERT_TRUE(built.ok()) << built.error().detail;
  EXPECT_EQ(*built, 5000U);
  const auto filter = BreachFilter::Open(folder.File("filter"));
  ASSERT_TRUE(filter.ok()) << filter.error().detail;
  EXPECT_EQ((*filter)->entries(), 5000U);
  int others = 0;
  for (int i = 0; i < 5000; ++i) {
    EXPECT_TRUE(*(*filter)->IsBreached(Hidden("leaked " + std::to_string(i)))) << i;
    others += *(*filter)->IsBreached(Hidden("other " + std::to_string(i))) ? 1 : 0;
  }
  EXPECT_LE(others, 5);
}

TEST_F(BreachTest, ListThatIsNone_IsNamedByItsLine_AndNothingIsMade) {
  const std::string good = ToHex(Sha1("x"));
  for (const std::string& bad :
       {good.substr(1), good + "00", std::string("hello"), std::string(), "g" + good.substr(1)}) {
    WriteList(good + "\n" + bad + "\n" + good + "\n");
    const auto built = Build();
    ASSERT_FALSE(built.ok()) << bad;
    EXPECT_EQ(built.error().code, Errc::kPolicy);
    EXPECT_NE(built.error().detail.find("list:2: "), std::string::npos) << built.error().detail;
    EXPECT_FALSE(BreachFilter::Open(folder.File("filter")).ok());
  }
  EXPECT_FALSE(BuildBreachFilter(folder.File("missing"), folder.File("filter"), {}).ok());
  WriteList(good + "\n");
  EXPECT_FALSE(BuildBreachFilter(folder.File("list"), "/nonexistent/filter", {}).ok());
}

TEST_F(BreachTest, FileThatIsCutOrAnother_IsRefused) {
  WriteList(ToHex(Sha1("x")) + "\n");
  ASSERT_TRUE(Build().ok());
  const std::string whole = folder.Read("filter");
  for (const std::string& bad :
       {std::string(), whole.substr(0, 10), whole.substr(0, whole.size() - 1), whole + "x",
        "X" + whole.substr(1), whole.substr(0, 16) + std::string(8, '\0') + whole.substr(24)}) {
    std::ofstream(folder.File("filter"), std::ios::binary | std::ios::trunc) << bad;
    const auto opened = BreachFilter::Open(folder.File("filter"));
    ASSERT_FALSE(opened.ok());
    EXPECT_NE(opened.error().detail.find("ssprctl breached build"), std::string::npos);
  }
}

TEST_F(BreachTest, ResetRefusesWhatLeaked) {
  WriteList(ToHex(Sha1(kNewPassword)) + "\n");
  ASSERT_TRUE(Build().ok());
  EngineWorld world;
  world.AddUser("alice");
  world.UseBreachFilter(folder.File("filter"));
  EXPECT_EQ(Outcome(world.Reset("alice", kNewPassword)), "password_breached");
  EXPECT_EQ(Outcome(world.Reset("alice", "river stone lantern sand")), "ok");
}

class RangeTest : public testing::Test {
 protected:
  // The digest of "password" is 5BAA6 and this.
  static constexpr char kRest[] = "1E4C9B93F3F0682250B6CF8331B7EE68FD8";

  Result<bool> Ask(const std::string& body, int status = 200) {
    auto transport = std::make_unique<FakeTransport>();
    transport->ExpectGet("/5BAA6", status, body, "text/plain");
    return RangeService(std::move(transport)).IsBreached(Hidden("password"));
  }
};

TEST_F(RangeTest, IsToldFiveDigits_AndFindsTheRest) {
  const std::string other = "0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n";
  EXPECT_TRUE(*Ask(other + kRest + ":3861493\r\n" + other));
  EXPECT_TRUE(*Ask(std::string(kRest) + ":1")) << "without an end of line";
  EXPECT_FALSE(*Ask(other));
  EXPECT_FALSE(*Ask(""));
  EXPECT_FALSE(*Ask(std::string(kRest) + ":0\n")) << "padding";
  EXPECT_FALSE(*Ask(std::string(kRest) + "\n")) << "no line of the service's";
}

TEST_F(RangeTest, FailureIsNoAnswer) {
  EXPECT_FALSE(Ask("", 503).ok());
  auto transport = std::make_unique<FakeTransport>();
  transport->ExpectFailure("/5BAA6", Errc::kTimedOut, "late", HttpRequest::Method::kGet);
  EXPECT_FALSE(RangeService(std::move(transport)).IsBreached(Hidden("password")).ok());
}

}  // namespace
}  // namespace sspr::service
