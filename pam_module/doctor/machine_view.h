// SPDX-License-Identifier: Apache-2.0
// What the doctor looks at: the files of a machine, all of them read through here, none changed.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "pam_module/doctor/pam_stack.h"
#include "pam_module/machine/machine.h"

namespace sspr::doctor {

class MachineView {
 public:
  // root: as Machine::root has it.
  explicit MachineView(std::string root);

  const std::string& root() const { return root_; }
  std::string At(const std::string& path) const { return root_ + path; }
  // It is the machine that runs us, so its sockets and name services are real.
  bool alive() const { return root_.empty(); }
  // Whose the machine's files are: root, or the owner of the folder that stands for /.
  uid_t administrator() const { return administrator_; }

  std::optional<std::string> Text(const std::string& path) const;
  // Of /etc/pam.d, else of /usr/lib/pam.d.
  std::optional<std::string> PamFile(const std::string& name) const;
  std::optional<PamStack> AuthStack(const std::string& service) const;
  std::optional<PamStack> Stack(const std::string& service, std::string_view kind) const;
  // Names in these folders that a program may ask for.
  std::vector<std::string> PamServices() const;
  // Where libpam would find the module; empty when it would not.
  std::string ModulePath(const std::string& module) const;
  // The value of a key of login.defs; the last one holds.
  std::optional<std::string> LoginDefault(const std::string& key) const;

 private:
  const std::string root_;
  uid_t administrator_ = 0;
};

}  // namespace sspr::doctor
