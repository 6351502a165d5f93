// SPDX-License-Identifier: Apache-2.0
// Fills the folder of the demo.
#include "service/demo/demo_service.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "service/tls/key_files.h"

namespace sspr::service {
namespace {

constexpr long kRenewSeconds = 24L * 3600;

std::string In(const DemoOptions& options, const char* name) { return options.folder + "/" + name; }

// True when the certificate is there and good for another day.
bool IsFresh(const std::string& certificate_file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(certificate_file.c_str(), "re"), &std::fclose);
  if (file == nullptr) return false;
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_X509(file.get(), nullptr, nullptr, nullptr), &X509_free);
  std::time_t soon = std::time(nullptr) + kRenewSeconds;
  return certificate != nullptr && X509_cmp_time(X509_get0_notAfter(certificate.get()), &soon) > 0;
}

Status RenewCertificate(const DemoOptions& options) {
  const CertificateFiles files{In(options, "ca.pem"), In(options, "server.pem"),
                               In(options, "server.key")};
  std::error_code ignored;
  if (IsFresh(files.certificate) && std::filesystem::exists(files.key, ignored) &&
      std::filesystem::exists(files.authority, ignored)) {
    return Ok();
  }
  for (const std::string& path : {files.authority, files.certificate, files.key}) {
    std::filesystem::remove(path, ignored);
  }
  return CreateLoopbackCertificate(files);
}

// Five groups of four out of 32 characters that look unlike each other: 100 bits.
Result<Secret> RandomPassword() {
  static constexpr char kLetters[] = "abcdefghijkmnpqrstuvwxyz23456789";
  std::array<unsigned char, 20> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return Error{Errc::kInternal, "no random bytes"};
  }
  Secret password;
  for (std::size_t i = 0; i < random.size(); ++i) {
    const char letter = kLetters[random[i] % 32];
    if ((i > 0 && i % 4 == 0 && !password.Append("-")) || !password.Append({&letter, 1})) {
      return Error{Errc::kInternal, "the password does not fit"};
    }
  }
  Wipe(random.data(), random.size());
  return password;
}

// The first line of the file, or nothing when there is no such file.
Result<Secret> ReadPassword(const std::string& path, bool& found) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  found = file != nullptr;
  Secret password;
  if (!found) return password;
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  for (int c = std::fgetc(file.get()); c != EOF && c != '\n'; c = std::fgetc(file.get())) {
    const char byte = static_cast<char>(c);
    if (!password.Append({&byte, 1})) return Error{Errc::kPolicy, path + ": the line is too long"};
  }
  return password;
}

Status SetInitialPassword(const DemoOptions& options, AdminService& admin) {
  bool found = false;
  Result<Secret> password = ReadPassword(In(options, "initial-password"), found);
  if (password && !found) password = RandomPassword();
  if (!password) return password.error();
  if (Status set = admin.SetPassword(kDemoUser, *password); !set) return set;
  if (!found) {
    const std::string_view shown = password->Reveal();
    std::printf("Password of %s: %.*s\n", kDemoUser, static_cast<int>(shown.size()), shown.data());
  }
  return Ok();
}

Status AddMethods(AdminService& admin) {
  if (const auto email = admin.AddEmail(kDemoUser, kDemoUser); !email) return email.error();
  const auto authenticator = admin.AddTotp(kDemoUser);
  if (!authenticator) return authenticator.error();
  const std::string_view uri = authenticator->otpauth_uri.Reveal();
  std::printf("Authenticator app of %s: %.*s\n", kDemoUser, static_cast<int>(uri.size()),
              uri.data());
  return Ok();
}

}  // namespace

Result<ServiceConfig> PrepareDemo(const DemoOptions& options) {
  std::error_code error;
  if (std::filesystem::create_directories(options.folder, error)) {
    std::filesystem::permissions(options.folder, std::filesystem::perms::owner_all, error);
  }
  if (error) return Error{Errc::kInternal, options.folder + ": " + error.message()};
  ServiceConfig config;
  config.listen = options.listen;
  UseDataFolder(options.folder, config);
  config.certificate_file = In(options, "server.pem");
  config.key_file = In(options, "server.key");
  config.engine.issuer = "SSPR Login demo";
  config.engine.connections = config.workers;
  config.mail.url = options.smtp_url;
  config.mail.from_address = "reset@example.org";
  config.mail.from_name = "SSPR Login demo";
  Status made = RenewCertificate(options);
  if (made) made = CreateMissingKeys(config);
  if (!made) return made.error();
  return config;
}

Status WriteDemoConfig(const DemoOptions& options, const ServiceConfig& config) {
  const std::string path = In(options, "sspr-service.conf");
  const bool v6 = config.listen.address.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + config.listen.address + "]" : config.listen.address;
  std::ofstream file(path, std::ios::trunc);
  file << "# Written by sspr-service --demo at each start.\n[service]\nlisten = " << host << ":"
       << config.listen.port << "\npublic_url = " << config.public_url
       << "\ncertificate_file = " << config.certificate_file << "\nkey_file = " << config.key_file
       << "\nproduct_name = " << config.engine.issuer << "\n[data]\nfolder = " << options.folder
       << "\n[mail]\nurl = " << config.mail.url << "\nfrom = " << config.mail.from_address
       << "\nfrom_name = " << config.mail.from_name << "\n";
  file.close();
  return file ? Ok() : Error{Errc::kInternal, path + ": cannot be written"};
}

Status FillDemoDirectory(const DemoOptions& options, AdminService& admin) {
  if (Status client = admin.PutClient({kDemoClient, true}); !client) return client;
  auto user = admin.ShowUser(kDemoUser);
  if (!user) {
    if (user.error().code != Errc::kDenied) return user.error();
    user = admin.AddUser({kDemoUser, "Alice Example", "alice", "en"});
    if (!user) return user.error();
  }
  if (!user->has_password) {
    if (Status set = SetInitialPassword(options, admin); !set) return set;
  }
  const auto methods = admin.ListMethods(kDemoUser);
  if (!methods) return methods.error();
  return methods->empty() ? AddMethods(admin) : Ok();
}

}  // namespace sspr::service
