// SPDX-License-Identifier: Apache-2.0
// PAM service files as sspr-doctor reads and plays them. A file may include itself.
#include "pam_module/doctor/pam_dispatch.h"
#include "pam_module/doctor/pam_stack.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using namespace sspr;  // NOLINT(google-build-using-namespace)

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::string text(input.Rest());
  const doctor::PamFiles files = [&](const std::string& name) -> std::optional<std::string> {
    if (name != "login") return std::nullopt;
    return text;
  };
  const auto stack = doctor::ReadStack(files, "login", "auth");
  fuzz::Must(stack.has_value(), "a file that is there is read");
  const doctor::DispatchResult result =
      doctor::Dispatch(stack->rules, [](const doctor::PamRule& rule) -> std::string {
        return rule.arguments.empty() ? "success" : rule.arguments.front();
      });
  std::size_t last = 0;
  for (const std::size_t called : result.called) {
    fuzz::Must(called < stack->rules.size(), "what is called is a rule");
    fuzz::Must(called >= last, "it never goes back");
    last = called;
  }
  return 0;
}
