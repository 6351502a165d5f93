// SPDX-License-Identifier: Apache-2.0
#include "pam_module/doctor/module_line.h"

#include <algorithm>
#include <vector>

#include "pam_module/module/options.h"

namespace sspr::doctor {

ModuleLine ReadModuleLine(const PamRule& rule, const std::string& service) {
  std::vector<const char*> words;
  for (const std::string& argument : rule.arguments) words.push_back(argument.c_str());
  Options options;
  const int bad = ParseOptions(static_cast<int>(words.size()), words.data(), options);
  ModuleLine line;
  if (bad >= 0) {
    line.bad_word = words[static_cast<std::size_t>(bad)];
    return line;
  }
  line.by_prompt = options.trigger == Trigger::kPrompt;
  line.by_failure = options.trigger == Trigger::kFailure;
  line.offered = OffersReset(options, service);
  line.account = options.account;
  line.empty_asks = EmptyTriggers(options, ProfileFor(options, service));
  if (options.word != "?") line.word = options.word;
  line.socket = options.socket;
  line.profile = ProfileFor(options, service).name;
  return line;
}

const PamRule* ModuleRule(const PamStack& stack) {
  const auto found = std::ranges::find_if(
      stack.rules, [](const PamRule& rule) { return rule.ModuleName() == kModuleName; });
  return found == stack.rules.end() ? nullptr : &*found;
}

}  // namespace sspr::doctor
