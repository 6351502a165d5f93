// SPDX-License-Identifier: Apache-2.0
// The doctor plays stacks through as libpam does: random stacks of pam_debug.so, which answers what
// its line says, are run by the real libpam and by Dispatch. Included files have absolute names:
// libpam looks for others below /etc/pam.d even then.
#include "pam_module/doctor/pam_dispatch.h"

#include <gtest/gtest.h>
#include <security/pam_appl.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace sspr::doctor {
namespace {

constexpr int kStacks = 300;
constexpr const char* kAnswers[] = {"success", "auth_err", "ignore", "user_unknown",
                                    "new_authtok_reqd"};

int Silent(int count, const pam_message** /*messages*/, pam_response** responses, void* /*data*/) {
  *responses =
      static_cast<pam_response*>(calloc(static_cast<std::size_t>(count), sizeof(pam_response)));
  return *responses != nullptr ? PAM_SUCCESS : PAM_BUF_ERR;
}

class RandomStacks {
 public:
  RandomStacks(unsigned seed, std::string folder) : random_(seed), folder_(std::move(folder)) {}

  int Below(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  std::string Control() {
    constexpr const char* kSimple[] = {"required", "requisite", "sufficient", "optional"};
    constexpr const char* kActions[] = {"ok", "done", "bad", "die", "ignore", "reset"};
    if (Below(3) == 0) return kSimple[Below(4)];
    std::string text = "[";
    for (const char* value : {"success", "auth_err", "new_authtok_reqd", "default"}) {
      if (Below(4) == 0) continue;
      text += (text.size() > 1 ? " " : "") + std::string(value) + "=";
      text += Below(3) == 0 ? std::to_string(1 + Below(3)) : kActions[Below(6)];
    }
    return text.size() > 1 ? text + "]" : "[default=bad]";
  }

  std::string Lines(int most, bool with_substack) {
    std::string text;
    const int lines = 1 + Below(most);
    for (int i = 0; i < lines; ++i) {
      if (with_substack && Below(6) == 0) {
        constexpr const char* kWays[] = {"auth substack ", "auth include ", "@include "};
        text += kWays[Below(3)] + folder_ + (Below(2) == 0 ? "/deep\n" : "/wide\n");
        continue;
      }
      text += "auth " + Control() + " pam_debug.so auth=" + kAnswers[Below(5)] + "\n";
    }
    return text;
  }

 private:
  std::mt19937 random_;
  const std::string folder_;
};

class PamDispatchTest : public testing::Test {
 protected:
  PamDispatchTest() {
    std::string name = testing::TempDir() + "/dispatch-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~PamDispatchTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    texts_[name == "try" ? name : (folder_ / name).string()] = text;
  }

  std::string AllTexts() const {
    std::string all;
    for (const auto& [name, text] : texts_) all += name + ":\n" + text;
    return all;
  }

  bool LibpamLetsIn() {
    const pam_conv conversation{Silent, nullptr};
    pam_handle_t* pam = nullptr;
    EXPECT_EQ(pam_start_confdir("try", "alice", &conversation, folder_.c_str(), &pam), PAM_SUCCESS)
        << AllTexts();
    const int result = pam_authenticate(pam, PAM_SILENT);
    pam_end(pam, result);
    return result == PAM_SUCCESS;
  }

  DispatchResult Ours() {
    const auto stack = ReadStack(
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = texts_.find(name);
          return found == texts_.end() ? std::nullopt : std::optional(found->second);
        },
        "try", "auth");
    EXPECT_TRUE(stack && stack->faults.empty());
    return Dispatch(stack->rules, [](const PamRule& rule) { return rule.arguments[0].substr(5); });
  }

  std::filesystem::path folder_;
  std::map<std::string, std::string> texts_;
};

TEST_F(PamDispatchTest, RandomStacksEndAsLibpamEndsThem) {
  RandomStacks random(20261128, folder_);
  Write("other", "auth required pam_deny.so\n");
  int let_in = 0;
  for (int i = 0; i < kStacks; ++i) {
    Write("deep", random.Lines(3, false));
    Write("wide", random.Lines(3, false));
    Write("try", random.Lines(5, true));
    const bool theirs = LibpamLetsIn();
    let_in += theirs ? 1 : 0;
    ASSERT_EQ(Ours().success, theirs) << AllTexts();
  }
  // Neither all nor none, else nothing was compared.
  EXPECT_GT(let_in, kStacks / 20);
  EXPECT_LT(let_in, kStacks * 19 / 20);
}

TEST_F(PamDispatchTest, AJumpPastTheEndIsNamed) {
  Write("try",
        "auth [success=2 default=ignore] pam_debug.so auth=success\n"
        "auth required pam_debug.so auth=success\n");
  EXPECT_EQ(Ours().bad_jump, 0);
  EXPECT_FALSE(Ours().success);
  EXPECT_FALSE(LibpamLetsIn());
}

}  // namespace
}  // namespace sspr::doctor
