// SPDX-License-Identifier: Apache-2.0
// The head of one HTTP/1 reply, line by line, as strict as we are allowed to be: libcurl tolerates
// much that a way round the framing of a reply is made of, and none of it comes from our service.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sspr {

class ReplyHead {
 public:
  // byte_limit counts all lines together, interim replies and trailers included. A reply that
  // echoes another correlation id than this one (client-request-id) belongs to another request; so
  // does one that echoes none, but for a server error, when must_echo is set.
  ReplyHead(std::size_t byte_limit, std::string correlation_id, bool must_echo);

  // One line with its end. False when the reply is to be refused; Fault() then says why.
  bool TakeLine(std::string_view line);

  // The blank line of the final (not 1xx) head was seen.
  bool complete() const noexcept { return complete_; }
  int status() const noexcept { return status_; }
  // Lower case, without parameters.
  const std::string& content_type() const noexcept { return content_type_; }
  bool echoed() const noexcept { return echoed_; }
  // Of DPoP-Nonce and Retry-After, where they are well-formed; else empty and 0.
  const std::string& proof_nonce() const noexcept { return proof_nonce_; }
  int retry_after() const noexcept { return retry_after_; }
  // Unix seconds of a well-formed Date; else 0.
  std::int64_t date() const noexcept { return date_; }
  const std::string& fault() const noexcept { return fault_; }

 private:
  bool Refuse(const char* fault);
  bool TakeStatusLine(std::string_view line);
  bool TakeField(std::string_view line);
  void TakeHint(std::string_view name, std::string_view value);
  bool TakeEnd();

  const std::size_t byte_limit_;
  const std::string correlation_id_;
  const bool must_echo_;
  std::size_t bytes_ = 0;
  std::size_t lines_ = 0;
  bool in_head_ = false;
  bool complete_ = false;
  bool has_length_ = false;
  bool chunked_ = false;
  bool has_type_ = false;
  bool echoed_ = false;
  int status_ = 0;
  int retry_after_ = 0;
  std::int64_t date_ = 0;
  std::string content_type_;
  std::string proof_nonce_;
  std::string fault_;
};

}  // namespace sspr
