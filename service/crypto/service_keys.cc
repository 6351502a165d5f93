// SPDX-License-Identifier: Apache-2.0
#include "service/crypto/service_keys.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <stdexcept>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"
#include "service/crypto/secrets_key_file.h"

namespace sspr::service {
namespace {

constexpr std::size_t kIvBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* BytesOf(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string SealWith(const std::string& key, Random& random, std::string_view plain,
                     std::string_view context) {
  const std::string iv = RandomBytes(random, kIvBytes);
  std::string cipher_text(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  if (!cipher ||
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, BytesOf(std::string_view(key)),
                         BytesOf(std::string_view(iv))) != 1 ||
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, BytesOf(context),
                        static_cast<int>(context.size())) != 1 ||
      EVP_EncryptUpdate(cipher.get(), BytesOf(cipher_text), &size, BytesOf(plain),
                        static_cast<int>(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), BytesOf(cipher_text) + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) != 1) {
    throw std::runtime_error("AES-256-GCM failed");
  }
  return ToHex(iv + tag + cipher_text);
}

Result<Secret> OpenWith(const std::string& key, std::string_view digits, std::string_view context) {
  const Error bad{Errc::kInternal, "a sealed secret does not open with the secrets key"};
  const std::optional<std::string> raw = FromHex(digits);
  if (!raw || raw->size() < kIvBytes + kTagBytes) return bad;
  const std::string_view iv = std::string_view(*raw).substr(0, kIvBytes);
  std::string tag = raw->substr(kIvBytes, kTagBytes);
  const std::string_view cipher_text = std::string_view(*raw).substr(kIvBytes + kTagBytes);
  Secret plain;
  if (!plain.Resize(cipher_text.size())) return bad;
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int size = 0;
  auto* out = reinterpret_cast<unsigned char*>(plain.Bytes().data());
  if (!cipher ||
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, BytesOf(std::string_view(key)),
                         BytesOf(iv)) != 1 ||
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, BytesOf(context),
                        static_cast<int>(context.size())) != 1 ||
      EVP_DecryptUpdate(cipher.get(), out, &size, BytesOf(cipher_text),
                        static_cast<int>(cipher_text.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1 ||
      EVP_DecryptFinal_ex(cipher.get(), out + size, &size) != 1) {
    return bad;
  }
  return plain;
}

// The key's number and the hexadecimal digits of "k2:8f…", or of "8f…".
std::pair<int, std::string_view> PartsOf(std::string_view sealed) {
  if (!sealed.starts_with('k')) return {sealed.empty() ? 0 : 1, sealed};
  const std::size_t colon = sealed.find(':');
  if (colon == std::string_view::npos || colon < 2 || colon > 6) return {0, {}};
  int id = 0;
  for (const char c : sealed.substr(1, colon - 1)) {
    if (c < '0' || c > '9') return {0, {}};
    id = id * 10 + (c - '0');
  }
  return {id, sealed.substr(colon + 1)};
}

}  // namespace

struct ServiceKeys::State {
  std::string path;
  std::mutex mutex;
  struct stat seen {};  // of the file that keys are from
  SecretsKeyFile keys;
  std::string code_key;
  std::string name_key;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (std::string* key : {&code_key, &name_key}) Wipe(key->data(), key->size());
  }

  Status Read() {
    struct stat now {};
    (void)stat(path.c_str(), &now);
    Result<SecretsKeyFile> read = SecretsKeyFile::Load(path);
    if (!read.ok()) return read.error();
    keys = std::move(*read);
    seen = now;
    return Ok();
  }
  // Somebody may have rotated meanwhile. A file that cannot be read changes nothing.
  void Refresh() {
    struct stat now {};
    if (stat(path.c_str(), &now) != 0) return;
    const bool same = now.st_ino == seen.st_ino && now.st_size == seen.st_size &&
                      now.st_mtim.tv_sec == seen.st_mtim.tv_sec &&
                      now.st_mtim.tv_nsec == seen.st_mtim.tv_nsec;
    if (!same) (void)Read();
  }
  std::string SealKey(int id) const {
    for (const SecretsKeyFile::SealKey& key : keys.seal_keys()) {
      if (key.id == id) return DeriveKey(key.master, "sspr seal v1");
    }
    return {};
  }
};

Result<ServiceKeys> ServiceKeys::Load(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  if (Status read = state->Read(); !read.ok()) return read.error();
  state->code_key = DeriveKey(state->keys.digest_master(), "sspr code v1");
  state->name_key = DeriveKey(state->keys.digest_master(), "sspr name v1");
  return ServiceKeys(std::move(state));
}

Status ServiceKeys::Create(const std::string& path, Random& random) {
  return SecretsKeyFile::Create(path, random);
}

ServiceKeys::ServiceKeys(std::unique_ptr<State> state) : state_(std::move(state)) {}
ServiceKeys::ServiceKeys(ServiceKeys&&) noexcept = default;
ServiceKeys& ServiceKeys::operator=(ServiceKeys&&) noexcept = default;
ServiceKeys::~ServiceKeys() = default;

int ServiceKeys::KeyOf(std::string_view sealed) { return PartsOf(sealed).first; }

std::string ServiceKeys::MarkOf(int id) {
  return id == 1 ? std::string() : "k" + std::to_string(id) + ":%";
}

std::vector<SealKeyState> ServiceKeys::SealKeys() const {
  const std::lock_guard lock(state_->mutex);
  state_->Refresh();
  std::vector<SealKeyState> all;
  for (const SecretsKeyFile::SealKey& key : state_->keys.seal_keys()) {
    all.push_back({.id = key.id, .is_active = key.is_active});
  }
  return all;
}

int ServiceKeys::ActiveSealKey() const {
  const std::lock_guard lock(state_->mutex);
  state_->Refresh();
  return state_->keys.ActiveId();
}

std::string ServiceKeys::Seal(Random& random, std::string_view plain,
                              std::string_view context) const {
  std::string key;
  int id = 0;
  {
    const std::lock_guard lock(state_->mutex);
    state_->Refresh();
    id = state_->keys.ActiveId();
    key = state_->SealKey(id);
  }
  std::string sealed = SealWith(key, random, plain, context);
  Wipe(key.data(), key.size());
  return id == 1 ? sealed : "k" + std::to_string(id) + ":" + sealed;
}

Result<Secret> ServiceKeys::Open(std::string_view sealed, std::string_view context) const {
  const auto [id, digits] = PartsOf(sealed);
  std::string key;
  {
    const std::lock_guard lock(state_->mutex);
    key = state_->SealKey(id);
    if (key.empty() && id > 0) {
      state_->Refresh();
      key = state_->SealKey(id);
    }
  }
  if (key.empty()) {
    return Error{Errc::kInternal, "a sealed secret names key " + std::to_string(id) +
                                      ", which the secrets key file lacks"};
  }
  Result<Secret> opened = OpenWith(key, digits, context);
  Wipe(key.data(), key.size());
  return opened;
}

std::string ServiceKeys::CodeDigest(std::string_view text) const {
  return HmacSha256(state_->code_key, text);
}

std::string ServiceKeys::NameDigest(std::string_view text) const {
  return HmacSha256(state_->name_key, text);
}

Result<int> ServiceKeys::AddSealKey(Random& random, bool active) {
  const std::lock_guard lock(state_->mutex);
  int id = 0;
  const Status changed = SecretsKeyFile::Change(state_->path, [&](SecretsKeyFile& keys) -> Status {
    if (!keys.seal_keys().back().is_active) {
      return Error{Errc::kDenied, "key " + std::to_string(keys.seal_keys().back().id) +
                                      " is prepared already: put it into use first"};
    }
    id = keys.Add(random, active);
    return Ok();
  });
  if (!changed.ok()) return changed.error();
  if (Status read = state_->Read(); !read.ok()) return read.error();
  return id;
}

Status ServiceKeys::ActivateSealKey(int id) {
  const std::lock_guard lock(state_->mutex);
  const Status changed = SecretsKeyFile::Change(
      state_->path, [id](SecretsKeyFile& keys) { return keys.Activate(id); });
  return changed.ok() ? state_->Read() : changed;
}

Status ServiceKeys::ForgetOldSealKeys() {
  const std::lock_guard lock(state_->mutex);
  const Status changed = SecretsKeyFile::Change(state_->path, [](SecretsKeyFile& keys) {
    keys.ForgetOld();
    return Ok();
  });
  return changed.ok() ? state_->Read() : changed;
}

}  // namespace sspr::service
