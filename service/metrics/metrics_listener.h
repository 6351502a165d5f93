// SPDX-License-Identifier: Apache-2.0
// A little HTTP server for the machine's own monitoring: plain HTTP on an address of its own, one
// request for each connection, one at a time, on one thread. It is not the door to the service.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "common/base/result.h"

namespace sspr::service {

struct MetricsAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
};

class MetricsListener {
 public:
  using Handler = std::function<MetricsAnswer(std::string_view path)>;

  // token: what a request must bring as "Authorization: Bearer"; empty: nothing. kUnreachable when
  // the address is taken or not ours.
  static Result<std::unique_ptr<MetricsListener>> Start(const std::string& address,
                                                        std::uint16_t port, std::string token,
                                                        Handler handler);
  MetricsListener(const MetricsListener&) = delete;
  MetricsListener& operator=(const MetricsListener&) = delete;
  ~MetricsListener();

  std::uint16_t port() const { return port_; }

 private:
  MetricsListener(int listening, int stop, std::uint16_t port, std::string token, Handler handler);
  void Serve();
  void Answer(int connection);
  MetricsAnswer Decide(std::string_view head) const;

  const int listening_;
  const int stop_;
  const std::uint16_t port_;
  const std::string token_;
  const Handler handler_;
  std::thread thread_;
};

// The first line of a token file; kInternal when it cannot be read, others may read it, or it has
// fewer than 16 characters.
Result<std::string> ReadMetricsToken(const std::string& path);

}  // namespace sspr::service
