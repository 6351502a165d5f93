// SPDX-License-Identifier: Apache-2.0
// The sentences of the pages, one file per language and part: lines "key = text", "#" begins a
// comment. {{name}} in a text stands for a value that the page gives. Texts count in a way that
// needs no plural ("Tries left: {{count}}").
//
// A template names a text as [[key]]; it is put in, escaped, when the program starts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "service/pages/embedded_file.h"
#include "service/pages/language.h"

namespace sspr::service {

class Catalogue {
 public:
  // From texts/CODE.txt of each set. kInternal, with a detail that names the key and the language,
  // when a text is missing, empty or there twice: all languages are complete or there is no start.
  static Result<Catalogue> Make(const std::vector<FileSet>& sets);

  // The text, or the key in brackets, which the tests look for.
  std::string Text(const Language& language, std::string_view key) const;
  bool Has(std::string_view key) const;
  // With {{name}} replaced; the template that shows it escapes it.
  std::string Text(const Language& language, std::string_view key,
                   const std::vector<std::pair<std::string_view, std::string>>& values) const;

  // A template with its [[keys]] replaced by escaped texts. kInternal: an unknown key.
  Result<std::string> Localised(const Language& language, std::string_view source) const;

  // In any order.
  std::vector<std::string> Keys() const;

 private:
  using Texts = std::map<std::string, std::string, std::less<>>;

  static Status Read(std::string_view file, std::string_view text, Texts& into);

  std::map<std::string_view, Texts> languages_;
};

std::string EscapeHtml(std::string_view text);

}  // namespace sspr::service
