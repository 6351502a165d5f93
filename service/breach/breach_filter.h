// SPDX-License-Identifier: Apache-2.0
// A Bloom filter of SHA-1 digests in a file: never misses a password of its list, and takes one of
// some ten thousand others for one. Built by `ssprctl breached build` from a list of digests, as
// Have I Been Pwned and others give them out; mapped into memory, so that processes share it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "service/breach/breach_check.h"

namespace sspr::service {

class BreachFilter final : public BreachCheck {
 public:
  // kInternal, with the file's name, when it cannot be read or is no such filter.
  static Result<std::unique_ptr<BreachFilter>> Open(const std::string& path);
  ~BreachFilter() override;

  Result<bool> IsBreached(const Secret& password) override;
  std::uint64_t entries() const { return entries_; }

 private:
  BreachFilter(const unsigned char* map, std::size_t size);

  const unsigned char* const map_;
  const std::size_t size_;
  std::uint64_t entries_ = 0;
  std::uint64_t bits_ = 0;
};

// Reads lines of 40 hexadecimal digits (SHA-1), whatever follows behind a colon or space, and
// writes the filter; nothing is at `to` before it is whole. progress is called now and then with
// the share that is done, 0 to 100. Gives the number of entries. Errors: kPolicy (a line is no
// digest: its number is named), kInternal (files).
Result<std::uint64_t> BuildBreachFilter(const std::string& from, const std::string& to,
                                        const std::function<void(int percent)>& progress);

}  // namespace sspr::service
