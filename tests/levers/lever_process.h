// SPDX-License-Identifier: Apache-2.0
// lever_service.py (or another test service that speaks as it does on its standard streams) as a
// child of a C++ test. Its lines "NAME VALUE" up to "ready" become Value(); commands are answered
// by one line of JSON.
#pragma once

#include <json/value.h>
#include <sys/types.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace sspr {

class LeverProcess {
 public:
  // Starts Python with these arguments and waits for "ready"; ends the test run when that does not
  // come.
  explicit LeverProcess(const std::vector<std::string>& arguments);
  LeverProcess(const LeverProcess&) = delete;
  LeverProcess& operator=(const LeverProcess&) = delete;
  ~LeverProcess();  // closes its input and waits for it to end

  const std::string& Value(const std::string& name) const;
  Json::Value Ask(const std::string& command);

 private:
  std::string ReadLine();

  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
  pid_t child_ = -1;
  std::map<std::string, std::string> values_;
};

}  // namespace sspr
