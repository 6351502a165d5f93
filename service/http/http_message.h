// SPDX-License-Identifier: Apache-2.0
// A request and its answer as the service's handlers see them: plain values, no HTTP library.
// The views of a request point into memory of the connection that is wiped after the answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sspr::service {

struct HttpRequestView {
  std::string_view method;
  std::string_view path;   // as sent, without the query; never decoded or normalised
  std::string_view query;  // as sent, what is behind the first '?'; never decoded
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;  // may hold secrets
  std::string address;    // of the peer, numeric; IPv4 where it is IPv4 mapped into IPv6

  // Value of a header, by its lower-case name; empty when absent. Of repeated headers the first.
  std::string_view Header(std::string_view lower_case_name) const;
};

// What goes on being said behind an answer, as text/event-stream. No thread waits for it: Take is
// called a few times a second, on the thread of Run, and must only look at memory.
class EventStream {
 public:
  EventStream() = default;
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;
  virtual ~EventStream() = default;
  // Whole events; empty: nothing to say now. Nothing at all: the stream is over.
  virtual std::optional<std::string> Take() = 0;
};

struct HttpReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<EventStream> events = nullptr;  // in place of a body
};

// Called on worker threads, on several at once. Must not throw.
using HttpHandler = std::function<HttpReply(const HttpRequestView&)>;

}  // namespace sspr::service
