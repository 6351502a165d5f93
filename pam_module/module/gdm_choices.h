// SPDX-License-Identifier: Apache-2.0
// Choice lists as GDM draws them, by the extension of PAM that its session worker offers to
// modules: a binary prompt whose message points to a request in this process, whose answer points
// to a response. Nothing is serialised; both sides know the shapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/base/frame.h"
#include "common/base/text.h"

namespace sspr {

// The number of the extension in this process. Nothing where the environment names none, as
// anywhere but in GDM, and in a process that runs with another's rights.
std::optional<unsigned char> GdmChoiceType() noexcept;

class GdmChoiceRequest {
 public:
  // Clean one-line texts; at most kMaxChoices labels. Each label gets its number in front, which is
  // also its key: a text that is typed into the hidden field behind the list comes back as a key.
  GdmChoiceRequest(unsigned char type, std::string_view title,
                   std::span<const std::string_view> labels) noexcept;
  GdmChoiceRequest(const GdmChoiceRequest&) = delete;
  GdmChoiceRequest& operator=(const GdmChoiceRequest&) = delete;

  // For pam_message.msg; holds as long as this.
  const char* message() const noexcept { return reinterpret_cast<const char*>(&request_); }

 private:
  // More of a label than any list shows.
  static constexpr std::size_t kLabelBytes = 128;

  struct Request {
    std::uint32_t length;  // in network order
    unsigned char type;
    const char* title;
    std::size_t count;
    struct {
      const char* key;
      const char* text;
    } items[kMaxChoices];
  };
  static_assert(offsetof(Request, type) == 4);
  static_assert(offsetof(Request, title) == 8);
  static_assert(offsetof(Request, items) == 8 + 2 * sizeof(void*));

  Request request_;
  char title_[kMaxTextBytes + 1];
  char keys_[kMaxChoices][2];
  char labels_[kMaxChoices][kLabelBytes];
};

// What pam_response.resp points to after such a request; libc's allocator holds it and its key.
struct GdmChoiceResponse {
  std::uint32_t length;  // in network order
  unsigned char type;
  char* key;  // null when nothing was chosen
};
static_assert(offsetof(GdmChoiceResponse, key) == 8);

// Null where the response is of another kind.
GdmChoiceResponse* AsGdmChoice(char* response, unsigned char type) noexcept;

}  // namespace sspr
