// SPDX-License-Identifier: Apache-2.0
// FlowStore in memory, held to the same contract as the real one (tests/contract_store). One lock
// makes each call a transaction. FailNext makes calls fail as a broken database does.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/store/flow_store.h"
#include "service/store/sign_in_lock.h"
#include "service/store/sliding_window.h"

namespace sspr::service {

class MemoryStore final : public FlowStore {
 public:
  // After `calls` more calls, `times` calls fail.
  void FailNext(int times, int calls = 0) {
    const std::lock_guard lock(mutex_);
    calls_before_failure_ = calls;
    failures_ = times;
  }

  // Takes nothing back when work throws; each call of it is a step of its own.
  void Atomically(const std::function<void()>& work) override { work(); }

  bool InsertUser(const UserRecord& user) override {
    const auto lock = Enter();
    if (FindUserLocked(user.username) != nullptr) return false;
    users_.push_back(user);
    return true;
  }
  std::optional<UserRecord> FindUser(std::string_view username) override {
    const auto lock = Enter();
    const UserRecord* const user = FindUserLocked(username);
    return user != nullptr ? std::optional(*user) : std::nullopt;
  }
  std::optional<UserRecord> GetUser(std::string_view id) override {
    const auto lock = Enter();
    const UserRecord* const user = UserById(id);
    return user != nullptr ? std::optional(*user) : std::nullopt;
  }
  std::vector<UserRecord> ListUsers() override {
    const auto lock = Enter();
    std::vector<UserRecord> users = users_;
    std::sort(users.begin(), users.end(),
              [](const auto& a, const auto& b) { return a.username < b.username; });
    return users;
  }
  std::vector<UserRecord> ListMembers(const std::vector<std::string>& groups) override {
    std::vector<UserRecord> members = ListUsers();
    std::erase_if(members, [&](const UserRecord& user) {
      return std::none_of(groups.begin(), groups.end(), [&](const std::string& group) {
        return std::find(user.groups.begin(), user.groups.end(), group) != user.groups.end();
      });
    });
    return members;
  }
  bool UpdateProfile(const UserRecord& user) override {
    const auto lock = Enter();
    UserRecord* const kept = UserById(user.id);
    if (kept == nullptr) return false;
    kept->display_name = user.display_name;
    kept->local_account = user.local_account;
    kept->language = user.language;
    kept->enabled = user.enabled;
    kept->groups = user.groups;
    kept->methods_confirmed_at = user.methods_confirmed_at;
    return true;
  }
  void NoteMethodsConfirmed(std::string_view user_id, UnixSeconds now) override {
    const auto lock = Enter();
    if (UserRecord* const user = UserById(user_id)) user->methods_confirmed_at = now;
  }
  bool DeleteUser(std::string_view id) override {
    const auto lock = Enter();
    std::erase_if(methods_, [&](const MethodRecord& method) { return method.user_id == id; });
    return std::erase_if(users_, [&](const UserRecord& user) { return user.id == id; }) == 1;
  }
  bool SetPasswordHash(std::string_view id, std::string_view hash, UnixSeconds now,
                       int keep = 0) override {
    const auto lock = Enter();
    return SetHashLocked(id, hash, now, keep);
  }
  std::vector<std::string> PasswordHistory(std::string_view id) override {
    const auto lock = Enter();
    return histories_[std::string(id)];
  }
  std::vector<std::string> BannedTerms() override {
    const auto lock = Enter();
    return {banned_terms_.begin(), banned_terms_.end()};
  }
  void ChangeBannedTerms(const std::vector<std::string>& add,
                         const std::vector<std::string>& remove) override {
    const auto lock = Enter();
    for (const std::string& term : remove) banned_terms_.erase(term);
    banned_terms_.insert(add.begin(), add.end());
  }

  void InsertMethod(const MethodRecord& method) override {
    const auto lock = Enter();
    if (UserById(method.user_id) == nullptr) throw StoreFailure("no such user");
    methods_.push_back(method);
  }
  std::vector<MethodRecord> ListMethods(std::string_view user_id) override {
    const auto lock = Enter();
    std::vector<MethodRecord> found;
    for (const MethodRecord& method : methods_) {
      if (method.user_id == user_id) found.push_back(method);
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      return std::pair(a.added_at, a.id) < std::pair(b.added_at, b.id);
    });
    return found;
  }
  bool DeleteMethod(std::string_view user_id, std::string_view method_id) override {
    const auto lock = Enter();
    return std::erase_if(methods_, [&](const MethodRecord& method) {
             return method.user_id == user_id && method.id == method_id;
           }) == 1;
  }
  void ReplaceMethods(std::string_view user_id, MethodKind kind,
                      const std::vector<MethodRecord>& methods) override {
    const auto lock = Enter();
    if (UserById(user_id) == nullptr) throw StoreFailure("no such user");
    std::erase_if(methods_, [&](const MethodRecord& method) {
      return method.user_id == user_id && method.kind == kind;
    });
    methods_.insert(methods_.end(), methods.begin(), methods.end());
  }
  bool PreferMethod(std::string_view user_id, std::string_view method_id) override {
    const auto lock = Enter();
    const auto is_it = [&](const MethodRecord& method) {
      return method.user_id == user_id && method.id == method_id;
    };
    if (std::ranges::none_of(methods_, is_it)) return false;
    for (MethodRecord& method : methods_) {
      if (method.user_id == user_id) method.preferred = method.id == method_id;
    }
    return true;
  }
  bool AcceptStep(std::string_view method_id, std::int64_t step) override {
    const auto lock = Enter();
    for (MethodRecord& method : methods_) {
      if (method.id != method_id || method.last_step >= step) continue;
      method.last_step = step;
      return true;
    }
    return false;
  }
  void AddDomainHint(std::string_view hint) override {
    const auto lock = Enter();
    domain_hints_.emplace(hint);
  }
  std::vector<std::string> DomainHints() override {
    const auto lock = Enter();
    return {domain_hints_.begin(), domain_hints_.end()};
  }

  void PutClient(const ClientRecord& client) override {
    const auto lock = Enter();
    clients_[client.client_id] = client;
  }
  std::optional<ClientRecord> FindClient(std::string_view client_id) override {
    const auto lock = Enter();
    const auto found = clients_.find(std::string(client_id));
    return found == clients_.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<ClientRecord> ListClients() override {
    const auto lock = Enter();
    std::vector<ClientRecord> clients;
    for (const auto& [id, client] : clients_) clients.push_back(client);
    return clients;
  }
  bool DeleteClient(std::string_view client_id) override {
    const auto lock = Enter();
    return clients_.erase(std::string(client_id)) == 1;
  }
  void PutSetting(std::string_view name, std::string_view value) override {
    const auto lock = Enter();
    settings_[std::string(name)] = value;
  }
  std::vector<std::pair<std::string, std::string>> ListSettings() override {
    const auto lock = Enter();
    return {settings_.begin(), settings_.end()};
  }
  std::int64_t ChangePolicy(std::string_view name, std::string_view value,
                            UnixSeconds now) override {
    const auto lock = Enter();
    std::string& kept = settings_[std::string(name)];
    changes_of_policy_.insert(changes_of_policy_.begin(),
                              {.version = std::int64_t(changes_of_policy_.size()) + 1,
                               .at = now,
                               .name = std::string(name),
                               .old_value = kept,
                               .new_value = std::string(value)});
    kept = value;
    return changes_of_policy_.front().version;
  }
  std::vector<PolicyChangeRecord> PolicyHistory() override {
    const auto lock = Enter();
    return changes_of_policy_;
  }

  void InsertFlow(const FlowRecord& flow, const TokenRecord& token) override {
    const auto lock = Enter();
    flows_[flow.id] = flow;
    tokens_[token.digest] = token;
  }
  std::optional<std::pair<TokenRecord, FlowRecord>> FindByToken(std::string_view digest) override {
    const auto lock = Enter();
    const auto token = tokens_.find(std::string(digest));
    if (token == tokens_.end()) return std::nullopt;
    return std::pair(token->second, flows_.at(token->second.flow_id));
  }
  std::optional<FlowRecord> FindResumable(std::string_view resume_digest, std::string_view subject,
                                          std::string_view client_id) override {
    const auto lock = Enter();
    std::optional<FlowRecord> newest;
    for (const auto& [id, flow] : flows_) {
      const bool open = flow.state == FlowState::kProving || flow.state == FlowState::kProved;
      if (!open || flow.resume_digest != resume_digest || flow.subject != subject ||
          flow.client_id != client_id) {
        continue;
      }
      if (!newest || flow.created_at > newest->created_at) newest = flow;
    }
    return newest;
  }
  std::optional<FlowRecord> FindByTransaction(std::string_view transaction_id) override {
    const auto lock = Enter();
    for (const auto& [id, flow] : flows_) {
      if (flow.transaction_id == transaction_id) return flow;
    }
    return std::nullopt;
  }
  bool ChangeFlow(const FlowRecord& flow, const std::optional<TokenRecord>& token) override {
    const auto lock = Enter();
    if (!UpdateLocked(flow)) return false;
    if (token) tokens_[token->digest] = *token;
    return true;
  }
  bool RestartFlow(const FlowRecord& flow, const TokenRecord& token) override {
    const auto lock = Enter();
    if (!UpdateLocked(flow)) return false;
    std::erase_if(tokens_, [&](const auto& entry) { return entry.second.flow_id == flow.id; });
    tokens_[token.digest] = token;
    return true;
  }
  void CloseFlows(std::string_view subject, std::string_view except_id) override {
    const auto lock = Enter();
    CloseLocked(subject, except_id);
  }

  LimitVerdict Reserve(const std::vector<LimitRule>& rules, UnixSeconds now) override {
    const auto lock = Enter();
    LimitVerdict verdict = JudgeLocked(rules, now);
    if (verdict.allowed) verdict.reservation = CountLocked(rules, now);
    return verdict;
  }
  LimitVerdict Peek(const std::vector<LimitRule>& rules, UnixSeconds now) override {
    const auto lock = Enter();
    return JudgeLocked(rules, now);
  }
  AttemptVerdict ReserveAttempt(std::string_view flow_id, std::string_view challenge_id,
                                int max_attempts, const std::vector<LimitRule>& rules,
                                UnixSeconds now) override {
    const auto lock = Enter();
    AttemptVerdict verdict;
    const LimitVerdict limits = JudgeLocked(rules, now);
    if (!limits.allowed) {
      verdict.kind = AttemptVerdict::Kind::kLimited;
      verdict.retry_after_seconds = limits.retry_after_seconds;
      return verdict;
    }
    const auto found = flows_.find(std::string(flow_id));
    if (found == flows_.end()) return verdict;
    FlowRecord& flow = found->second;
    if (!flow.challenge || flow.challenge->id != challenge_id ||
        flow.challenge->attempts >= max_attempts) {
      return verdict;
    }
    verdict.kind = AttemptVerdict::Kind::kReserved;
    verdict.reservation = CountLocked(rules, now);
    verdict.attempts = ++flow.challenge->attempts;
    ++flow.version;
    flow.last_seen = now;
    return verdict;
  }
  void Release(std::string_view reservation) override {
    const auto lock = Enter();
    for (auto& [bucket, events] : events_) {
      std::erase_if(events, [&](const Event& event) { return event.reservation == reservation; });
    }
  }
  void ClearBuckets(const std::vector<std::string>& buckets) override {
    const auto lock = Enter();
    for (const std::string& bucket : buckets) {
      if (!bucket.ends_with('*')) {
        events_.erase(bucket);
        continue;
      }
      const std::string beginning = bucket.substr(0, bucket.size() - 1);
      std::erase_if(events_, [&](const auto& e) { return e.first.starts_with(beginning); });
    }
  }
  LimitVerdict ReserveSignIn(std::string_view subject, UnixSeconds now) override {
    const auto lock = Enter();
    auto& [lock_state, changed_at] = sign_in_locks_[std::string(subject)];
    changed_at = now;
    return CountSignIn(lock_state, now);
  }
  bool IsSignInLocked(std::string_view subject, UnixSeconds now) override {
    const auto lock = Enter();
    const auto found = sign_in_locks_.find(std::string(subject));
    if (found == sign_in_locks_.end()) return false;
    SignInLock copy = found->second.first;
    return !CountSignIn(copy, now).allowed;
  }
  void ClearSignIn(std::string_view subject) override {
    const auto lock = Enter();
    sign_in_locks_.erase(std::string(subject));
  }

  BeginOutcome BeginTransaction(const FlowRecord& flow, const TokenRecord& token,
                                const TransactionRecord& transaction) override {
    const auto lock = Enter();
    if (transactions_.contains(transaction.id)) return BeginOutcome::kTransactionSpent;
    const bool another_is_under_way = std::ranges::any_of(transactions_, [&](const auto& entry) {
      const TransactionRecord& other = entry.second;
      return other.user_id == transaction.user_id && other.status == TransactionStatus::kPending &&
             other.changed_at > transaction.changed_at - 60;
    });
    if (another_is_under_way || !UpdateLocked(flow)) return BeginOutcome::kFlowChanged;
    tokens_[token.digest] = token;
    transactions_[transaction.id] = transaction;
    return BeginOutcome::kBegun;
  }
  bool FinishTransaction(std::string_view id, TransactionStatus status,
                         const std::vector<std::string>& buckets, UnixSeconds now) override {
    const auto lock = Enter();
    const auto found = transactions_.find(std::string(id));
    if (found == transactions_.end() || found->second.status != TransactionStatus::kPending) {
      return false;
    }
    found->second.status = status;
    found->second.changed_at = now;
    if (status != TransactionStatus::kSucceeded) return true;
    CloseLocked(found->second.subject, found->second.flow_id);
    sign_in_locks_.erase(found->second.subject);
    for (const std::string& bucket : buckets) events_.erase(bucket);
    return true;
  }
  bool WithdrawTransaction(const FlowRecord& flow, std::string_view id) override {
    const auto lock = Enter();
    const auto found = transactions_.find(std::string(id));
    if (found == transactions_.end() || found->second.status != TransactionStatus::kPending ||
        !UpdateLocked(flow)) {
      return false;
    }
    transactions_.erase(found);
    return true;
  }
  std::optional<TransactionRecord> FindTransaction(std::string_view id) override {
    const auto lock = Enter();
    const auto found = transactions_.find(std::string(id));
    return found == transactions_.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<TransactionRecord> ListPending() override {
    const auto lock = Enter();
    std::vector<TransactionRecord> pending;
    for (const auto& [id, record] : transactions_) {
      if (record.status == TransactionStatus::kPending) pending.push_back(record);
    }
    return pending;
  }
  void VoidTransaction(const TransactionRecord& transaction) override {
    const auto lock = Enter();
    const auto [entry, is_new] = transactions_.try_emplace(transaction.id, transaction);
    if (is_new) entry->second.status = TransactionStatus::kFailed;
  }
  bool ChangePasswordOnce(std::string_view transaction_id, std::string_view user_id,
                          std::string_view hash, UnixSeconds now, int keep = 0) override {
    const auto lock = Enter();
    if (changes_.contains(std::string(transaction_id))) return false;
    if (!SetHashLocked(user_id, hash, now, keep)) return false;
    changes_[std::string(transaction_id)] = {true, now};
    return true;
  }
  bool SettleChange(std::string_view transaction_id, UnixSeconds now) override {
    const auto lock = Enter();
    return changes_.try_emplace(std::string(transaction_id), false, now).first->second.first;
  }
  void InsertRefreshToken(const RefreshTokenRecord& token) override {
    const auto lock = Enter();
    refresh_tokens_[token.digest] = {token, false};
  }
  std::optional<RefreshTokenRecord> UseRefreshToken(std::string_view digest,
                                                    std::string_view client_id,
                                                    std::string_view next_digest, UnixSeconds now,
                                                    UnixSeconds next_expires_at) override {
    const auto lock = Enter();
    const auto found = refresh_tokens_.find(std::string(digest));
    if (found == refresh_tokens_.end() || found->second.first.client_id != client_id) return {};
    const RefreshTokenRecord token = found->second.first;
    if (found->second.second) {
      std::erase_if(refresh_tokens_,
                    [&](const auto& e) { return e.second.first.family == token.family; });
      return std::nullopt;
    }
    if (token.expires_at <= now) return std::nullopt;
    found->second.second = true;
    RefreshTokenRecord next = token;
    next.digest = next_digest;
    next.expires_at = next_expires_at;
    refresh_tokens_[next.digest] = {next, false};
    return token;
  }
  void PutRisk(const RiskRecord& risk) override {
    const auto lock = Enter();
    if (UserById(risk.user_id) != nullptr) risks_[risk.user_id] = risk;
  }
  std::optional<RiskRecord> FindRisk(std::string_view user_id) override {
    const auto lock = Enter();
    const auto found = risks_.find(std::string(user_id));
    return found == risks_.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<RiskRecord> ListRisks() override {
    const auto lock = Enter();
    std::vector<RiskRecord> risks;
    for (const auto& [id, risk] : risks_) {
      if (risk.state == RiskState::kAtRisk) risks.push_back(risk);
    }
    std::stable_sort(risks.begin(), risks.end(), [](const auto& a, const auto& b) {
      return std::pair(a.level, a.changed_at) > std::pair(b.level, b.changed_at);
    });
    return risks;
  }
  bool Prune(UnixSeconds now) override {
    const auto lock = Enter();
    std::erase_if(refresh_tokens_, [&](const auto& e) { return e.second.first.expires_at < now; });
    std::erase_if(flows_, [&](const auto& e) { return e.second.created_at < now - 7200; });
    std::erase_if(tokens_, [&](const auto& e) { return !flows_.contains(e.second.flow_id); });
    const UnixSeconds before = now - 48 * 3600;
    for (auto& [bucket, events] : events_) {
      std::erase_if(events, [&](const Event& event) { return event.at < before; });
    }
    std::erase_if(sign_in_locks_, [&](const auto& e) { return e.second.second < before; });
    std::erase_if(transactions_, [&](const auto& e) {
      return e.second.changed_at < before && e.second.status != TransactionStatus::kPending;
    });
    std::erase_if(changes_, [&](const auto& e) {
      return e.second.second < before && !transactions_.contains(e.first);
    });
    return false;
  }

 private:
  struct Event {
    std::string reservation;
    UnixSeconds at;
  };

  std::unique_lock<std::mutex> Enter() {
    std::unique_lock lock(mutex_);
    if (failures_ > 0 && calls_before_failure_-- <= 0) {
      --failures_;
      throw StoreFailure("scripted");
    }
    return lock;
  }
  UserRecord* FindUserLocked(std::string_view username) {
    for (UserRecord& user : users_) {
      if (user.username == username) return &user;
    }
    return nullptr;
  }
  UserRecord* UserById(std::string_view id) {
    for (UserRecord& user : users_) {
      if (user.id == id) return &user;
    }
    return nullptr;
  }
  bool SetHashLocked(std::string_view id, std::string_view hash, UnixSeconds now, int keep) {
    UserRecord* const user = UserById(id);
    if (user == nullptr) return false;
    auto& history = histories_[user->id];
    if (keep > 0 && !user->password_hash.empty()) {
      history.insert(history.begin(), user->password_hash);
    }
    history.resize(std::min(history.size(), static_cast<std::size_t>(keep)));
    user->password_hash = hash;
    user->password_changed_at = now;
    ++user->password_generation;
    return true;
  }
  bool UpdateLocked(const FlowRecord& flow) {
    const auto found = flows_.find(flow.id);
    if (found == flows_.end() || found->second.version != flow.version) return false;
    found->second = flow;
    ++found->second.version;
    return true;
  }
  void CloseLocked(std::string_view subject, std::string_view except_id) {
    for (auto& [id, flow] : flows_) {
      if (flow.subject != subject || id == except_id) continue;
      flow.state = FlowState::kClosed;
      flow.challenge.reset();
      ++flow.version;
    }
  }
  LimitVerdict JudgeLocked(const std::vector<LimitRule>& rules, UnixSeconds now) {
    LimitVerdict verdict;
    verdict.allowed = true;
    for (const LimitRule& rule : rules) {
      std::vector<UnixSeconds> newest;
      for (const Event& event : events_[rule.bucket]) newest.push_back(std::min(event.at, now));
      std::sort(newest.rbegin(), newest.rend());
      const int wait = SecondsUntilAllowed(rule, newest, now);
      if (wait > 0) verdict.allowed = false;
      verdict.retry_after_seconds = std::max(verdict.retry_after_seconds, wait);
    }
    return verdict;
  }
  std::string CountLocked(const std::vector<LimitRule>& rules, UnixSeconds now) {
    const std::string reservation = "r" + std::to_string(++reservations_);
    std::set<std::string> buckets;
    for (const LimitRule& rule : rules) buckets.insert(rule.bucket);
    for (const std::string& bucket : buckets) {
      for (Event& event : events_[bucket]) event.at = std::min(event.at, now);
      events_[bucket].push_back({reservation, now});
    }
    return reservation;
  }

  std::mutex mutex_;
  int failures_ = 0;
  int calls_before_failure_ = 0;
  int reservations_ = 0;
  std::vector<UserRecord> users_;
  std::vector<MethodRecord> methods_;
  std::set<std::string> domain_hints_;
  std::set<std::string> banned_terms_;
  std::map<std::string, std::vector<std::string>> histories_;
  std::map<std::string, ClientRecord> clients_;
  std::map<std::string, std::string> settings_;
  std::vector<PolicyChangeRecord> changes_of_policy_;
  std::map<std::string, FlowRecord> flows_;
  std::map<std::string, TokenRecord> tokens_;
  std::map<std::string, std::vector<Event>> events_;
  std::map<std::string, std::pair<SignInLock, UnixSeconds>> sign_in_locks_;
  std::map<std::string, TransactionRecord> transactions_;
  std::map<std::string, std::pair<bool, UnixSeconds>> changes_;
  std::map<std::string, std::pair<RefreshTokenRecord, bool>> refresh_tokens_;
  std::map<std::string, RiskRecord> risks_;
};

}  // namespace sspr::service
