// SPDX-License-Identifier: Apache-2.0
// A file that is part of the program: templates, texts, style, scripts (cmake/embed_files.cmake).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace sspr::service {

struct EmbeddedFile {
  std::string_view name;  // "templates/sign_in.mustache"
  const unsigned char* bytes;
  std::size_t size;

  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are text
  std::string_view Text() const { return {reinterpret_cast<const char*>(bytes), size}; }
};

using FileSet = std::span<const EmbeddedFile>;

// Of service/pages itself: layout, style, the texts that every part shows.
FileSet SharedPageFiles();

}  // namespace sspr::service
