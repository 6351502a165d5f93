// SPDX-License-Identifier: Apache-2.0
#include "service/webauthn/passkey.h"

#include <arpa/inet.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include <array>
#include <memory>

#include "common/protocol/base64url.h"
#include "common/protocol/json_fields.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr std::size_t kMostClientData = 4096;
constexpr std::size_t kMostAuthenticatorData = 2048;
constexpr std::size_t kMostCredentialId = 1023;  // the specification's limit
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kShortestAuthenticatorData = 37;
constexpr unsigned char kUserPresent = 0x01;
constexpr unsigned char kUserVerified = 0x04;

Error Denied(const char* why) { return {Errc::kDenied, why}; }

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

struct FreeCred {
  void operator()(fido_cred_t* cred) const { fido_cred_free(&cred); }
};
struct FreeAssert {
  void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
};

// libfido2 takes the data without the CBOR head that a wire would have.
Status CheckClientData(const PasskeySite& site, std::string_view challenge_digest,
                       std::string_view client_data, std::string_view type) {
  if (client_data.size() > kMostClientData) return Denied("the client data is too long");
  const Result<Json::Value> root = ParseStrictJson(client_data);
  if (!root.ok()) return Denied("the client data is not JSON");
  JsonFields fields(*root);
  const std::string its_type = fields.String("type", 64);
  const std::string challenge = fields.String("challenge", 128);
  const std::string origin = fields.String("origin", 512);
  const bool cross = fields.SwitchOr("crossOrigin", false);
  if (!fields.sound()) return Denied("the client data lacks members");
  std::array<unsigned char, kPasskeyChallengeBytes> raw{};
  if (its_type != type) return Denied("the client data is of another ceremony");
  if (!FromBase64Url(challenge, raw) ||
      !SameBytes(Sha256(Text(raw.data(), raw.size())), challenge_digest)) {
    return Denied("the challenge is another");
  }
  if (origin != site.origin || cross) return Denied("it was made on another page");
  return Ok();
}

// The fixed head: SHA-256 of the relying party, flags, counter.
Status CheckHead(const PasskeySite& site, std::string_view authenticator_data) {
  if (authenticator_data.size() < kShortestAuthenticatorData ||
      authenticator_data.size() > kMostAuthenticatorData) {
    return Denied("the authenticator's data is of no possible size");
  }
  if (!SameBytes(authenticator_data.substr(0, kDigestBytes), Sha256(site.host))) {
    return Denied("it was made for another relying party");
  }
  const auto flags = static_cast<unsigned char>(authenticator_data[kDigestBytes]);
  if ((flags & kUserPresent) == 0 || (flags & kUserVerified) == 0) {
    return Denied("the person was not verified");
  }
  return Ok();
}

std::uint32_t CounterIn(std::string_view authenticator_data) {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    count = (count << 8) | static_cast<unsigned char>(authenticator_data[kDigestBytes + 1 + i]);
  }
  return count;
}

int Verify(const fido_assert_t* assertion, const PasskeyPublic& passkey) {
  const void* const raw = passkey.key.data();
  const std::size_t size = passkey.key.size();
  switch (passkey.algorithm) {
    case PasskeyAlgorithm::kEs256: {
      const std::unique_ptr<es256_pk_t, void (*)(es256_pk_t*)> key(
          es256_pk_new(), [](es256_pk_t* one) { es256_pk_free(&one); });
      if (key == nullptr || es256_pk_from_ptr(key.get(), raw, size) != FIDO_OK) break;
      return fido_assert_verify(assertion, 0, COSE_ES256, key.get());
    }
    case PasskeyAlgorithm::kEdDsa: {
      const std::unique_ptr<eddsa_pk_t, void (*)(eddsa_pk_t*)> key(
          eddsa_pk_new(), [](eddsa_pk_t* one) { eddsa_pk_free(&one); });
      if (key == nullptr || eddsa_pk_from_ptr(key.get(), raw, size) != FIDO_OK) break;
      return fido_assert_verify(assertion, 0, COSE_EDDSA, key.get());
    }
    case PasskeyAlgorithm::kRs256: {
      const std::unique_ptr<rs256_pk_t, void (*)(rs256_pk_t*)> key(
          rs256_pk_new(), [](rs256_pk_t* one) { rs256_pk_free(&one); });
      if (key == nullptr || rs256_pk_from_ptr(key.get(), raw, size) != FIDO_OK) break;
      return fido_assert_verify(assertion, 0, COSE_RS256, key.get());
    }
  }
  return FIDO_ERR_INVALID_ARGUMENT;
}

}  // namespace

std::optional<PasskeySite> PasskeySiteOf(std::string_view public_url) {
  constexpr std::string_view kScheme = "https://";
  if (!public_url.starts_with(kScheme)) return std::nullopt;
  const std::string_view authority =
      public_url.substr(kScheme.size(), public_url.find('/', kScheme.size()) - kScheme.size());
  if (authority.starts_with('[')) return std::nullopt;
  const std::string host(authority.substr(0, authority.find(':')));
  in_addr numeric{};
  if (host.empty() || inet_pton(AF_INET, host.c_str(), &numeric) == 1) return std::nullopt;
  // A browser leaves the usual port out.
  std::string_view shown = authority;
  if (shown.ends_with(":443")) shown.remove_suffix(4);
  return PasskeySite{.host = host, .origin = std::string(kScheme).append(shown)};
}

Result<PasskeyPublic> ReadNewPasskey(const PasskeySite& site, std::string_view challenge_digest,
                                     std::string_view client_data,
                                     std::string_view authenticator_data) {
  if (Status good = CheckClientData(site, challenge_digest, client_data, "webauthn.create");
      !good.ok()) {
    return good.error();
  }
  if (Status good = CheckHead(site, authenticator_data); !good.ok()) return good.error();
  for (const PasskeyAlgorithm algorithm :
       {PasskeyAlgorithm::kEs256, PasskeyAlgorithm::kEdDsa, PasskeyAlgorithm::kRs256}) {
    const std::unique_ptr<fido_cred_t, FreeCred> cred(fido_cred_new());
    // Refused when the key is of another algorithm.
    if (cred == nullptr || fido_cred_set_type(cred.get(), static_cast<int>(algorithm)) != FIDO_OK ||
        fido_cred_set_authdata_raw(cred.get(), Bytes(authenticator_data),
                                   authenticator_data.size()) != FIDO_OK) {
      continue;
    }
    PasskeyPublic made{
        .credential_id = Text(fido_cred_id_ptr(cred.get()), fido_cred_id_len(cred.get())),
        .algorithm = algorithm,
        .key = Text(fido_cred_pubkey_ptr(cred.get()), fido_cred_pubkey_len(cred.get())),
        .sign_count = fido_cred_sigcount(cred.get())};
    if (made.credential_id.empty() || made.credential_id.size() > kMostCredentialId ||
        made.key.empty()) {
      return Denied("the authenticator's data holds no key");
    }
    return made;
  }
  return Denied("the authenticator's data holds no key of a kind that is known");
}

Result<std::uint32_t> CheckPasskey(const PasskeySite& site, std::string_view challenge_digest,
                                   const PasskeyPublic& passkey, std::string_view client_data,
                                   std::string_view authenticator_data,
                                   std::string_view signature) {
  if (Status good = CheckClientData(site, challenge_digest, client_data, "webauthn.get");
      !good.ok()) {
    return good.error();
  }
  if (Status good = CheckHead(site, authenticator_data); !good.ok()) return good.error();
  const std::unique_ptr<fido_assert_t, FreeAssert> assertion(fido_assert_new());
  const std::string hash = Sha256(client_data);
  const bool is_set =
      assertion != nullptr && fido_assert_set_count(assertion.get(), 1) == FIDO_OK &&
      fido_assert_set_rp(assertion.get(), site.host.c_str()) == FIDO_OK &&
      fido_assert_set_clientdata_hash(assertion.get(), Bytes(hash), hash.size()) == FIDO_OK &&
      fido_assert_set_up(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
      fido_assert_set_uv(assertion.get(), FIDO_OPT_TRUE) == FIDO_OK &&
      fido_assert_set_authdata_raw(assertion.get(), 0, Bytes(authenticator_data),
                                   authenticator_data.size()) == FIDO_OK &&
      fido_assert_set_sig(assertion.get(), 0, Bytes(signature), signature.size()) == FIDO_OK;
  if (!is_set) return Denied("the assertion cannot be read");
  if (Verify(assertion.get(), passkey) != FIDO_OK) return Denied("the signature is not right");
  const std::uint32_t count = CounterIn(authenticator_data);
  const bool counts = count != 0 || passkey.sign_count != 0;
  if (counts && count <= passkey.sign_count) return Denied("the counter has not grown");
  return count;
}

}  // namespace sspr::service
