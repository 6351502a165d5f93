// SPDX-License-Identifier: Apache-2.0
// Order of a start: bind, mail, database, then serve; a fault at any of them ends the start with a
// sentence, before a client was answered.
#include "service/daemon/daemon.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <tuple>

#include "common/permit/permit_keys.h"
#include "service/api/api.h"
#include "service/breach/breach_filter.h"
#include "service/breach/range_service.h"
#include "service/daemon/monitor.h"
#include "service/daemon/service_manager.h"
#include "service/daemon/site.h"
#include "service/daemon/system_clock.h"
#include "service/delivery/delivery_queue.h"
#include "service/delivery/gateway_notifier.h"
#include "service/delivery/smtp_notifier.h"
#include "service/engine/foundation.h"
#include "service/engine/permit_key_files.h"
#include "service/http/http_server.h"
#include "service/operators/pages/admin_site.h"
#include "service/portal/portal.h"

namespace sspr::service {
namespace {

std::shared_ptr<spdlog::logger> MakeLog() {
  auto log = std::make_shared<spdlog::logger>("sspr-service",
                                              std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  log->flush_on(spdlog::level::info);
  return log;
}

void LogRequest(spdlog::logger& log, const RequestRecord& record) {
  log.info("request method={} path={} status={} error={} ms={} address={} correlation={}",
           record.method, record.path, record.status, record.error.empty() ? "-" : record.error,
           record.taken.count(), record.address, record.correlation_id);
}

void LogDelivery(spdlog::logger& log, const char* what, const DeliveryResult& result) {
  if (result.outcome == DeliveryOutcome::kSent) {
    log.info("{} {} reference={} tries={}", what, Name(result.outcome), result.reference,
             result.tries);
  } else {
    log.warn("{} {} reference={} tries={} reason={}", what, Name(result.outcome), result.reference,
             result.tries, result.detail);
  }
}

// A notifier and the queue before it: one for each channel, so that none waits for another.
class Outlet {
 public:
  Outlet(std::unique_ptr<Notifier> notifier, const Clock& clock, const char* what, Monitor& monitor,
         spdlog::logger& log)
      : what_(what),
        monitor_(monitor),
        notifier_(std::move(notifier)),
        queue_(*notifier_, clock, DeliveryQueueSettings{},
               [what, &monitor, &log](const DeliveryResult& result) {
                 LogDelivery(log, what, result);
                 monitor.NoteDelivery(what, result.outcome);
               }) {}
  bool Push(Delivery delivery) {
    const bool taken = queue_.Push(std::move(delivery));
    if (!taken) monitor_.NoteDropped(what_);
    return taken;
  }

 private:
  const char* const what_;
  Monitor& monitor_;
  std::unique_ptr<Notifier> notifier_;
  DeliveryQueue queue_;
};

class Outlets {
 public:
  static Result<std::unique_ptr<Outlets>> Make(const ServiceConfig& config, const Clock& clock,
                                               Monitor& monitor, spdlog::logger& log) {
    auto made = std::make_unique<Outlets>();
    auto mail = SmtpNotifier::Make(config.mail, clock);
    if (!mail) return mail.error();
    made->mail_ = std::make_unique<Outlet>(std::move(*mail), clock, "mail", monitor, log);
    for (const auto& [settings, outlet, what] :
         {std::tuple{&config.sms, &made->sms_, "sms"}, {&config.voice, &made->voice_, "call"}}) {
      if (settings->url.empty()) continue;
      auto gateway = GatewayNotifier::Make(*settings);
      if (!gateway)
        return Error{gateway.error().code, std::string(what) + ": " + gateway.error().detail};
      *outlet = std::make_unique<Outlet>(std::move(*gateway), clock, what, monitor, log);
    }
    return made;
  }
  // False when it was dropped: there is no room, or no way.
  bool Push(Delivery delivery) {
    const auto& outlet = Of(delivery.message.channel);
    return outlet != nullptr && outlet->Push(std::move(delivery));
  }

 private:
  const std::unique_ptr<Outlet>& Of(Channel channel) const {
    if (channel == Channel::kSms) return sms_;
    return channel == Channel::kVoice ? voice_ : mail_;
  }

  std::unique_ptr<Outlet> mail_, sms_, voice_;
};

Result<std::vector<PermitKey>> PermitKeys(const EngineSettings& settings) {
  std::vector<PermitKey> keys;
  if (settings.permit_key_file.empty()) return keys;
  const auto all = ListPermitKeys(settings.permit_key_file, settings.permit_key_id);
  if (!all) return all.error();
  for (const PermitKeyFile& key : *all) keys.push_back({key.id, key.public_key, key.succession});
  return keys;
}

HttpServerSettings ServerSettings(const ServiceConfig& config, spdlog::logger& log) {
  HttpServerSettings settings;
  settings.address = config.listen.address;
  settings.port = config.listen.port;
  settings.workers = config.workers;
  settings.on_refusal = [&log](int status, const std::string& address) {
    log.info("request refused status={} address={}", status, address);
  };
  return settings;
}

// Everything behind the port, in the order in which it depends on each other.
class Backend {
 public:
  static Result<std::unique_ptr<Backend>> Make(const ServiceConfig& config, const Clock& clock,
                                               spdlog::logger& log) {
    auto made = std::unique_ptr<Backend>(new Backend());
    auto outlets = Outlets::Make(config, clock, made->monitor_, log);
    if (!outlets) return outlets.error();
    made->outlets_ = std::move(*outlets);

    EngineDependencies dependencies;
    dependencies.clock = &clock;
    dependencies.deliver = [outlets = made->outlets_.get()](Delivery delivery) {
      return outlets->Push(std::move(delivery));
    };
    dependencies.log = [&log](std::string_view line) { log.info("engine {}", line); };
    auto foundation = LayFoundation(config.engine, dependencies);
    if (!foundation) return foundation.error();
    made->foundation_ = std::move(*foundation);
    const Status watched = made->monitor_.Start(
        config, *made->foundation_, [&log](std::string_view line) { log.warn("{}", line); });
    if (!watched) return watched.error();
    auto engine = MakeFlows(*made->foundation_);
    if (!engine) return engine.error();
    made->engine_ = std::move(*engine);

    auto tokens = TokenIssuer::Load(config.token_key_file, config.public_url, clock);
    if (!tokens) return tokens.error();
    made->tokens_ = std::make_unique<TokenIssuer>(std::move(*tokens));
    auto permit_keys = PermitKeys(config.engine);
    if (!permit_keys) return permit_keys.error();
    made->api_ = std::make_unique<Api>(
        ApiSettings{config.public_url, config.cors_origins, std::move(*permit_keys)},
        *made->engine_, *made->tokens_, clock, made->RequestLog(log));
    if (Status built = made->BuildSite(config, log); !built) return built.error();
    return made;
  }

  const Site& site() const { return *site_; }

  ~Backend() {
    // What is under way may still record something: the audit is watched to the last of it.
    outlets_.reset();
    monitor_.Stop();
  }

 private:
  Backend() = default;

  std::function<void(const RequestRecord&)> RequestLog(spdlog::logger& log) {
    return [this, &log](const RequestRecord& record) {
      LogRequest(log, record);
      monitor_.CountRequest(record.path, record.status, record.taken);
    };
  }

  // Who answers what: the API, and each part of the pages under its own prefix.
  Status BuildSite(const ServiceConfig& config, spdlog::logger& log) {
    const auto log_request = RequestLog(log);
    auto branding = LoadBranding(config.branding_file, config.engine.issuer);
    if (!branding) return branding.error();
    site_ = std::make_unique<Site>(
        [api = api_.get()](const HttpRequestView& request) { return api->Handle(request); });

    site_->Add("/health",
               [this](const HttpRequestView& request) { return monitor_.Health(request); });
    site_->Add("/ready",
               [this](const HttpRequestView& request) { return monitor_.Ready(request); });

    auto portal = Portal::Make(*foundation_, *engine_, config.public_url, *branding, log_request);
    if (!portal) return portal.error();
    portal_ = std::move(*portal);
    AddPages(portal_->host());
    auto admin = AdminSite::Make(*foundation_, config.public_url, *branding, log_request);
    if (!admin) return admin.error();
    admin_site_ = std::move(*admin);
    AddPages(admin_site_->host());
    return Ok();
  }

  void AddPages(const PageHost& host) {
    site_->Add(host.prefix(),
               [&host](const HttpRequestView& request) { return host.Handle(request); });
  }

  Monitor monitor_;
  std::unique_ptr<Outlets> outlets_;
  std::unique_ptr<Foundation> foundation_;
  std::unique_ptr<FlowService> engine_;
  std::unique_ptr<TokenIssuer> tokens_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Portal> portal_;
  std::unique_ptr<AdminSite> admin_site_;
  std::unique_ptr<Site> site_;
};

}  // namespace

Status CheckService(const ServiceConfig& config) {
  const SystemClock clock;
  if (const auto tls = MakeServerContext(config.certificate_file, config.key_file); !tls) {
    return tls.error();
  }
  if (const auto tokens = TokenIssuer::Load(config.token_key_file, config.public_url, clock);
      !tokens) {
    return tokens.error();
  }
  if (const auto keys = PermitKeys(config.engine); !keys) return keys.error();
  if (!config.metrics_token_file.empty()) {
    if (const auto token = ReadMetricsToken(config.metrics_token_file); !token) {
      return token.error();
    }
  }
  if (const auto brand = LoadBranding(config.branding_file, config.engine.issuer); !brand) {
    return brand.error();
  }
  if (const auto mail = SmtpNotifier::Make(config.mail, clock); !mail) return mail.error();
  for (const GatewaySettings* const gateway : {&config.sms, &config.voice}) {
    if (gateway->url.empty()) continue;
    if (const auto made = GatewayNotifier::Make(*gateway); !made) return made.error();
  }
  if (const std::string& filter = config.engine.breach_filter_file; !filter.empty()) {
    if (const auto opened = BreachFilter::Open(filter); !opened) return opened.error();
  }
  if (!config.engine.breach_range.url.empty()) {
    if (const auto range = RangeService::Make(config.engine.breach_range); !range) {
      return range.error();
    }
  }
  return Ok();
}

Status RunService(ServiceConfig config, const ServiceHooks& hooks) {
  const SystemClock clock;
  const auto log = MakeLog();
  auto tls = MakeServerContext(config.certificate_file, config.key_file);
  if (!tls) return tls.error();

  std::unique_ptr<Backend> backend;
  auto server = HttpServer::Listen(
      ServerSettings(config, *log), std::move(*tls), HttpServer::Signals::kStopOnTermination,
      [&backend](const HttpRequestView& request) { return backend->site().Handle(request); });
  if (!server) return server.error();
  config.listen.port = (*server)->port();
  if (hooks.on_bound) {
    if (Status bound = hooks.on_bound(config); !bound) return bound;
  }
  auto made = Backend::Make(config, clock, *log);
  if (!made) return made.error();
  backend = std::move(*made);
  if (hooks.on_open) {
    if (Status open = hooks.on_open(config); !open) return open;
  }
  log->info("ready url={}", config.public_url);
  NotifyServiceManager("READY=1");
  (*server)->Run();
  NotifyServiceManager("STOPPING=1");
  server->reset();  // no handler runs behind this
  log->info("stopped");
  return Ok();
}

}  // namespace sspr::service
