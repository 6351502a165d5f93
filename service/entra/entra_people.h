// SPDX-License-Identifier: Apache-2.0
// People of Entra ID as Microsoft Graph tells of them. Safe from several threads at once. Throws
// StoreFailure when it cannot be asked; the text says what the app lacks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/entra/entra_user.h"
#include "service/graph/graph_pool.h"

namespace sspr::service {

class EntraPeople {
 public:
  // All of it outlives this.
  EntraPeople(GraphPool& pool, const std::string& base_url, const EntraSettings& settings)
      : pool_(pool), base_url_(base_url), settings_(settings) {}

  // With groups. For nobody it takes as long as for somebody.
  std::optional<EntraUser> ByName(std::string_view canonical_username);
  std::optional<EntraUser> ById(std::string_view id);

 private:
  // What Graph answers to a GET. Nothing: there is no such thing.
  std::optional<std::string> Look(const std::string& path);
  std::optional<EntraUser> WithGroups(std::optional<EntraUser> found);

  GraphPool& pool_;
  const std::string& base_url_;
  const EntraSettings& settings_;
};

}  // namespace sspr::service
