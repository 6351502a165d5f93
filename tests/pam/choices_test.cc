// SPDX-License-Identifier: Apache-2.0
// Choice lists as GDM's session worker takes and answers them: the shapes are its own, written down
// here once more.
#include <endian.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "common/base/frame.h"
#include "tests/pam/login_stack.h"

namespace sspr::test {
namespace {

constexpr char kVariable[] = "GDM_SUPPORTED_PAM_EXTENSIONS";
constexpr char kChoiceList[] = "org.gnome.DisplayManager.UserVerifier.ChoiceList";

struct GdmHeader {
  std::uint32_t length;
  unsigned char type;
  unsigned char data[3];
};
struct GdmItem {
  const char* key;
  const char* text;
};
struct GdmRequest {
  GdmHeader header;
  char* prompt_message;
  std::size_t number_of_items;
  GdmItem items[kMaxChoices];
};
struct GdmResponse {
  GdmHeader header;
  char* key;
};

// A GDM whose environment names these extensions.
class Extensions {
 public:
  explicit Extensions(const std::string& names) { setenv(kVariable, names.c_str(), 1); }
  ~Extensions() { unsetenv(kVariable); }
  Extensions(const Extensions&) = delete;
  Extensions& operator=(const Extensions&) = delete;
};

char* Responded(unsigned char type, std::uint32_t size, const char* key) {
  auto* const response = static_cast<GdmResponse*>(calloc(1, sizeof(GdmResponse)));
  response->header.length = htobe32(size);
  response->header.type = type;
  response->key = key == nullptr ? nullptr : strdup(key);
  return reinterpret_cast<char*>(response);
}

using Items = std::vector<std::pair<std::string, std::string>>;

// The list that is expected, and the key that comes back; null: nothing was chosen.
Line List(std::string title, Items items, const char* key, unsigned char type = 0) {
  Line line{PAM_BINARY_PROMPT, ""};
  line.extended = [=](const void* message) {
    const auto& request = *static_cast<const GdmRequest*>(message);
    EXPECT_EQ(request.header.type, type);
    EXPECT_EQ(be32toh(request.header.length), 24 + 16 * items.size());
    EXPECT_EQ(request.prompt_message, title);
    EXPECT_EQ(request.number_of_items, items.size());
    for (std::size_t i = 0; i < items.size() && i < request.number_of_items; ++i) {
      EXPECT_EQ(request.items[i].key, items[i].first);
      EXPECT_EQ(request.items[i].text, items[i].second);
    }
    return Responded(type, sizeof(GdmResponse), key);
  };
  return line;
}

constexpr char kHow[] = "How?";
const Items kShort = {{"1", "1 By mail"}, {"2", "2 By app"}};

// Chooses, types a code that is visible, and is done.
void PlayChoice(Peer& peer) {
  const std::string begin = peer.Expect(FrameType::kBegin);
  EXPECT_EQ(begin.at(1) & kCapabilityChoices, kCapabilityChoices);
  peer.SendChoose(kHow, {"By mail", "By app"});
  const std::string answer = peer.Expect(FrameType::kAnswer);
  EXPECT_EQ(answer.substr(2), "2");
  EXPECT_EQ(peer.Ask(FrameType::kAskVisible, "Code: ", 1), "123456");
  peer.SendDone(Outcome::kNotChanged, kNoAnswer);
}

void PlayAbandonedChoice(Peer& peer) {
  peer.Expect(FrameType::kBegin);
  peer.SendChoose(kHow, {"By mail", "By app"});
  peer.Expect(FrameType::kCancel);
}

int LoginAtGdm(std::vector<Line> lines) {
  lines.insert(lines.begin(), {Info("Password (empty if forgotten)"), Hidden(kOurPrompt, "?")});
  return Authenticate(*scratch, "gdm-password", "alice", Script(std::move(lines)));
}

TEST(Choices, GdmDrawsThemItselfAndWhatFollowsIsVisible) {
  WriteStack("gdm-password");
  FlowPeer flow(*scratch, PlayChoice);
  for (const auto& [names, type] :
       {std::pair(std::string(kChoiceList), 0),
        std::pair("org.example.Other " + std::string(kChoiceList), 1)}) {
    const Extensions gdm(names);
    EXPECT_EQ(LoginAtGdm({List(kHow, kShort, "2", static_cast<unsigned char>(type)),
                          Visible("Code: ", "123456"), Hidden(kNormalPrompt, "right")}),
              PAM_SUCCESS);
  }
  EXPECT_EQ(flow.connections(), 2);
}

TEST(Choices, WhatTheListCutsOffIsSaidInFullBefore) {
  WriteStack("gdm-password");
  const Extensions gdm(kChoiceList);
  FlowPeer flow(*scratch, [](Peer& peer) {
    peer.Expect(FrameType::kBegin);
    peer.SendChoose(kHow, {"A code by e-mail to a***@example.org", "An authenticator"});
    EXPECT_EQ(peer.Expect(FrameType::kAnswer).substr(2), "1");
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  });
  Line message = Info("How?\n 1  A code by e-mail to a***@example.org\n 2  An authenticator");
  message.whole = true;
  EXPECT_EQ(LoginAtGdm({message,
                        List(kHow,
                             {{"1", "1 A code by e-mail to a***@example.org"},
                              {"2", "2 An authenticator"}},
                             "1"),
                        Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
}

TEST(Choices, TypedTextThatComesBackAsAKeyIsNoChoice) {
  WriteStack("gdm-password");
  const Extensions gdm(kChoiceList);
  {
    FlowPeer flow(*scratch, PlayChoice);
    EXPECT_EQ(
        LoginAtGdm({List(kHow, kShort, "123456"), Fault("none of the numbers"),
                    List(kHow, kShort, ""), Fault("none of the numbers"), List(kHow, kShort, "2"),
                    Visible("Code: ", "123456"), Hidden(kNormalPrompt, "right")}),
        PAM_SUCCESS);
  }
  FlowPeer flow(*scratch, PlayAbandonedChoice);
  EXPECT_EQ(
      LoginAtGdm({List(kHow, kShort, "3"), Fault("none of the numbers"), List(kHow, kShort, "0"),
                  Fault("none of the numbers"), List(kHow, kShort, "mail"), Fault("stopped"),
                  Hidden(kNormalPrompt, "right")}),
      PAM_SUCCESS);
  EXPECT_EQ(LoginAtGdm({List(kHow, kShort, "alice"), Fault("cannot be reset from this screen"),
                        Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
  const std::string long_text(600, '1');
  EXPECT_EQ(LoginAtGdm({List(kHow, kShort, long_text.c_str()), Fault("511 bytes"),
                        List(kHow, kShort, nullptr), Hidden(kNormalPrompt, "right")}),
            PAM_SUCCESS);
}

TEST(Choices, AListThatIsNotAnsweredInOrderEndsTheReset) {
  WriteStack("gdm-password");
  const Extensions gdm(kChoiceList);
  FlowPeer flow(*scratch, PlayAbandonedChoice);
  std::vector<Line> lists = {List(kHow, kShort, nullptr)};
  for (const auto kind : {Reply::Kind::kNull, Reply::Kind::kError, Reply::Kind::kNoResponse}) {
    lists.push_back({PAM_BINARY_PROMPT, "", {kind, ""}});
  }
  for (const auto& [type, size] : {std::pair<unsigned char, std::uint32_t>(7, sizeof(GdmResponse)),
                                   std::pair<unsigned char, std::uint32_t>(0, 8)}) {
    Line line{PAM_BINARY_PROMPT, ""};
    line.extended = [=](const void*) { return Responded(type, size, nullptr); };
    lists.push_back(line);
  }
  for (const Line& list : lists) {
    EXPECT_EQ(LoginAtGdm({list, Hidden(kNormalPrompt, "right")}), PAM_SUCCESS);
  }
  EXPECT_EQ(flow.connections(), static_cast<int>(lists.size()));
}

TEST(Choices, NumberedLinesStandWhereNoListIsDrawn) {
  const auto play = [](Peer& peer) {
    const std::string begin = peer.Expect(FrameType::kBegin);
    EXPECT_EQ(begin.at(1) & kCapabilityChoices, 0);
    peer.SendChoose(kHow, {"By mail", "By app"});
    EXPECT_EQ(peer.Expect(FrameType::kAnswer).substr(2), "1");
    peer.SendDone(Outcome::kNotChanged, kNoAnswer);
  };
  FlowPeer flow(*scratch, play);
  const std::string list = kChoiceList;
  for (const auto& [service, names] : {std::pair<std::string, std::string>("gdm-password", ""),
                                       {"gdm-password", list + "2"},
                                       {"gdm-password", "x" + list},
                                       {"gdm-password", list.substr(0, 10)},
                                       {"login", list},
                                       {"xsecurelock", list}}) {
    SCOPED_TRACE(service + " " + names);
    const Extensions gdm(names);
    WriteStack(service);
    constexpr char kPrompt[] = "Type the number";
    const Line ask = service == "login" ? Visible(kPrompt, "1") : Hidden(kPrompt, "1");
    std::vector<Line> lines = {Hidden(kOurPrompt, "?"), Info("How?\n 1  By mail\n 2  By app"), ask,
                               Hidden(kNormalPrompt, "right")};
    if (service == "gdm-password") lines.insert(lines.begin(), Info("Password (empty"));
    EXPECT_EQ(Authenticate(*scratch, service, "alice", Script(std::move(lines))), PAM_SUCCESS);
  }
}

}  // namespace
}  // namespace sspr::test
