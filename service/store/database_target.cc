// SPDX-License-Identifier: Apache-2.0
#include "service/store/database_target.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace sspr::service {
namespace {

using Values = std::map<std::string, std::string>;

struct FreeConninfo {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// A value of a connection string, quoted.
std::string Quoted(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return quoted + "'";
}

Result<Values> Parsed(const std::string& target) {
  char* why = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeConninfo> options(
      PQconninfoParse(target.c_str(), &why));
  const std::unique_ptr<char, void (*)(void*)> freed(why, &PQfreemem);
  if (options == nullptr) {
    // libpq's sentence repeats what was written, which may be a password.
    return Error{Errc::kPolicy,
                 "the target of the database is not understood; write postgresql://HOST/NAME or "
                 "host=HOST dbname=NAME user=USER"};
  }
  Values values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && *option->val != '\0') values[option->keyword] = option->val;
  }
  return values;
}

// Each of the hosts that it names is this machine.
bool IsHere(const Values& values) {
  const auto addresses = values.find("hostaddr");
  const auto names = values.find("host");
  if (addresses == values.end() && names == values.end()) return true;  // the usual socket
  std::string hosts = addresses != values.end() ? addresses->second : names->second;
  hosts.push_back(',');
  for (std::size_t end = 0; (end = hosts.find(',')) != std::string::npos; hosts.erase(0, end + 1)) {
    const std::string host = hosts.substr(0, end);
    constexpr std::array<std::string_view, 4> kHere = {"", "localhost", "127.0.0.1", "::1"};
    const bool is_socket = host.starts_with('/') || host.starts_with('@');
    if (!is_socket && std::ranges::find(kHere, host) == kHere.end()) return false;
  }
  return true;
}

}  // namespace

Dialect DialectOf(std::string_view target) {
  if (target.starts_with("postgresql://") || target.starts_with("postgres://")) {
    return Dialect::kPostgresql;
  }
  // A path is absolute or has a dot or a slash before any equals sign.
  const std::size_t equals = target.find('=');
  if (equals == std::string_view::npos) return Dialect::kSqlite;
  const std::string_view word = target.substr(0, equals);
  const bool is_key = !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || c == ' ';
  });
  return is_key ? Dialect::kPostgresql : Dialect::kSqlite;
}

Result<PostgresqlTarget> ReadPostgresqlTarget(const std::string& target) {
  Result<Values> parsed = Parsed(target);
  if (!parsed.ok()) return parsed.error();
  Values& values = *parsed;
  if (values.contains("password") || values.contains("sslpassword")) {
    return Error{Errc::kPolicy,
                 "a password does not belong into the target of the database: put it into a file "
                 "and name that with database_password_file"};
  }
  if (!values.contains("dbname") && !values.contains("service")) {
    return Error{Errc::kPolicy, "the target of the database names none: add dbname=NAME"};
  }
  const Values usual = {{"connect_timeout", "5"},
                        {"tcp_user_timeout", "15000"},
                        {"keepalives_idle", "30"},
                        {"client_encoding", "UTF8"},
                        {"application_name", "sspr-service"},
                        {"sslmode", IsHere(values) ? "prefer" : "verify-full"}};
  PostgresqlTarget read;
  read.shown = values["dbname"].empty() ? "PostgreSQL" : values["dbname"];
  if (const auto host = values.find("host"); host != values.end()) {
    read.shown += " at " + host->second;
  }
  values.insert(usual.begin(), usual.end());
  values["client_encoding"] = "UTF8";
  for (const auto& [key, value] : values) {
    if (!value.empty()) {
      read.connection.append(key).append("=").append(Quoted(value)).append(" ");
    }
  }
  return read;
}

}  // namespace sspr::service
