// SPDX-License-Identifier: Apache-2.0
#include "service/engine/permit_key_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "common/permit/key_succession.h"
#include "common/permit/permit_keys.h"

namespace sspr::service {
namespace {

std::string NameOf(const std::string& first_file, std::uint16_t id, const char* ending) {
  std::filesystem::path path(first_file);
  return path.replace_extension("." + std::to_string(id) + ending).string();
}

Result<PermitKeyFile> Read(const std::string& file, std::uint16_t id) {
  const Result<SigningKey> key = SigningKey::Load(file);
  if (!key) return key.error();
  const Result<PublicKeyBytes> bytes = key->PublicBytes();
  if (!bytes) return bytes.error();
  return PermitKeyFile{
      .id = id, .key_file = file, .public_key = std::string(View(*bytes)), .succession = {}};
}

}  // namespace

Status WritePublicFile(const std::string& path, std::string_view bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  const bool written =
      fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
      fchmod(fd, 0644) == 0 && fsync(fd) == 0;
  const Error fault{Errc::kInternal, path + ": cannot be written: " + std::strerror(errno)};
  if (fd >= 0) close(fd);
  return written ? Ok() : fault;
}

Result<std::vector<PermitKeyFile>> ListPermitKeys(const std::string& first_file,
                                                  std::uint16_t first_id) {
  std::vector<PermitKeyFile> keys;
  Result<PermitKeyFile> first = Read(first_file, first_id);
  if (!first) return first.error();
  keys.push_back(std::move(*first));
  for (std::uint16_t id = static_cast<std::uint16_t>(first_id + 1); id > first_id; ++id) {
    // The statement comes last when a key is made: one without it was cut off, and is made again.
    const std::string statement_file = NameOf(first_file, id, ".succession");
    std::ifstream in(statement_file, std::ios::binary);
    if (!in) break;
    Result<PermitKeyFile> next = Read(NameOf(first_file, id, ".key"), id);
    if (!next) return next.error();
    next->succession = {std::istreambuf_iterator<char>(in), {}};
    const auto before = FixedBytesFrom<kPublicKeyBytes>(keys.back().public_key);
    const Result<KeySuccession> said = VerifySuccession(VerifyingKey(*before), next->succession);
    if (!said) return Error{said.error().code, statement_file + ": " + said.error().detail};
    if (said->new_id != id || View(said->new_key) != next->public_key) {
      return Error{Errc::kInternal, statement_file + ": is of another key"};
    }
    keys.push_back(std::move(*next));
  }
  return keys;
}

Result<PermitKeyFile> AddPermitSuccessor(const std::string& first_file, std::uint16_t first_id,
                                         UnixSeconds now) {
  const Result<std::vector<PermitKeyFile>> keys = ListPermitKeys(first_file, first_id);
  if (!keys) return keys.error();
  const PermitKeyFile& newest = keys->back();
  if (newest.id == 65535) return Error{Errc::kDenied, "there is no number for another key"};
  const auto id = static_cast<std::uint16_t>(newest.id + 1);
  const std::string file = NameOf(first_file, id, ".key");
  if (!std::filesystem::exists(file)) {
    const Result<SigningKey> made = SigningKey::Generate();
    if (!made) return made.error();
    if (Status saved = made->SaveNew(file); !saved) return saved.error();
  }
  const Result<SigningKey> old_key = SigningKey::Load(newest.key_file);
  const Result<SigningKey> new_key = SigningKey::Load(file);
  if (!old_key) return old_key.error();
  if (!new_key) return new_key.error();
  const Result<PublicKeyBytes> bytes = new_key->PublicBytes();
  const Result<std::string> pem = new_key->PublicPem();
  if (!bytes) return bytes.error();
  if (!pem) return pem.error();
  const auto statement = SignSuccession(
      *old_key, {.old_id = newest.id, .new_id = id, .made_at = now, .new_key = *bytes});
  if (!statement) return statement.error();
  if (Status saved = WritePublicFile(NameOf(first_file, id, ".pub"), *pem); !saved) {
    return saved.error();
  }
  if (Status saved = WritePublicFile(NameOf(first_file, id, ".succession"), View(*statement));
      !saved) {
    return saved.error();
  }
  return PermitKeyFile{.id = id,
                       .key_file = file,
                       .public_key = std::string(View(*bytes)),
                       .succession = std::string(View(*statement))};
}

}  // namespace sspr::service
