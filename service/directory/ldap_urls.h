// SPDX-License-Identifier: Apache-2.0
// "url" of an LDAP directory: one URL, or several with spaces between, tried in that order.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "service/directory/ldap_settings.h"

namespace sspr::service {

// The words, whatever they are.
std::vector<std::string> LdapUrlsOf(const std::string& text);

// Those of the settings. kInternal, with a sentence: there is none, one is no URL of a directory,
// or passwords would go to another machine in the clear.
Result<std::vector<std::string>> UsableLdapUrls(const LdapSettings& settings);

}  // namespace sspr::service
