// SPDX-License-Identifier: Apache-2.0
#include "service/store/device_table.h"

#include "service/store/sql_access.h"
#include "service/store/sql_records.h"

namespace soci {

using sspr::service::AsInt;
using sspr::service::AsLong;
using sspr::service::AsText;
using sspr::service::DeviceRecord;
using sspr::service::EnrolmentTokenRecord;
using sspr::service::Put;

template <>
struct type_conversion<DeviceRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, DeviceRecord& device) {
    device.id = AsText(row, "id");
    device.public_key = AsText(row, "public_key");
    device.name = AsText(row, "name");
    device.os = AsText(row, "os");
    device.versions = AsText(row, "versions");
    device.group = AsText(row, "device_group");
    device.enrolment = AsText(row, "enrolment");
    device.enrolled_at = AsLong(row, "enrolled_at");
    device.last_seen = AsLong(row, "last_seen");
    device.sequence = AsLong(row, "sequence");
    device.suspected_at = AsLong(row, "suspected_at");
    device.revoked_at = AsLong(row, "revoked_at");
    device.revoked_because = AsText(row, "revoked_because");
  }
  static void to_base(const DeviceRecord& device, values& row, indicator& state) {
    Put(row, "id", device.id);
    Put(row, "public_key", device.public_key);
    Put(row, "name", device.name);
    Put(row, "os", device.os);
    Put(row, "versions", device.versions);
    Put(row, "device_group", device.group);
    Put(row, "enrolment", device.enrolment);
    Put(row, "enrolled_at", device.enrolled_at);
    Put(row, "last_seen", device.last_seen);
    Put(row, "sequence", device.sequence);
    Put(row, "suspected_at", device.suspected_at);
    Put(row, "revoked_at", device.revoked_at);
    Put(row, "revoked_because", device.revoked_because);
    state = i_ok;
  }
};

template <>
struct type_conversion<EnrolmentTokenRecord> {
  using base_type = values;
  static void from_base(const values& row, indicator, EnrolmentTokenRecord& token) {
    token.id = AsText(row, "id");
    token.digest = AsText(row, "digest");
    token.group = AsText(row, "device_group");
    token.uses = AsInt(row, "uses");
    token.uses_left = AsInt(row, "uses_left");
    token.issued_by = AsText(row, "issued_by");
    token.issued_at = AsLong(row, "issued_at");
    token.expires_at = AsLong(row, "expires_at");
  }
  static void to_base(const EnrolmentTokenRecord& token, values& row, indicator& state) {
    Put(row, "id", token.id);
    Put(row, "digest", token.digest);
    Put(row, "device_group", token.group);
    Put(row, "uses", token.uses);
    Put(row, "uses_left", token.uses_left);
    Put(row, "issued_by", token.issued_by);
    Put(row, "issued_at", token.issued_at);
    Put(row, "expires_at", token.expires_at);
    state = i_ok;
  }
};

}  // namespace soci

namespace sspr::service {
namespace {

std::optional<DeviceRecord> DeviceById(soci::session& sql, const std::string& id) {
  DeviceRecord device;
  sql << "SELECT * FROM devices WHERE id = :id", soci::into(device), soci::use(id, "id");
  if (!sql.got_data()) return std::nullopt;
  return device;
}

std::optional<EnrolmentTokenRecord> TokenByDigest(soci::session& sql, const std::string& digest) {
  EnrolmentTokenRecord token;
  sql << "SELECT * FROM enrolment_tokens WHERE digest = :digest", soci::into(token),
      soci::use(digest, "digest");
  if (!sql.got_data()) return std::nullopt;
  return token;
}

bool DeleteById(soci::session& sql, const char* statement, const std::string& id) {
  soci::statement remove = (sql.prepare << statement, soci::use(id, "id"));
  return Execute(remove) == 1;
}

}  // namespace

void DeviceTable::InsertToken(const EnrolmentTokenRecord& token) {
  database_.Write([&](soci::session& sql) {
    sql << "INSERT INTO enrolment_tokens (id, digest, device_group, uses, uses_left, issued_by, "
           "issued_at, expires_at) VALUES (:id, :digest, :device_group, :uses, :uses_left, "
           ":issued_by, :issued_at, :expires_at)",
        soci::use(token);
  });
}

std::vector<EnrolmentTokenRecord> DeviceTable::ListTokens() {
  return database_.Read([](soci::session& sql) {
    const soci::rowset<EnrolmentTokenRecord> rows =
        (sql.prepare << "SELECT * FROM enrolment_tokens ORDER BY issued_at DESC, id");
    return std::vector<EnrolmentTokenRecord>(rows.begin(), rows.end());
  });
}

bool DeviceTable::DeleteToken(std::string_view id) {
  return database_.Write([&](soci::session& sql) {
    return DeleteById(sql, "DELETE FROM enrolment_tokens WHERE id = :id", std::string(id));
  });
}

DeviceTable::Enrolment DeviceTable::Enrol(std::string_view token_digest, DeviceRecord& device,
                                          UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    const std::optional<EnrolmentTokenRecord> token = TokenByDigest(sql, std::string(token_digest));
    const std::optional<DeviceRecord> known = DeviceById(sql, device.id);
    // Who lost the answer asks again, by the token that may be used up by now.
    const bool again = known && token && known->enrolment == token->id;
    if (!token || token->expires_at <= now || (token->uses_left <= 0 && !again)) {
      return Enrolment::kBadToken;
    }
    if (known && known->revoked_at != 0) return Enrolment::kKeyRevoked;
    device.group = token->group;
    device.enrolment = token->id;
    device.enrolled_at = known ? known->enrolled_at : now;
    device.last_seen = now;
    if (known) {
      sql << "DELETE FROM devices WHERE id = :id", soci::use(device.id, "id");
      device.sequence = known->sequence;
      device.suspected_at = known->suspected_at;
    }
    sql << "INSERT INTO devices (id, public_key, name, os, versions, device_group, enrolment, "
           "enrolled_at, last_seen, sequence, suspected_at, revoked_at, revoked_because) VALUES "
           "(:id, :public_key, :name, :os, :versions, :device_group, :enrolment, :enrolled_at, "
           ":last_seen, :sequence, :suspected_at, :revoked_at, :revoked_because)",
        soci::use(device);
    if (again) return Enrolment::kAgain;
    sql << "UPDATE enrolment_tokens SET uses_left = uses_left - 1 WHERE id = :id",
        soci::use(token->id, "id");
    return Enrolment::kEnrolled;
  });
}

std::optional<DeviceRecord> DeviceTable::Find(std::string_view id) {
  return database_.Read([&](soci::session& sql) { return DeviceById(sql, std::string(id)); });
}

std::vector<DeviceRecord> DeviceTable::List() {
  return database_.Read([](soci::session& sql) {
    const soci::rowset<DeviceRecord> rows =
        (sql.prepare << "SELECT * FROM devices ORDER BY name, id");
    return std::vector<DeviceRecord>(rows.begin(), rows.end());
  });
}

bool DeviceTable::Rename(std::string_view id, std::string_view name) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const std::string text(name);
    soci::statement update = (sql.prepare << "UPDATE devices SET name = :name WHERE id = :id",
                              soci::use(text, "name"), soci::use(key, "id"));
    return Execute(update) == 1;
  });
}

bool DeviceTable::Revoke(std::string_view id, std::string_view because, UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    const std::string text(because);
    const long long at = now;
    soci::statement update =
        (sql.prepare << "UPDATE devices SET revoked_at = :at, revoked_because = :because WHERE id "
                        "= :id AND revoked_at = 0",
         soci::use(at, "at"), soci::use(text, "because"), soci::use(key, "id"));
    return Execute(update) == 1;
  });
}

bool DeviceTable::Delete(std::string_view id) {
  return database_.Write([&](soci::session& sql) {
    return DeleteById(sql, "DELETE FROM devices WHERE id = :id", std::string(id));
  });
}

bool DeviceTable::TakeHeartbeat(std::string_view id, std::string_view os, std::string_view versions,
                                std::int64_t sequence, UnixSeconds now) {
  return database_.Write([&](soci::session& sql) {
    const std::string key(id);
    std::optional<DeviceRecord> device = DeviceById(sql, key);
    if (!device) return true;
    const bool forward = sequence == 0 || sequence > device->sequence;
    const std::string new_os = os.empty() ? device->os : std::string(os);
    const std::string new_versions = versions.empty() ? device->versions : std::string(versions);
    const long long at = now;
    const long long number = forward && sequence != 0 ? sequence : device->sequence;
    const long long suspected = forward ? device->suspected_at : now;
    sql << "UPDATE devices SET os = :os, versions = :versions, last_seen = :at, sequence = "
           ":number, suspected_at = :suspected WHERE id = :id",
        soci::use(new_os, "os"), soci::use(new_versions, "versions"), soci::use(at, "at"),
        soci::use(number, "number"), soci::use(suspected, "suspected"), soci::use(key, "id");
    return forward;
  });
}

bool DeviceTable::SpendProof(std::string_view digest, UnixSeconds expires_at, UnixSeconds now) {
  return database_.Write({}, [&](soci::session& sql) {
    const std::string key(digest);
    const long long until = expires_at;
    const long long at = now;
    sql << "DELETE FROM device_proofs WHERE expires_at < :now", soci::use(at, "now");
    soci::statement insert = (sql.prepare << "INSERT INTO device_proofs (digest, expires_at) "
                                             "VALUES (:digest, :until) ON CONFLICT DO NOTHING",
                              soci::use(key, "digest"), soci::use(until, "until"));
    return Execute(insert) == 1;
  });
}

}  // namespace sspr::service
