// SPDX-License-Identifier: Apache-2.0
#include "service/directory/person_row.h"

namespace sspr::service {

void KeepPersonRow(FlowStore& store, const DirectoryUser& user, UnixSeconds now) {
  const std::optional<UserRecord> known = store.GetUser(user.id);
  UserRecord row = known.value_or(UserRecord{.id = user.id,
                                             .username = user.username,
                                             .display_name = {},
                                             .local_account = {},
                                             .language = {},
                                             .password_hash = {},
                                             .created_at = now});
  if (known && row.display_name == user.display_name && row.local_account == user.local_account &&
      row.language == user.language && row.groups == user.groups) {
    return;
  }
  row.display_name = user.display_name;
  row.local_account = user.local_account;
  row.language = user.language;
  row.groups = user.groups;
  if (known) {
    store.UpdateProfile(row);
  } else {
    store.InsertUser(row);
  }
}

}  // namespace sspr::service
