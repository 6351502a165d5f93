// SPDX-License-Identifier: Apache-2.0
#include "common/permit/permit.h"

#include <limits>

#include "common/base/text.h"

namespace sspr {
namespace {

constexpr std::string_view kMagic = "SSPP";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSignedBytes = kPermitBytes - kSignatureBytes;
constexpr std::string_view kPrefix{"SSPR permit v1\0", 15};

void PutBigEndian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFF));
  }
}

// Takes fields off the front of a body whose size was checked.
class Fields {
 public:
  explicit Fields(std::string_view body) : rest_(body) {}
  std::string_view Bytes(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::uint32_t Number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const char c : Bytes(bytes)) value = (value << 8) | static_cast<unsigned char>(c);
    return value;
  }
  template <std::size_t Size>
  void Into(FixedBytes<Size>& out) {
    const std::string_view taken = Bytes(Size);
    std::copy(taken.begin(), taken.end(), out.begin());
  }

 private:
  std::string_view rest_;
};

bool HasPermittedTimes(const Permit& permit) {
  return permit.issued_at >= 0 && permit.expires_at <= std::numeric_limits<std::uint32_t>::max() &&
         permit.expires_at >= permit.issued_at &&
         permit.expires_at - permit.issued_at <= kMaxPermitLifetimeSeconds;
}

bool IsPermittedAccount(std::string_view account) {
  return account.size() <= kMaxPermitAccountBytes && IsCarriableUserName(account);
}

std::string ToBeSigned(std::string_view body) {
  std::string text(kPrefix);
  text.append(body);
  return text;
}

// The zero-padded account field, or nothing when bytes follow the first zero.
Result<std::string> AccountFrom(std::string_view field) {
  const std::string_view account = field.substr(0, field.find('\0'));
  if (field.find_first_not_of('\0', account.size()) != std::string_view::npos) {
    return {Errc::kProtocol, "permit: bytes after the account"};
  }
  if (!IsPermittedAccount(account)) return {Errc::kProtocol, "permit: account not carriable"};
  return std::string(account);
}

}  // namespace

Result<PermitBytes> SignPermitBy(const Signer& sign, const Permit& permit) {
  if (!IsPermittedAccount(permit.account)) {
    return {Errc::kInternal, "permit: account cannot be carried"};
  }
  if (!HasPermittedTimes(permit)) return {Errc::kInternal, "permit: times out of range"};
  std::string body(kMagic);
  PutBigEndian(body, kVersion, 1);
  PutBigEndian(body, static_cast<std::uint8_t>(permit.operation), 1);
  PutBigEndian(body, permit.key_id, 2);
  body.append(permit.account).append(kMaxPermitAccountBytes - permit.account.size(), '\0');
  body.append(View(permit.device_id)).append(View(permit.nonce)).append(View(permit.commitment));
  PutBigEndian(body, static_cast<std::uint64_t>(permit.issued_at), 4);
  PutBigEndian(body, static_cast<std::uint64_t>(permit.expires_at), 4);
  body.append(View(permit.transaction_id));

  const Result<Signature> signature = sign(ToBeSigned(body));
  if (!signature) return signature.error();
  body.append(View(*signature));
  const auto bytes = FixedBytesFrom<kPermitBytes>(body);
  if (!bytes) return {Errc::kInternal, "permit: wrong size"};
  return *bytes;
}

Result<Permit> VerifyPermit(const VerifyingKey& key, std::string_view bytes) {
  if (bytes.size() != kPermitBytes) return {Errc::kProtocol, "permit: wrong size"};
  const std::string_view body = bytes.substr(0, kSignedBytes);
  if (!key.Verifies(ToBeSigned(body), bytes.substr(kSignedBytes))) {
    return {Errc::kDenied, "permit: not signed by the enrolled key"};
  }
  Fields fields(body);
  if (fields.Bytes(kMagic.size()) != kMagic || fields.Number(1) != kVersion) {
    return {Errc::kProtocol, "permit: unknown format"};
  }
  Permit permit;
  const std::uint32_t operation = fields.Number(1);
  if (operation != static_cast<std::uint8_t>(PermitOperation::kReset) &&
      operation != static_cast<std::uint8_t>(PermitOperation::kUnlock)) {
    return {Errc::kProtocol, "permit: unknown operation"};
  }
  permit.operation = static_cast<PermitOperation>(operation);
  permit.key_id = static_cast<std::uint16_t>(fields.Number(2));
  Result<std::string> account = AccountFrom(fields.Bytes(kMaxPermitAccountBytes));
  if (!account) return account.error();
  permit.account = std::move(*account);
  fields.Into(permit.device_id);
  fields.Into(permit.nonce);
  fields.Into(permit.commitment);
  permit.issued_at = fields.Number(4);
  permit.expires_at = fields.Number(4);
  fields.Into(permit.transaction_id);
  if (!HasPermittedTimes(permit)) return {Errc::kProtocol, "permit: times out of range"};
  return permit;
}

}  // namespace sspr
