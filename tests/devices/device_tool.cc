// SPDX-License-Identifier: Apache-2.0
// A device for tests: makes keys and writes proofs with the product's own code.
//   device_tool make KEYFILE p256|ed25519
//   device_tool jwk KEYFILE                      prints the JWK and the thumbprint
//   device_tool prove KEYFILE BASE METHOD PATH [NONCE] [SECONDS]   body on standard input; the
//   clock
//                                                is that many seconds fast
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <iterator>
#include <string>

#include "common/protocol/base64url.h"
#include "common/protocol/device_proof.h"

namespace {

class WrongClock final : public sspr::Clock {
 public:
  explicit WrongClock(long fast) : fast_(fast) {}
  sspr::UnixSeconds Now() const override { return std::time(nullptr) + fast_; }
  std::chrono::milliseconds Monotonic() const override { return {}; }

 private:
  const long fast_;
};

int Fail(const sspr::Error& error) {
  std::fprintf(stderr, "device_tool: %s\n", error.detail.c_str());
  return 1;
}

int Make(const std::string& path, const std::string& kind) {
  const auto key = sspr::DeviceKey::Generate(kind == "p256" ? sspr::DeviceKeyKind::kP256
                                                            : sspr::DeviceKeyKind::kEd25519);
  if (!key.ok()) return Fail(key.error());
  const sspr::Status saved = key->SaveNew(path);
  return saved.ok() ? 0 : Fail(saved.error());
}

int Prove(sspr::DeviceKey key, int argc, char** argv) {
  const WrongClock clock(argc > 7 ? std::atol(argv[7]) : 0);
  sspr::DeviceProver prover(std::move(key), argv[3], clock);
  if (argc > 6) prover.TakeNonce(argv[6]);
  const std::string body{std::istreambuf_iterator<char>(std::cin), {}};
  const auto proof = prover.Prove(argv[4], argv[5], body);
  if (!proof.ok()) return Fail(proof.error());
  std::puts(proof->c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 2 ? argv[1] : "";
  if (verb == "make" && argc == 4) return Make(argv[2], argv[3]);
  if (verb != "jwk" && (verb != "prove" || argc < 6)) return 2;
  auto key = sspr::DeviceKey::Load(argv[2]);
  if (!key.ok()) return Fail(key.error());
  if (verb == "prove") return Prove(std::move(*key), argc, argv);
  std::printf("%s\n%s\n", key->Public().jwk().c_str(),
              sspr::Base64Url(key->Public().thumbprint()).c_str());
  return 0;
}
