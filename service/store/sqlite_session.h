// SPDX-License-Identifier: Apache-2.0
// SOCI's session of SQLite, which keeps the statements that it prepared. For sqlite_factory.cc and
// sqlite_statement.cc alone.
#pragma once

#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace sspr::service {

// SOCI's header takes sqlite3.h into this namespace.
namespace sqlite = sqlite_api;
using StatementHandle = sqlite::sqlite3_stmt*;

// More texts than the program has; texts that are put together at run time stop here.
inline constexpr std::size_t kMostStatements = 512;

// The statements of one connection that nobody runs at the moment, by their texts.
class StatementCache {
 public:
  StatementCache() = default;
  StatementCache(const StatementCache&) = delete;
  StatementCache& operator=(const StatementCache&) = delete;
  ~StatementCache() { Clear(); }

  // Null when there is none.
  StatementHandle Take(const std::string& text) {
    const auto found = idle_.find(text);
    if (found == idle_.end()) return nullptr;
    StatementHandle const statement = found->second;
    idle_.erase(found);
    return statement;
  }

  // Ends what the statement does, and wipes the values it was bound to.
  void Give(std::string text, StatementHandle statement) {
    const bool is_sound = sqlite::sqlite3_reset(statement) == SQLITE_OK;
    sqlite::sqlite3_clear_bindings(statement);
    if (is_sound && idle_.size() < kMostStatements &&
        idle_.emplace(std::move(text), statement).second) {
      return;
    }
    sqlite::sqlite3_finalize(statement);
  }

  void Clear() {
    for (const auto& [text, statement] : idle_) sqlite::sqlite3_finalize(statement);
    idle_.clear();
  }

 private:
  std::unordered_map<std::string, StatementHandle> idle_;
};

class CachedStatement : public soci::details::statement_backend {
 public:
  CachedStatement(soci::sqlite3_statement_backend* plain, StatementCache& cache)
      : plain_(plain), cache_(cache) {}
  ~CachedStatement() override { CachedStatement::clean_up(); }

  void prepare(const std::string& query, soci::details::statement_type type) override {
    clean_up();
    plain_->stmt_ = cache_.Take(query);
    plain_->databaseReady_ = plain_->stmt_ != nullptr;
    if (plain_->stmt_ == nullptr) plain_->prepare(query, type);
    text_ = query;
  }
  void clean_up() override {
    if (plain_->stmt_ != nullptr) {
      cache_.Give(std::move(text_), std::exchange(plain_->stmt_, nullptr));
    }
    plain_->clean_up();
  }

  void alloc() override { plain_->alloc(); }
  exec_fetch_result execute(int number) override { return plain_->execute(number); }
  exec_fetch_result fetch(int number) override { return plain_->fetch(number); }
  long long get_affected_rows() override { return plain_->get_affected_rows(); }
  int get_number_of_rows() override { return plain_->get_number_of_rows(); }
  std::string get_parameter_name(int index) const override {
    return plain_->get_parameter_name(index);
  }
  std::string rewrite_for_procedure_call(const std::string& query) override {
    return plain_->rewrite_for_procedure_call(query);
  }
  int prepare_for_describe() override { return plain_->prepare_for_describe(); }
  void describe_column(int column, soci::data_type& type, std::string& name) override {
    plain_->describe_column(column, type, name);
  }
  soci::details::standard_into_type_backend* make_into_type_backend() override {
    return plain_->make_into_type_backend();
  }
  soci::details::standard_use_type_backend* make_use_type_backend() override {
    return plain_->make_use_type_backend();
  }
  soci::details::vector_into_type_backend* make_vector_into_type_backend() override {
    return plain_->make_vector_into_type_backend();
  }
  soci::details::vector_use_type_backend* make_vector_use_type_backend() override {
    return plain_->make_vector_use_type_backend();
  }

 private:
  const std::unique_ptr<soci::sqlite3_statement_backend> plain_;
  StatementCache& cache_;
  std::string text_;
};

class CachingSession : public soci::details::session_backend {
 public:
  explicit CachingSession(soci::sqlite3_session_backend* plain) : plain_(plain) {}

  soci::details::statement_backend* make_statement_backend() override {
    return new CachedStatement(plain_->make_statement_backend(), cache_);
  }
  bool is_connected() override { return plain_->is_connected(); }
  void begin() override { plain_->begin(); }
  void commit() override { plain_->commit(); }
  void rollback() override { plain_->rollback(); }
  bool get_last_insert_id(soci::session& sql, const std::string& table, long long& id) override {
    return plain_->get_last_insert_id(sql, table, id);
  }
  std::string empty_blob() override { return plain_->empty_blob(); }
  std::string get_dummy_from_table() const override { return plain_->get_dummy_from_table(); }
  std::string get_backend_name() const override { return plain_->get_backend_name(); }
  std::string get_table_names_query() const override { return plain_->get_table_names_query(); }
  std::string create_column_type(soci::data_type type, int precision, int scale) override {
    return plain_->create_column_type(type, precision, scale);
  }
  soci::details::rowid_backend* make_rowid_backend() override {
    return plain_->make_rowid_backend();
  }
  soci::details::blob_backend* make_blob_backend() override { return plain_->make_blob_backend(); }

  sqlite::sqlite3* connection() const { return plain_->conn_; }
  StatementCache& statements() { return cache_; }

 private:
  const std::unique_ptr<soci::sqlite3_session_backend> plain_;
  StatementCache cache_;  // ends before the connection does
};

}  // namespace sspr::service
