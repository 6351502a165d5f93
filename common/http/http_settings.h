// SPDX-License-Identifier: Apache-2.0
// What a transport is made of, and the one symbol of libsspr_http.so. sspr-flow loads that library
// behind its first question, so that the person never waits for libcurl and the trust store.
#pragma once

#include <string>

#include "common/http/http_transport.h"

namespace sspr {

struct HttpSettings {
  std::string base_url;  // https://host[:port][/path], no trailing '/'
  std::string ca_file;   // PEM; trusted instead of the system's store. Empty: the system's store
  HttpLimits limits;
  std::string user_agent;  // printable ASCII
  // A hang-up here (the host went away) ends whatever is under way with kCancelled. Bytes that
  // arrive on it do not matter and are not read. Looked at anew by each exchange, so another file
  // may take its number between two (dup3). -1: nothing is watched.
  int watched_fd = -1;
};

// An Error of kUnreachable or kTimedOut carries in its detail what the log needs. Two beginnings
// can be relied on, for a better sentence to the person:
inline constexpr char kCertificateDetail[] = "certificate: ";  // not trusted, wrong name, ...
// Expired or not yet valid: mostly this computer's clock. Begins with kCertificateDetail too.
inline constexpr char kCertificateTimeDetail[] = "certificate: time: ";
// And of kProtocol: a redirect, mostly of a network that wants a sign-in first.
inline constexpr char kRedirectDetail[] = "redirect: ";

// extern "C" HttpTransport* sspr_http_open(const HttpSettings*), from libsspr_http.so. Copies the
// settings and connects to nothing yet. Null when libcurl cannot be initialised, has no
// memory, or the settings are unfit (a base URL that is not https with an ASCII host and nothing
// but a path).
// The caller owns the transport and deletes it (the destructor is virtual); the library must stay
// loaded. Call it from one thread: it removes variables from the environment (proxies, trust
// stores, key logs) before it initialises libcurl and OpenSSL.
//
// The system calls that it needs beyond plain sockets, files and memory: epoll, socketpair,
// getrandom, and clone(CLONE_THREAD) with what a thread needs, as names are resolved on a thread of
// libcurl's.
using HttpOpenFunction = HttpTransport*(const HttpSettings*);
inline constexpr char kHttpOpenSymbol[] = "sspr_http_open";

}  // namespace sspr
