// SPDX-License-Identifier: Apache-2.0
#include "pam_module/module/gdm_choices.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

namespace sspr {
namespace {

constexpr std::string_view kExtension = "org.gnome.DisplayManager.UserVerifier.ChoiceList";
constexpr unsigned kMostExtensions = 255;

}  // namespace

std::optional<unsigned char> GdmChoiceType() noexcept {
  const char* names = secure_getenv("GDM_SUPPORTED_PAM_EXTENSIONS");
  if (names == nullptr) return std::nullopt;
  for (unsigned number = 0; number <= kMostExtensions; ++number) {
    const std::size_t length = strcspn(names, " ");
    if (std::string_view(names, length) == kExtension) return static_cast<unsigned char>(number);
    names += length;
    if (*names == '\0') break;
    names += strspn(names, " ");
  }
  return std::nullopt;
}

GdmChoiceRequest::GdmChoiceRequest(unsigned char type, std::string_view title,
                                   std::span<const std::string_view> labels) noexcept
    : request_() {
  request_.type = type;
  title_[FilterForDisplay(title, Lines::kOne, std::span<char>(title_, sizeof title_ - 1))] = '\0';
  request_.title = title_;
  for (const std::string_view label : labels) {
    if (request_.count == kMaxChoices) break;
    const std::size_t i = request_.count++;
    char* const key = keys_[i];
    char* const text = labels_[i];
    key[0] = static_cast<char>('1' + static_cast<int>(i));
    key[1] = '\0';
    text[0] = key[0];
    text[1] = ' ';
    const std::size_t size =
        FilterForDisplay(label, Lines::kOne, std::span<char>(text + 2, kLabelBytes - 3));
    text[size + 2] = '\0';
    request_.items[i] = {key, text};
  }
  const std::size_t size = offsetof(Request, items) + request_.count * sizeof request_.items[0];
  request_.length = htobe32(static_cast<std::uint32_t>(size));
}

GdmChoiceResponse* AsGdmChoice(char* response, unsigned char type) noexcept {
  auto* const choice = static_cast<GdmChoiceResponse*>(static_cast<void*>(response));
  const bool fits = be32toh(choice->length) == sizeof *choice && choice->type == type;
  return fits ? choice : nullptr;
}

}  // namespace sspr
