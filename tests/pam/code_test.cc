// SPDX-License-Identifier: Apache-2.0
// QR codes as the module draws them: what it takes from sspr-flow, what fits a console.
#include <gtest/gtest.h>

#include <string>

#include "common/base/frame.h"
#include "pam_module/module/code_picture.h"
#include "tests/pam/login_stack.h"

namespace sspr::test {
namespace {

// A payload of kCode whose module is dark where x + y is odd.
std::string Checks(std::size_t side) {
  std::string payload(1 + (side * side + 7) / 8, '\0');
  payload[0] = static_cast<char>(side);
  for (std::size_t bit = 0; bit < side * side; ++bit) {
    if ((bit % side + bit / side) % 2 == 0) continue;
    char& byte = payload[1 + bit / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | (0x80u >> (bit % 8)));
  }
  return payload;
}

std::string LineOf(const CodePicture& picture, std::size_t line) {
  char out[256];
  return {out, picture.Draw(line, out)};
}

TEST(CodePicture, TwoModulesShareACharacterWhereTheConsoleIsUtf8) {
  const std::string payload = Checks(21);
  const CodeModules code(21, std::string_view(payload).substr(1));
  const CodePicture picture(code, {24, 80, true});
  ASSERT_TRUE(picture.fits());
  EXPECT_EQ(picture.lines(), 13u);
  std::string quiet;
  for (int i = 0; i < 25; ++i) quiet += "█";
  EXPECT_EQ(LineOf(picture, 0), quiet);
  std::string checks = "██";
  for (int i = 0; i < 21; ++i) checks += i % 2 == 0 ? "▀" : "▄";
  EXPECT_EQ(LineOf(picture, 1), checks + "██");
  std::string last;
  for (int i = 0; i < 25; ++i) last += "▀";
  EXPECT_EQ(LineOf(picture, 12), last) << "nothing below the quiet zone";
}

TEST(CodePicture, EachModuleIsTwoCharactersWhereItIsNot) {
  const std::string payload = Checks(21);
  const CodePicture picture({21, std::string_view(payload).substr(1)}, {40, 80, false});
  ASSERT_TRUE(picture.fits());
  EXPECT_EQ(picture.lines(), 25u);
  EXPECT_EQ(LineOf(picture, 0), std::string(50, '#'));
  std::string checks = "####";
  for (int i = 0; i < 21; ++i) checks += i % 2 == 0 ? "##" : "  ";
  EXPECT_EQ(LineOf(picture, 2), checks + "####");
}

TEST(CodePicture, IsLeftOutWhereTheWordsWouldScrollAway) {
  const auto fits = [](std::size_t side, Console console) {
    return CodePicture(CodeModules(side, {}), console).fits();
  };
  EXPECT_TRUE(fits(33, {24, 80, true}));  // an address of up to 78 bytes
  EXPECT_FALSE(fits(37, {24, 80, true}));
  EXPECT_TRUE(fits(37, {26, 80, true}));
  EXPECT_FALSE(fits(21, {24, 80, false}));
  EXPECT_TRUE(fits(33, {42, 80, false}));
  EXPECT_FALSE(fits(37, {50, 80, false})) << "as wide as the screen";
  EXPECT_FALSE(fits(21, {24, 20, true}));
}

FlowPeer::Play SendCode(std::string payload) {
  return [payload = std::move(payload)](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.Send(FrameType::kInfo, "Open the page.");
    peer.Send(FrameType::kCode, payload);
    peer.SendDone(Outcome::kNotChanged, kNoAnswer, "Nothing was changed.");
  };
}

TEST(CodeFrame, IsTakenWhereThisHostDrawsCodesAndWellFormed) {
  WriteStack("login");
  FlowPeer flow(*scratch, SendCode(Checks(21)));
  // Not on a terminal, so it is not known to be UTF-8, and 25 lines do not fit.
  EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Info("Open the page."), Fault("Nothing was changed."),
                   Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
}

TEST(CodeFrame, EndsTheFlowWhereItIsMalformedOrWasNotAskedFor) {
  const std::string good = Checks(21);
  const std::string cut = good.substr(0, good.size() - 1);
  for (const std::string& bad : {std::string(), cut, good + '\0', std::string("\x11") + cut,
                                 std::string("\x16") + good.substr(1), Checks(61)}) {
    WriteStack("login");
    FlowPeer flow(*scratch, SendCode(bad));
    EXPECT_EQ(Login({Hidden(kOurPrompt, ""), Info("Open the page."), Fault("stopped"),
                     Hidden(kNormalPrompt, "right")}),
              PAM_SUCCESS);
  }
  WriteStack("mate-screensaver");
  FlowPeer flow(*scratch, SendCode(good));
  EXPECT_EQ(Authenticate(*scratch, "mate-screensaver", "alice",
                         Script({Hidden(kOurPrompt, ""), Info("Open the page."), Fault("stopped"),
                                 Hidden(kNormalPrompt, "right")})),
            PAM_SUCCESS);
}

}  // namespace
}  // namespace sspr::test
