// SPDX-License-Identifier: Apache-2.0
#include "pam_module/flow/http_plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include <array>

namespace sspr {
namespace {

constexpr char kLibrary[] = "/libsspr_http.so";

}  // namespace

std::string HttpPluginPath() {
  std::array<char, PATH_MAX> program{};
  const ssize_t length = readlink("/proc/self/exe", program.data(), program.size());
  if (length <= 0 || static_cast<std::size_t>(length) >= program.size()) return "";
  std::string path(program.data(), static_cast<std::size_t>(length));
  path.resize(path.find_last_of('/'));
  return path + kLibrary;
}

Result<std::unique_ptr<HttpTransport>> OpenTransport(const std::string& plugin,
                                                     const HttpSettings& settings) {
  // Never unloaded: the transport's code lives in it.
  void* library = dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return Error{Errc::kInternal, why != nullptr ? why : plugin};
  }
  void* symbol = dlsym(library, kHttpOpenSymbol);
  if (symbol == nullptr) return Error{Errc::kInternal, plugin + " is not ours"};
  auto* const open = reinterpret_cast<HttpOpenFunction*>(symbol);
  std::unique_ptr<HttpTransport> transport(open(&settings));
  if (!transport) return Error{Errc::kInternal, "no transport"};
  return transport;
}

}  // namespace sspr
