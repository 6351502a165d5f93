// SPDX-License-Identifier: Apache-2.0
// trust_ca FILE: adds a certificate (DER) to the machine's trusted authorities, as an administrator
// does. A program of its own, as Wine looks at the store once per process.
#include <windows.h>
// After windows.h.
#include <wincrypt.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  const HCERTSTORE store =
      CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, L"ROOT");
  const PCCERT_CONTEXT certificate =
      CertCreateCertificateContext(X509_ASN_ENCODING, reinterpret_cast<const BYTE*>(bytes.data()),
                                   static_cast<DWORD>(bytes.size()));
  const bool added = store != nullptr && certificate != nullptr &&
                     CertAddCertificateContextToStore(store, certificate,
                                                      CERT_STORE_ADD_REPLACE_EXISTING, nullptr);
  if (store != nullptr) CertCloseStore(store, 0);
  if (!added) std::printf("not added: error %lu\n", GetLastError());
  return added ? 0 : 1;
}
