// SPDX-License-Identifier: Apache-2.0
#include "common/machine/permit_chain.h"

#include <algorithm>
#include <span>

#include "common/permit/key_succession.h"

namespace sspr {
namespace {

PublicKeyBytes BytesOf(const ListedPermitKey& key) {
  PublicKeyBytes bytes;
  std::copy(key.public_key.begin(), key.public_key.end(), bytes.begin());
  return bytes;
}

// The statements of these keys, each signed by the one before it.
Result<std::string> Statements(PublicKeyBytes before, std::span<const ListedPermitKey> keys) {
  std::string all;
  for (const ListedPermitKey& key : keys) {
    const Result<KeySuccession> statement = VerifySuccession(VerifyingKey(before), key.succession);
    if (!statement.ok()) return statement.error();
    if (statement->new_key != BytesOf(key)) {
      return {Errc::kProtocol, "a statement of succession is about another key"};
    }
    all += key.succession;
    before = BytesOf(key);
  }
  return all;
}

// All keys of the chain, in order.
std::vector<PublicKeyBytes> KeysOf(const PermitChain& chain) {
  std::vector<PublicKeyBytes> keys{chain.first};
  for (std::size_t at = 0; at + kSuccessionBytes <= chain.successions.size();
       at += kSuccessionBytes) {
    const auto statement =
        VerifySuccession(VerifyingKey(keys.back()),
                         std::string_view(chain.successions).substr(at, kSuccessionBytes));
    if (!statement.ok()) break;
    keys.push_back(statement->new_key);
  }
  return keys;
}

}  // namespace

Result<PermitChain> TrustList(const std::vector<ListedPermitKey>& list) {
  if (list.empty()) return {Errc::kProtocol, "the service lists no key of permits"};
  PermitChain chain{.first = BytesOf(list.front()), .successions = {}};
  Result<std::string> statements = Statements(chain.first, std::span(list).subspan(1));
  if (!statements.ok()) return {Errc::kProtocol, statements.error().detail};
  chain.successions = std::move(*statements);
  return chain;
}

Result<PermitChain> ExtendChain(const PermitChain& installed,
                                const std::vector<ListedPermitKey>& list) {
  const std::vector<PublicKeyBytes> trusted = KeysOf(installed);
  // How many of the list's keys, from its beginning, we have come to.
  std::size_t known = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (std::ranges::find(trusted, BytesOf(list[i])) != trusted.end()) known = i + 1;
  }
  const PublicKeyBytes before = known > 0 ? BytesOf(list[known - 1]) : trusted.back();
  const Result<std::string> more = Statements(before, std::span(list).subspan(known));
  if (!more.ok() || list.empty()) {
    return {Errc::kDenied, "the service signs with a key that this machine does not trust"};
  }
  return PermitChain{.first = installed.first, .successions = installed.successions + *more};
}

Result<PermitChain> ChainOf(const PublicKeyBytes& first, std::string_view successions) {
  if (const auto keys = FollowSuccessions(VerifyingKey(first), successions); !keys.ok()) {
    return keys.error();
  }
  return PermitChain{.first = first, .successions = std::string(successions)};
}

}  // namespace sspr
