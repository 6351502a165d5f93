// SPDX-License-Identifier: Apache-2.0
#include "service/entra/try_entra.h"

#include "service/entra/entra_people.h"
#include "service/store/flow_store.h"

namespace sspr::service {
namespace {

constexpr std::chrono::milliseconds kTryPatience{15'000};

}  // namespace

std::optional<EntraUser> LookForPerson(const GraphSettings& graph, const EntraSettings& settings,
                                       std::string_view canonical_username, const Clock& clock) {
  auto pool = GraphPool::Make(graph, 1, kTryPatience, clock);
  if (!pool.ok()) throw StoreFailure(pool.error().detail);
  return EntraPeople(**pool, graph.base_url, settings).ByName(canonical_username);
}

Status TryEntra(const GraphSettings& graph, const EntraSettings& settings, const Clock& clock) {
  try {
    (void)LookForPerson(graph, settings, "nobody-of-this-name", clock);
    return Ok();
  } catch (const StoreFailure& failure) {
    return Error{Errc::kPolicy, std::string("directory: ") + failure.what()};
  }
}

}  // namespace sspr::service
