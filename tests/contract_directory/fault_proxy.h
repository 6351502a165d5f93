// SPDX-License-Identifier: Apache-2.0
// A proxy before a directory server: it carries what both say, counts, and does harm when it is
// told to. It reads LDAP messages (RFC 4511, 5.1) where there is no TLS, else pieces of bytes as
// they come.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace sspr::service {

// The first byte of what is asked or answered (RFC 4511, 4).
enum class LdapOperation : unsigned char {
  kNone = 0,  // a piece of bytes
  kBind = 0x60,
  kBindDone = 0x61,
  kSearch = 0x63,
  kSearchEntry = 0x64,
  kSearchDone = 0x65,
  kModify = 0x66,
  kModifyDone = 0x67,
  kSearchReference = 0x73,
  kExtended = 0x77,
  kExtendedDone = 0x78,
};

class FaultProxy {
 public:
  enum class Unit { kMessages, kBytes };
  struct Message {
    bool from_client = true;
    int id = 0;
    LdapOperation operation = LdapOperation::kNone;
    std::string_view bytes;
    bool Names(std::string_view text) const { return bytes.find(text) != std::string_view::npos; }
  };
  // What is sent in place of a message; nothing at all: the one who waits for it may wait.
  struct Verdict {
    std::string to_client = {};
    std::string to_server = {};
    enum class Then { kGoOn, kHangUp } then = Then::kGoOn;
    enum class Pace { kAtOnce, kByteByByte, kWithoutEnd } pace = Pace::kAtOnce;  // to the client
  };
  // Nothing: the message is carried as it is. Called by one thread at a time.
  using Fault = std::function<std::optional<Verdict>(const Message&)>;

  explicit FaultProxy(int server_port, Unit unit = Unit::kBytes);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy();

  int port() const { return port_; }
  void Break(Fault fault);
  void Mend() { Break(nullptr); }

  // How often the server was asked something: each time that the client speaks after the server,
  // whatever they say.
  int exchanges() const { return exchanges_; }
  int connections() const { return connections_; }  // all that there were
  int most_connections_at_once() const { return most_open_; }

 private:
  struct Side;
  void Serve();
  void Carry(int client, int server);
  bool Pass(Side& from, Side& to);
  bool Obey(const Verdict& verdict, int client, int server);
  bool SendSlowly(int socket, const std::string& bytes);

  const int server_port_;
  const Unit unit_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  Fault fault_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> exchanges_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> open_ = 0;
  std::atomic<int> most_open_ = 0;
  std::list<std::thread> carriers_;  // of the thread that serves
  std::thread thread_;
};

// An LDAPResult with this code, in an answer of this kind; referral: a URL, or nothing.
std::string LdapResultOf(int id, LdapOperation operation, int code, std::string_view referral = {});
// Type, length and content.
std::string BerElementOf(unsigned char type, std::string_view content);
std::string LdapMessageOf(int id, std::string_view operation);

}  // namespace sspr::service
