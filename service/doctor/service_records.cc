// SPDX-License-Identifier: Apache-2.0
#include "service/doctor/service_records.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <array>

#include "service/directory/ldap_connection.h"

namespace sspr::service {
namespace {

constexpr int kTarget = 6;  // behind priority, weight and port

std::vector<std::string> HostsIn(const unsigned char* answer, int size) {
  std::vector<std::string> hosts;
  ns_msg message{};
  if (ns_initparse(answer, size, &message) != 0) return hosts;
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record{};
    std::array<char, NS_MAXDNAME> name{};
    if (ns_parserr(&message, ns_s_an, i, &record) != 0 || ns_rr_type(record) != ns_t_srv ||
        ns_rr_rdlen(record) <= kTarget ||
        dn_expand(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record) + kTarget,
                  name.data(), static_cast<int>(name.size())) < 0) {
      continue;
    }
    hosts.push_back(LowerCase(name.data()));
  }
  return hosts;
}

}  // namespace

Result<std::vector<std::string>> ServiceRecords(const std::string& name) {
  struct __res_state state {};
  if (res_ninit(&state) != 0) return Error{Errc::kUnreachable, "no server of names is configured"};
  state.retrans = 2;
  state.retry = 1;
  std::array<unsigned char, NS_MAXMSG> answer{};
  const int size = res_nquery(&state, name.c_str(), ns_c_in, ns_t_srv, answer.data(),
                              static_cast<int>(answer.size()));
  const int fault = state.res_h_errno;
  res_nclose(&state);
  if (size > 0) return HostsIn(answer.data(), std::min<int>(size, static_cast<int>(answer.size())));
  if (fault == HOST_NOT_FOUND || fault == NO_DATA) return std::vector<std::string>();
  return Error{Errc::kUnreachable, "no server of names answers"};
}

}  // namespace sspr::service
