// SPDX-License-Identifier: Apache-2.0
#include "service/store/device_table.h"

#include "service/store/plain_row.h"
#include "service/store/sql_access.h"

namespace sspr::service {

template <>
struct Columns<DeviceRecord> {
  static constexpr char kTable[] = "devices";
  template <typename Visitor>
  static void Visit(DeviceRecord& device, Visitor visit) {
    visit("id", device.id);
    visit("public_key", device.public_key);
    visit("name", device.name);
    visit("os", device.os);
    visit("versions", device.versions);
    visit("device_group", device.group);
    visit("enrolment", device.enrolment);
    visit("enrolled_at", device.enrolled_at);
    visit("last_seen", device.last_seen);
    visit("sequence", device.sequence);
    visit("suspected_at", device.suspected_at);
    visit("revoked_at", device.revoked_at);
    visit("revoked_because", device.revoked_because);
  }
};

template <>
struct Columns<EnrolmentTokenRecord> {
  static constexpr char kTable[] = "enrolment_tokens";
  template <typename Visitor>
  static void Visit(EnrolmentTokenRecord& token, Visitor visit) {
    visit("id", token.id);
    visit("digest", token.digest);
    visit("device_group", token.group);
    visit("uses", token.uses);
    visit("uses_left", token.uses_left);
    visit("issued_by", token.issued_by);
    visit("issued_at", token.issued_at);
    visit("expires_at", token.expires_at);
  }
};

namespace {

std::optional<DeviceRecord> DeviceById(soci::session& sql, const std::string& id) {
  return SelectRow<DeviceRecord>(sql, "WHERE id = :id", soci::use(id, "id"));
}

std::optional<EnrolmentTokenRecord> TokenByDigest(soci::session& sql, const std::string& digest) {
  return SelectRow<EnrolmentTokenRecord>(sql, "WHERE digest = :digest",
                                         soci::use(digest, "digest"));
}

bool DeleteById(soci::session& sql, const char* statement, const std::string& id) {
  soci::statement remove = (sql.prepare << statement, soci::use(id, "id"));
  return Execute(remove) == 1;
}

}  // namespace

void DeviceTable::InsertToken(const EnrolmentTokenRecord& token) {
  database_.Write([&](soci::session& sql) { InsertRow(sql, token); });
}

std::vector<EnrolmentTokenRecord> DeviceTable::ListTokens() {
  return database_.Read([](soci::session& sql) {
    return SelectRows<EnrolmentTokenRecord>(sql, "ORDER BY issued_at DESC, id");
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
    InsertRow(sql, device);
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
  return database_.Read(
      [](soci::session& sql) { return SelectRows<DeviceRecord>(sql, "ORDER BY name, id"); });
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
