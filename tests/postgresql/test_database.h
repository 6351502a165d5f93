// SPDX-License-Identifier: Apache-2.0
// A database of its own for one test: a file, or a schema of the PostgreSQL that CTest started.
#pragma once

#include <libpq-fe.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/setpw/scratch_folder.h"

namespace sspr::test {

class SqliteFile {
 public:
  static constexpr char kName[] = "Sqlite";
  std::string Target() const { return folder_.File("x.db"); }

 private:
  ScratchFolder folder_;
};

class PostgresqlSchema {
 public:
  static constexpr char kName[] = "Postgresql";

#ifdef SSPR_TEST_POSTGRESQL
  PostgresqlSchema() : PostgresqlSchema(SSPR_TEST_POSTGRESQL) {}
#endif
  // file: what the fixture wrote.
  explicit PostgresqlSchema(const char* file) {
    std::ifstream in(file);
    if (!std::getline(in, server_)) {
      throw std::runtime_error("there is no PostgreSQL: run this test by ctest");
    }
    static std::atomic<int> count = 0;
    schema_ = "t" + std::to_string(getpid()) + "_" + std::to_string(++count);
    Run("DROP SCHEMA IF EXISTS " + schema_ + " CASCADE");
    Run("CREATE SCHEMA " + schema_);
  }
  std::string Target() const { return server_ + " options='-c search_path=" + schema_ + "'"; }

  // One statement, on a connection of its own within the schema.
  void Run(const std::string& statement) const {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(Target().c_str()),
                                                                &PQfinish);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> done(
        PQexec(connection.get(), ("SET client_min_messages TO error; " + statement).c_str()),
        &PQclear);
    const ExecStatusType status = PQresultStatus(done.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw std::runtime_error(PQerrorMessage(connection.get()));
    }
  }

 private:
  std::string server_;
  std::string schema_;
};

}  // namespace sspr::test
