// SPDX-License-Identifier: Apache-2.0
#include "service/pages/sessions.h"

#include <json/reader.h>
#include <json/writer.h>

#include <memory>

#include "common/permit/fixed_bytes.h"
#include "service/crypto/digest.h"

namespace sspr::service {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenDigits = 2 * kTokenBytes;
constexpr UnixSeconds kForgetAfterSeconds = 24 * 3600;
// Seen is written no more often than that.
constexpr UnixSeconds kTouchSeconds = 30;

std::string DigestOf(std::string_view token) { return ToHex(Sha256(token)); }

std::string Compact(const Json::Value& state) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  return Json::writeString(builder, state);
}

}  // namespace

std::string Sessions::Begin(std::string_view subject, const Json::Value& state, bool proved) {
  std::string token = ToHex(RandomBytes(random_, kTokenBytes));
  const UnixSeconds now = clock_.Now();
  SessionRecord record{.digest = DigestOf(token),
                       .purpose = rules_.purpose,
                       .subject = std::string(subject),
                       .created_at = now,
                       .last_seen = now,
                       .proved_at = proved ? now : 0,
                       .state = Compact(state)};
  if (rules_.generation_of) {
    const auto generation = rules_.generation_of(record.subject);
    if (!generation) return {};
    record.generation = *generation;
  }
  table_.Insert(record, now - kForgetAfterSeconds);
  return token;
}

std::optional<PageSession> Sessions::Open(std::string_view token) {
  if (token.size() != kTokenDigits) return std::nullopt;
  auto found = table_.Find(DigestOf(token));
  if (!found || found->purpose != rules_.purpose) return std::nullopt;
  const UnixSeconds now = clock_.Now();
  const UnixSeconds age = now - found->created_at;
  const UnixSeconds idle = now - found->last_seen;
  // A clock that went back further than the longest pause tells us nothing any more.
  bool alive = age <= rules_.absolute_seconds && idle <= rules_.idle_seconds &&
               age >= -rules_.idle_seconds && idle >= -rules_.idle_seconds;
  if (alive && rules_.generation_of) {
    const auto generation = rules_.generation_of(found->subject);
    alive = generation && *generation == found->generation;
  }
  if (!alive) {
    table_.Delete(found->digest);
    return std::nullopt;
  }
  if (idle >= kTouchSeconds) {
    table_.Touch(found->digest, now);
    found->last_seen = now;
  }
  PageSession session{.record = std::move(*found)};
  const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
  const std::string& text = session.record.state;
  if (!reader->parse(text.data(), text.data() + text.size(), &session.state, nullptr) ||
      !session.state.isObject()) {
    session.state = Json::Value(Json::objectValue);
  }
  return session;
}

bool Sessions::Save(PageSession& session) {
  session.record.state = Compact(session.state);
  session.record.last_seen = clock_.Now();
  if (!table_.Replace(session.record.digest, session.record)) return false;
  ++session.record.version;
  return true;
}

std::string Sessions::Renew(PageSession& session, bool proved) {
  std::string token = ToHex(RandomBytes(random_, kTokenBytes));
  const std::string old_digest = session.record.digest;
  session.record.digest = DigestOf(token);
  session.record.state = Compact(session.state);
  session.record.last_seen = clock_.Now();
  if (proved) session.record.proved_at = session.record.last_seen;
  if (!table_.Replace(old_digest, session.record)) return {};
  ++session.record.version;
  return token;
}

void Sessions::End(std::string_view token) {
  if (token.size() == kTokenDigits) table_.Delete(DigestOf(token));
}

void Sessions::EndOthers(const PageSession& session) {
  table_.DeleteOf(rules_.purpose, session.record.subject, session.record.digest);
}

std::string Sessions::Seal(std::string_view secret) {
  return keys_.Seal(random_, secret, "session:" + rules_.purpose);
}

std::optional<Secret> Sessions::Unseal(std::string_view sealed) const {
  Result<Secret> opened = keys_.Open(sealed, "session:" + rules_.purpose);
  if (!opened.ok()) return std::nullopt;
  return std::move(*opened);
}

}  // namespace sspr::service
