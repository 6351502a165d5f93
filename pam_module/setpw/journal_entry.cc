// SPDX-License-Identifier: Apache-2.0
// Sealed form: "SSPJ", version u8, state u8, 2 zero bytes, transaction 16, created-at u64, IV 12;
// sealed: uid u32, fingerprint 32, nonce 32, commitment 32, account string, hash string; tag 16.
#include "pam_module/setpw/journal_entry.h"

#include <openssl/evp.h>

#include <memory>

#include "common/base/frame.h"
#include "common/base/text.h"
#include "common/permit/permit.h"
#include "pam_module/setpw/random_bytes.h"

namespace sspr::setpw {
namespace {

constexpr std::string_view kMagic{"SSPJ\x01", 5};
constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;

using Plain = SecretBuffer<1025>;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* Unsigned(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

int IntSize(std::string_view text) { return static_cast<int>(text.size()); }

std::string BigEndian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFF));
  }
  return out;
}

std::uint64_t NumberFrom(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = (value << 8) | static_cast<unsigned char>(c);
  return value;
}

std::string HeaderOf(const JournalEntry& entry) {
  std::string header(kMagic);
  header.push_back(static_cast<char>(entry.state));
  header.append(2, '\0').append(View(entry.transaction));
  header.append(BigEndian(static_cast<std::uint64_t>(entry.created_at), 8));
  return header;
}

bool PlainOf(const JournalEntry& entry, Plain& plain) {
  const auto put_string = [&plain](std::string_view text) {
    return plain.Append(BigEndian(text.size(), 2)) && plain.Append(text);
  };
  return plain.Append(BigEndian(entry.uid, 4)) && plain.Append(View(entry.old)) &&
         plain.Append(View(entry.nonce)) && plain.Append(View(entry.commitment)) &&
         put_string(entry.account) && put_string(entry.new_hash.Reveal());
}

// Starts AES-256-GCM in either direction with everything but the text given.
bool Begin(EVP_CIPHER_CTX* context, bool seal, const JournalKey& key, std::string_view iv,
           std::string_view header, std::string_view binding) {
  int ignored = 0;
  const std::string length = BigEndian(binding.size(), 8);
  const auto authenticate = [&](std::string_view text) {
    return EVP_CipherUpdate(context, nullptr, &ignored, Unsigned(text), IntSize(text)) == 1;
  };
  return context != nullptr && key.size() == kJournalKeyBytes &&
         EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), Unsigned(key.Reveal()), Unsigned(iv),
                            seal ? 1 : 0, nullptr) == 1 &&
         authenticate(header) && authenticate(length) && authenticate(binding);
}

template <std::size_t Size>
void Into(std::string_view bytes, FixedBytes<Size>& out) {
  if (bytes.size() == Size) std::copy(bytes.begin(), bytes.end(), out.begin());
}

Result<JournalEntry> Parse(std::string_view header, const Plain& plain) {
  JournalEntry entry;
  entry.state = static_cast<EntryState>(header[kMagic.size()]);
  Into(header.substr(8, kTransactionIdBytes), entry.transaction);
  entry.created_at = static_cast<UnixSeconds>(NumberFrom(header.substr(24, 8)));
  FieldReader fields(plain.Reveal());
  entry.uid = static_cast<uid_t>(NumberFrom(fields.Bytes(4)));
  Into(fields.Bytes(entry.old.size()), entry.old);
  Into(fields.Bytes(entry.nonce.size()), entry.nonce);
  Into(fields.Bytes(entry.commitment.size()), entry.commitment);
  entry.account = std::string(fields.String());
  auto hash = CryptHash::CopyOf(fields.String());
  const bool known = entry.state == EntryState::kProposed || entry.state == EntryState::kCommitting;
  if (!known || !hash || !fields.Complete() || !IsCarriableUserName(entry.account) ||
      entry.account.size() > kMaxPermitAccountBytes) {
    return {Errc::kProtocol, "the entry's fields are malformed"};
  }
  entry.new_hash = std::move(*hash);
  return entry;
}

}  // namespace

Result<std::string> SealEntry(const JournalEntry& entry, const JournalKey& key,
                              std::string_view binding) {
  Plain plain;
  char iv[kIvBytes];
  if (!PlainOf(entry, plain)) return {Errc::kInternal, "the journal entry is too long"};
  if (!FillRandom(iv)) return {Errc::kInternal, "no random numbers"};
  const std::string header = HeaderOf(entry);
  const std::string_view iv_view(iv, sizeof iv);
  const Cipher context(EVP_CIPHER_CTX_new());
  std::string text(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(text.data());
  int size = 0;
  int rest = 0;
  if (!Begin(context.get(), true, key, iv_view, header, binding) ||
      EVP_CipherUpdate(context.get(), out, &size, Unsigned(plain.Reveal()),
                       IntSize(plain.Reveal())) != 1 ||
      EVP_CipherFinal_ex(context.get(), out + size, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) != 1) {
    return {Errc::kInternal, "AES-GCM failed"};
  }
  return header + std::string(iv_view) + text + tag;
}

Result<JournalEntry> OpenEntry(std::string_view sealed, const JournalKey& key,
                               std::string_view binding) {
  if (sealed.size() < kHeaderBytes + kIvBytes + kTagBytes || !sealed.starts_with(kMagic)) {
    return {Errc::kProtocol, "not a journal entry of this version"};
  }
  const std::string_view header = sealed.substr(0, kHeaderBytes);
  const std::string_view iv = sealed.substr(kHeaderBytes, kIvBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const std::string_view text =
      sealed.substr(kHeaderBytes + kIvBytes, sealed.size() - kHeaderBytes - kIvBytes - kTagBytes);
  Plain plain;
  if (!plain.Resize(text.size())) return {Errc::kProtocol, "the journal entry is too long"};
  const Cipher context(EVP_CIPHER_CTX_new());
  auto* const out = reinterpret_cast<unsigned char*>(plain.Bytes().data());
  int size = 0;
  int rest = 0;
  if (!Begin(context.get(), false, key, iv, header, binding) ||
      EVP_CipherUpdate(context.get(), out, &size, Unsigned(text), IntSize(text)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_CipherFinal_ex(context.get(), out + size, &rest) != 1) {
    return {Errc::kProtocol, "the journal entry was torn, changed or made elsewhere"};
  }
  return Parse(header, plain);
}

}  // namespace sspr::setpw
