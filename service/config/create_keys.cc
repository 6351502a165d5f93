// SPDX-License-Identifier: Apache-2.0
// The keys of a service that starts for the first time.
#include <filesystem>

#include "common/permit/permit_keys.h"
#include "service/config/service_config.h"
#include "service/engine/permit_key_files.h"
#include "service/tls/key_files.h"

namespace sspr::service {
namespace {

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// The public half is not secret and is copied to machines, so it is written again each time.
Status WritePublicHalf(const SigningKey& key, const std::string& key_file) {
  const Result<std::string> pem = key.PublicPem();
  if (!pem) return pem.error();
  return WritePublicFile(std::filesystem::path(key_file).replace_extension(".pub").string(), *pem);
}

Status CreatePermitKey(const std::string& path) {
  if (path.empty()) return Ok();
  if (!Exists(path)) {
    const Result<SigningKey> made = SigningKey::Generate();
    if (!made) return made.error();
    if (Status saved = made->SaveNew(path); !saved) return saved;
  }
  const Result<SigningKey> key = SigningKey::Load(path);
  if (!key) return key.error();
  return WritePublicHalf(*key, path);
}

}  // namespace

Status CreateMissingKeys(const ServiceConfig& config) {
  Status done = Ok();
  if (!Exists(config.engine.secrets_key_file)) {
    done = CreateSecretsKey(config.engine.secrets_key_file);
  }
  if (done) done = CreatePermitKey(config.engine.permit_key_file);
  if (done && !Exists(config.token_key_file)) done = CreateP256Key(config.token_key_file);
  if (done && !Exists(config.push.key_file)) done = CreateP256Key(config.push.key_file);
  return done;
}

}  // namespace sspr::service
