// SPDX-License-Identifier: Apache-2.0
// Loads a service with resets, as its clients do: a full TLS 1.3 handshake, then start, challenge,
// continue, submit and poll on one connection, with the code out of the mail. Commands on standard
// input, one JSON object for each on standard output:
//
//   resets CLIENTS COUNT FIRST   COUNT resets of the users from number FIRST on, and beside them a
//                                start of somebody else every 50 ms
//   starts COUNT FIRST           starts alone, one after the other
//   hash COUNT                   Argon2id as the built-in directory has it, by libargon2 itself
//   exops URL CA DN PASSWORD BASE COUNT FIRST   RFC 3062 alone, one after the other
//
// Users are "userN" with the address "userN@bench.example".
#include <argon2.h>
#include <openssl/crypto.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "service/directory/ldap_connection.h"
#include "tests/bench/code_sink.h"
#include "tests/bench/https_client.h"

namespace sspr::bench {
namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  return values[at];
}

std::string NameOf(int number) { return "user" + std::to_string(number); }

// New each time, and of no list.
// Without digits: the number in the person's name must not be found in it.
std::string PasswordOf(int number) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::string digits = std::to_string(now.tv_nsec) + std::to_string(number * 7919);
  for (char& digit : digits) digit = "bcdfghjkmn"[digit - '0'];
  return "Kw7-" + digits + "-vTz";
}

struct Target {
  SSL_CTX* tls = nullptr;
  int port = 0;
  std::string base;  // "/bench/resetpassword/v1.0"
};

class Load {
 public:
  Load(Target target, CodeSink& sink) : target_(std::move(target)), sink_(sink) {}

  void Resets(int clients, int count, int first) {
    next_ = first;
    end_ = first + count;
    flows_.clear();
    first_failure_.clear();
    final_polls_ = failures_ = 0;
    std::atomic<bool> over = false;
    std::vector<double> others;
    std::thread prober([&] { Probe(over, others); });
    const auto begun = Clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    const double seconds = MillisecondsSince(begun) / 1000;
    over = true;
    prober.join();
    std::printf(
        "{\"resets\": %zu, \"failures\": %d, \"final_polls\": %d, \"seconds\": %.3f, "
        "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"other_requests\": %zu, "
        "\"other_p50_ms\": %.2f, \"other_p99_ms\": %.2f, \"failure\": \"%s\"}\n",
        flows_.size(), failures_.load(), final_polls_.load(), seconds, Percentile(flows_, 0.5),
        Percentile(flows_, 0.99), others.size(), Percentile(others, 0.5), Percentile(others, 0.99),
        first_failure_.c_str());
  }

  void Starts(int count, int first) {
    HttpsClient client(target_.tls, target_.port);
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
      const auto begun = Clock::now();
      Start(client, NameOf(first + i));
      times.push_back(MillisecondsSince(begun));
    }
    std::printf("{\"starts\": %d, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n", count,
                Percentile(times, 0.5), Percentile(times, 0.99));
  }

 private:
  std::string Start(HttpsClient& client, const std::string& name) {
    return TokenOf(client.Post(target_.base + "/start",
                               "client_id=bench&challenge_type=oob%20redirect&username=" + name),
                   "start");
  }

  static std::string TokenOf(const HttpsClient::Reply& reply, const char* step) {
    std::string token = Member(reply.body, "continuation_token");
    if (reply.status != 200 || token.empty()) {
      std::string text = std::string(step) + ": " + Member(reply.body, "error_description");
      throw std::runtime_error(text);
    }
    return token;
  }

  void Reset(int number) {
    const auto begun = Clock::now();
    HttpsClient client(target_.tls, target_.port);
    const std::string name = NameOf(number);
    const std::string token = "client_id=bench&continuation_token=";
    std::string step = Start(client, name);
    step = TokenOf(
        client.Post(target_.base + "/challenge", token + step + "&challenge_type=oob%20redirect"),
        "challenge");
    const auto code = sink_.Take(name + "@bench.example");
    if (!code) throw std::runtime_error("no mail came");
    step = TokenOf(
        client.Post(target_.base + "/continue", token + step + "&grant_type=oob&oob=" + *code),
        "continue");
    step = TokenOf(
        client.Post(target_.base + "/submit", token + step + "&new_password=" + PasswordOf(number)),
        "submit");
    HttpsClient::Reply polled = client.Post(target_.base + "/poll_completion", token + step);
    const bool is_final = Member(polled.body, "status") == "succeeded";
    while (Member(polled.body, "status") == "in_progress") {
      std::this_thread::sleep_for(std::chrono::seconds(1));  // as a client does
      polled = client.Post(target_.base + "/poll_completion", token + step);
    }
    if (Member(polled.body, "status") != "succeeded") throw std::runtime_error("poll: failed");
    const double taken = MillisecondsSince(begun);
    const std::lock_guard lock(mutex_);
    flows_.push_back(taken);
    final_polls_ += is_final ? 1 : 0;
  }

  void Work() {
    while (true) {
      const int number = next_++;
      if (number >= end_) return;
      try {
        Reset(number);
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        ++failures_;
        if (first_failure_.empty()) first_failure_ = error.what();
      }
    }
  }

  void Probe(const std::atomic<bool>& over, std::vector<double>& times) {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), -10);  // it measures the service, not us
    try {
      HttpsClient client(target_.tls, target_.port);
      while (!over) {
        const auto begun = Clock::now();
        Start(client, "somebody.else");
        times.push_back(MillisecondsSince(begun));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    } catch (const std::exception& error) {
      const std::lock_guard lock(mutex_);
      ++failures_;
      if (first_failure_.empty()) first_failure_ = std::string("beside: ") + error.what();
    }
  }

  const Target target_;
  CodeSink& sink_;
  std::atomic<int> next_ = 0;
  int end_ = 0;
  std::atomic<int> final_polls_ = 0;
  std::atomic<int> failures_ = 0;
  std::mutex mutex_;
  std::vector<double> flows_;
  std::string first_failure_;
};

double CpuMilliseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec) / 1e6;
}

void Hash(int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const std::string password = PasswordOf(i);
    char encoded[128];
    const double begun = CpuMilliseconds();
    if (argon2id_hash_encoded(2, 19 * 1024, 1, password.data(), password.size(), "0123456789abcdef",
                              16, 32, encoded, sizeof encoded) != ARGON2_OK) {
      throw std::runtime_error("argon2 failed");
    }
    times.push_back(CpuMilliseconds() - begun);
  }
  double sum = 0;
  for (const double time : times) sum += time;
  std::printf("{\"hashes\": %d, \"min_ms\": %.2f, \"p50_ms\": %.2f, \"mean_ms\": %.2f}\n", count,
              Percentile(times, 0), Percentile(times, 0.5), sum / count);
}

void Exops(std::istream& words) {
  service::LdapSettings settings;
  std::string password;
  int count = 0;
  int first = 0;
  words >> settings.url >> settings.ca_file >> settings.bind_dn >> password >> settings.base >>
      count >> first;
  auto opened = service::LdapConnection::Open(settings);
  if (!opened.ok()) throw std::runtime_error(opened.error().detail);
  if (!(*opened)->Bind(settings.bind_dn, *Secret::CopyOf(password)).ok()) {
    throw std::runtime_error("bind");
  }
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto begun = Clock::now();
    const std::string dn = "uid=" + NameOf(first + i) + "," + settings.base;
    const auto answer = (*opened)->SetPassword(dn, *Secret::CopyOf(PasswordOf(i)));
    if (!answer.ok()) throw std::runtime_error(answer.detail);
    times.push_back(MillisecondsSince(begun));
  }
  std::printf("{\"exops\": %d, \"p50_ms\": %.3f}\n", count, Percentile(times, 0.5));
}

int Main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: reset_load PORT CA_FILE TENANT (commands on standard input)\n");
    return 2;
  }
  CodeSink sink;
  std::printf("{\"smtp_port\": %d}\n", sink.port());
  std::fflush(stdout);
  std::string line;
  Target target{.port = std::atoi(argv[1]),
                .base = "/" + std::string(argv[3]) + "/resetpassword/v1.0"};
  const TlsContext tls = MakeTlsContext(argv[2]);
  target.tls = tls.get();
  Load load(target, sink);
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    int a = 0;
    int b = 0;
    int c = 0;
    if (verb == "resets" && words >> a >> b >> c) {
      load.Resets(a, b, c);
    } else if (verb == "starts" && words >> a >> b) {
      load.Starts(a, b);
    } else if (verb == "hash" && words >> a) {
      Hash(a);
    } else if (verb == "exops") {
      Exops(words);
    } else if (verb == "mails") {
      std::printf("{\"mails\": %d}\n", sink.mails());
    } else {
      std::printf("{\"error\": \"not understood\"}\n");
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace sspr::bench

int main(int argc, char** argv) {
  try {
    const int code = sspr::bench::Main(argc, argv);
    std::fflush(stdout);
    _exit(code);  // the sink's connections have threads that wait
  } catch (const std::exception& error) {
    std::fprintf(stderr, "reset_load: %s\n", error.what());
    return 1;
  }
}
