// SPDX-License-Identifier: Apache-2.0
// Loads libsspr_http.so as sspr-flow does and runs a list of exchanges, one line of output each:
//   STEP ok STATUS TYPE BYTES BODY | STEP error CODE DETAIL
// (separated by tabs). Steps: open, get, post=BODY, memory (of the process), line (waits for a
// line on standard input), path=PATH (a GET of it).
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "common/http/http_settings.h"

namespace {

using sspr::HttpRequest;
using sspr::HttpResponse;
using sspr::Result;

void Print(const std::string& step, const Result<HttpResponse>& result) {
  if (result.ok()) {
    std::printf("%s\tok\t%d\t%s\t%zu\t%.200s\n", step.c_str(), result->status,
                result->content_type.c_str(), result->body.size(), result->body.c_str());
  } else {
    std::printf("%s\terror\t%s\t%s\n", step.c_str(), sspr::Name(result.error().code),
                result.error().detail.c_str());
  }
  std::fflush(stdout);
}

std::string ResidentMemory() {
  std::ifstream status("/proc/self/status");
  std::string found;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:") || line.starts_with("VmHWM:") || line.starts_with("RssAnon:")) {
      found += line + " ";
    }
  }
  return found;
}

void Run(sspr::HttpTransport& transport, const std::string& step) {
  HttpRequest request;
  request.path = "/resetpassword/v1.0/start";
  request.method = HttpRequest::Method::kGet;
  if (step == "open") {
    const sspr::Status opened = transport.Open();
    if (opened.ok()) {
      std::printf("open\tok\n");
      std::fflush(stdout);
    } else {
      Print(step, opened.error());
    }
  } else if (step == "memory") {
    std::printf("memory\tok\t%s\n", ResidentMemory().c_str());
  } else if (step == "line") {
    std::string line;
    std::getline(std::cin, line);
  } else if (step.starts_with("post=")) {
    const auto form = sspr::SecretBody::CopyOf(step.substr(5));
    request.method = HttpRequest::Method::kPost;
    request.form = &*form;
    Print("post", transport.Send(request));
  } else if (step.starts_with("path=")) {
    request.path = step.substr(5);
    Print("path", transport.Send(request));
  } else {
    Print(step, transport.Send(request));
  }
}

}  // namespace

// lever_probe PLUGIN URL CA_FILE CONNECT_MS REQUEST_MS WATCHED_FD STEP...
int main(int argc, char** argv) {
  if (argc < 8) return 2;
  if (std::string(argv[7]) == "memory") std::printf("memory\tok\t%s\n", ResidentMemory().c_str());
  void* const library = ::dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", ::dlerror());
    return 3;
  }
  auto* const open =
      reinterpret_cast<sspr::HttpOpenFunction*>(::dlsym(library, sspr::kHttpOpenSymbol));
  if (open == nullptr) return 3;
  sspr::HttpSettings settings;
  settings.base_url = argv[2];
  settings.ca_file = argv[3];
  settings.limits.connect = std::chrono::milliseconds(std::atoi(argv[4]));  // NOLINT(cert-err34-c)
  settings.limits.request = std::chrono::milliseconds(std::atoi(argv[5]));  // NOLINT(cert-err34-c)
  settings.watched_fd = std::atoi(argv[6]);                                 // NOLINT(cert-err34-c)
  settings.user_agent = "lever-probe";
  const std::unique_ptr<sspr::HttpTransport> transport(open(&settings));
  if (transport == nullptr) {
    std::printf("make\terror\n");
    return 0;
  }
  for (int i = 7; i < argc; ++i) Run(*transport, argv[i]);
  return 0;
}
