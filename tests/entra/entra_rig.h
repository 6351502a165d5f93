// SPDX-License-Identifier: Apache-2.0
// An EntraDirectory in front of entra_stand_in.py.
#pragma once

#include <json/value.h>
#include <json/writer.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/permit/fixed_bytes.h"
#include "common/system/system_clock.h"
#include "service/entra/entra_directory.h"
#include "service/store/risk_table.h"
#include "service/store/sql_store.h"
#include "tests/levers/lever_process.h"
#include "tests/postgresql/test_database.h"

namespace sspr::service {

// The real time, as assertions and waiting need it, and what a test adds.
class ShiftedClock final : public Clock {
 public:
  UnixSeconds Now() const override { return real_.Now() + shift_; }
  std::chrono::milliseconds Monotonic() const override { return real_.Monotonic(); }
  void Advance(UnixSeconds seconds) { shift_ += seconds; }

 private:
  SystemClock real_;
  UnixSeconds shift_ = 0;
};

inline LeverProcess& EntraStandIn() {
  static LeverProcess process({SSPR_ENTRA_STAND_IN});
  return process;
}

class EntraRig {
 public:
  explicit EntraRig(std::unique_ptr<Directory> premises = nullptr) {
    EntraStandIn().Ask("clear");
    auto opened = SqlDatabase::Open(folder_.File("x.db"), 4);
    if (!opened.ok()) throw std::runtime_error(opened.error().detail);
    database_ = std::move(*opened);
    store = std::make_unique<SqlStore>(database_, random_);
    risks = std::make_unique<RiskTable>(*database_);
    entra = Open(std::move(premises));
  }

  // A directory as another process would have it.
  std::unique_ptr<EntraDirectory> Open(std::unique_ptr<Directory> premises = nullptr) {
    GraphSettings graph;
    graph.tenant_id = EntraStandIn().Value("tenant");
    graph.client_id = EntraStandIn().Value("client");
    graph.certificate_file = EntraStandIn().Value("certificate");
    graph.key_file = EntraStandIn().Value("key");
    graph.base_url = graph.login_url = EntraStandIn().Value("url");
    graph.ca_file = EntraStandIn().Value("ca");
    EntraSettings settings;
    settings.account_attribute = "mailNickname";
    settings.timeout = std::chrono::seconds(30);
    auto made =
        EntraDirectory::Make(graph, settings,
                             {.database = database_,
                              .store = *store,
                              .risks = *risks,
                              .clock = clock,
                              .log = [this](std::string_view line) { log.emplace_back(line); }},
                             std::move(premises));
    if (!made.ok()) throw std::runtime_error(made.error().detail);
    return std::move(*made);
  }

  // more: further members of JSON, with a comma before.
  void AddPerson(const std::string& id, const std::string& upn, const std::string& more = "") {
    EntraStandIn().Ask("person {\"id\":\"" + id + "\",\"upn\":\"" + upn + "\"" + more + "}");
  }
  bool Holds(std::string_view id, std::string_view password) {
    if (id.empty()) return false;
    return EntraStandIn().Ask("holds " + std::string(id) + " " + ToHex(password))[0].asBool();
  }
  // How many requests of that method Graph has seen.
  int Asked(const std::string& method) {
    int count = 0;
    for (const Json::Value& one : EntraStandIn().Ask("asked")) {
      count += one.asString().starts_with(method + " ") ? 1 : 0;
    }
    return count;
  }
  // What Graph would not have taken.
  static std::string Faults() {
    const Json::Value faults = EntraStandIn().Ask("faults");
    return faults.empty() ? "" : Json::writeString(Json::StreamWriterBuilder(), faults);
  }

  ShiftedClock clock;
  std::vector<std::string> log;
  std::unique_ptr<SqlStore> store;
  std::unique_ptr<RiskTable> risks;
  std::unique_ptr<EntraDirectory> entra;

 private:
  test::ScratchFolder folder_;
  SystemRandom random_;
  std::shared_ptr<SqlDatabase> database_;
};

}  // namespace sspr::service
