// SPDX-License-Identifier: Apache-2.0
#include "service/engine/secret_rotation.h"

#include <optional>

#include "service/engine/guarded.h"
#include "service/store/sealed_table.h"

namespace sspr::service {
namespace {

constexpr int kBatch = 200;

Status Note(Foundation& foundation, const char* event, int key) {
  return foundation.audit->Write(
      {.event = event, .outcome = "done", .reason = "key " + std::to_string(key)},
      AuditLog::Weight::kFinal);
}

struct Tally {
  std::int64_t all = 0;
  std::int64_t others = 0;
};

Tally Count(SealedTable& table, const std::string& mark) {
  Tally tally;
  for (const SealedColumn& column : kSealedColumns) {
    tally.all += table.Count(column);
    tally.others += mark.empty() ? 0 : table.CountOthers(column, mark);
  }
  return tally;
}

// The key that values are to be sealed with: that of an unfinished rotation, the prepared one, or a
// new one.
Result<int> TargetKey(Foundation& foundation, ServiceKeys& keys, SealedTable& table, bool& is_new) {
  const SealKeyState newest = keys.SealKeys().back();
  if (!newest.is_active) {
    if (Status noted = Note(foundation, "keys.secrets.activate", newest.id); !noted.ok()) {
      return noted.error();
    }
    if (Status active = keys.ActivateSealKey(newest.id); !active.ok()) return active.error();
    return newest.id;
  }
  if (newest.id > 1 && Count(table, ServiceKeys::MarkOf(newest.id)).others > 0) return newest.id;
  if (Status noted = Note(foundation, "keys.secrets.rotate", newest.id + 1); !noted.ok()) {
    return noted.error();
  }
  is_new = true;
  return keys.AddSealKey(foundation.random, true);
}

// One batch of a column; where the next one begins, empty at the end.
std::string Reseal(Foundation& foundation, const ServiceKeys& keys, SealedTable& table,
                   const SealedColumn& column, const std::string& after, RotationProgress& so_far) {
  const std::string mark = ServiceKeys::MarkOf(so_far.key);
  const auto values = table.Others(column, mark, after, kBatch);
  std::vector<SealedTable::Replacement> replacements;
  for (const auto& [key, value] : values) {
    const std::string context = column.context + key;
    // A hash that was kept before hashes were sealed is sealed now.
    std::optional<Secret> hash = value.starts_with('$') ? Secret::CopyOf(value) : std::nullopt;
    const Result<Secret> plain =
        hash ? Result<Secret>(std::move(*hash)) : keys.Open(value, context);
    if (!plain.ok()) {
      ++so_far.unreadable;
      continue;
    }
    replacements.push_back({.key = key,
                            .old_value = value,
                            .new_value = keys.Seal(foundation.random, plain->Reveal(), context)});
  }
  if (!replacements.empty()) so_far.done += table.Replace(column, replacements);
  return values.size() < kBatch ? std::string() : values.back().first;
}

}  // namespace

Result<RotationProgress> RotateSecrets(Foundation& foundation,
                                       const std::function<bool(const RotationProgress&)>& report) {
  return Guarded<RotationProgress>([&]() -> Result<RotationProgress> {
    Result<ServiceKeys> keys = ServiceKeys::Load(foundation.settings.secrets_key_file);
    if (!keys.ok()) return keys.error();
    SealedTable table(*foundation.database);
    RotationProgress progress;
    const Result<int> target = TargetKey(foundation, *keys, table, progress.is_new);
    if (!target.ok()) return target.error();
    progress.key = *target;
    const Tally tally = Count(table, ServiceKeys::MarkOf(*target));
    progress.all = tally.all;
    progress.done = tally.all - tally.others;
    for (const SealedColumn& column : kSealedColumns) {
      std::string after;
      do {
        after = Reseal(foundation, *keys, table, column, after, progress);
        if (!report(progress)) return progress;
      } while (!after.empty());
    }
    if (progress.unreadable > 0) {
      return Error{Errc::kDenied, std::to_string(progress.unreadable) +
                                      " sealed values open with no key of the file: put back the "
                                      "file that they were sealed with"};
    }
    if (Status noted = Note(foundation, "keys.secrets.resealed", *target); !noted.ok()) {
      return noted.error();
    }
    return progress;
  });
}

Result<int> PrepareSecretsKey(Foundation& foundation) {
  Result<ServiceKeys> keys = ServiceKeys::Load(foundation.settings.secrets_key_file);
  if (!keys.ok()) return keys.error();
  const int next = keys->SealKeys().back().id + 1;
  if (Status noted = Note(foundation, "keys.secrets.prepare", next); !noted.ok()) {
    return noted.error();
  }
  return keys->AddSealKey(foundation.random, false);
}

Result<std::vector<SealKeyUse>> SecretsKeyUse(Foundation& foundation) {
  return Guarded<std::vector<SealKeyUse>>([&]() -> Result<std::vector<SealKeyUse>> {
    SealedTable table(*foundation.database);
    std::vector<SealKeyUse> uses;
    std::int64_t of_others = 0;
    for (const SealKeyState& key : foundation.keys.SealKeys()) {
      std::int64_t values = 0;
      if (key.id > 1) {
        const Tally tally = Count(table, ServiceKeys::MarkOf(key.id));
        values = tally.all - tally.others;
        of_others += values;
      }
      uses.push_back({.key = key, .values = values});
    }
    if (uses.front().key.id == 1) uses.front().values = Count(table, "").all - of_others;
    return uses;
  });
}

Status ForgetOldSecretsKeys(Foundation& foundation) {
  return Guarded<Nothing>([&]() -> Status {
    Result<ServiceKeys> keys = ServiceKeys::Load(foundation.settings.secrets_key_file);
    if (!keys.ok()) return keys.error();
    const int active = keys->ActiveSealKey();
    SealedTable table(*foundation.database);
    if (active > 1 && Count(table, ServiceKeys::MarkOf(active)).others > 0) {
      return Error{Errc::kDenied,
                   "something is sealed with an old key still: run keys rotate-secrets first"};
    }
    if (Status noted = Note(foundation, "keys.secrets.forget", active); !noted.ok()) return noted;
    return keys->ForgetOldSealKeys();
  });
}

}  // namespace sspr::service
