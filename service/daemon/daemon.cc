// SPDX-License-Identifier: Apache-2.0
// Order of a start: bind, mail, database, then serve; a fault at any of them ends the start with a
// sentence, before a client was answered.
#include "service/daemon/daemon.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <tuple>

#include "common/permit/permit_keys.h"
#include "common/protocol/wire.h"
#include "common/system/system_clock.h"
#include "common/writeback/wire_paths.h"
#include "service/api/agent_api.h"
#include "service/api/api.h"
#include "service/approvals/approve_pages.h"
#include "service/approvals/form_bytes.h"
#include "service/approvals/hand_off_pages.h"
#include "service/approvals/method_pages.h"
#include "service/approvals/push_notifier.h"
#include "service/breach/breach_filter.h"
#include "service/breach/range_service.h"
#include "service/campaign/campaign.h"
#include "service/daemon/monitor.h"
#include "service/daemon/service_manager.h"
#include "service/daemon/site.h"
#include "service/delivery/delivery_queue.h"
#include "service/delivery/gateway_notifier.h"
#include "service/delivery/smtp_notifier.h"
#include "service/devices/device_registry.h"
#include "service/directory/try_directory.h"
#include "service/engine/foundation.h"
#include "service/engine/permit_key_files.h"
#include "service/entra/try_entra.h"
#include "service/http/http_server.h"
#include "service/operators/pages/admin_site.h"
#include "service/portal/portal.h"
#include "service/risk/graph_poller.h"
#include "service/risk/sign_in_risk.h"
#include "service/writeback/agent_directory.h"

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
  // Behind the others: it needs the database.
  Status AddPush(const ServiceConfig& config, Foundation& foundation, const Clock& clock,
                 Monitor& monitor, spdlog::logger& log) {
    if (config.push.contact.empty()) return Ok();
    auto push = PushNotifier::Make(config.push, *foundation.approvals, foundation.random, clock);
    if (!push) return push.error();
    push_ = std::make_unique<Outlet>(std::move(*push), clock, "push", monitor, log);
    return Ok();
  }
  // False when it was dropped: there is no room, or no way.
  bool Push(Delivery delivery) {
    const auto& outlet = Of(delivery.message.channel);
    return outlet != nullptr && outlet->Push(std::move(delivery));
  }

 private:
  const std::unique_ptr<Outlet>& Of(Channel channel) const {
    if (channel == Channel::kSms) return sms_;
    if (channel == Channel::kPush) return push_;
    return channel == Channel::kVoice ? voice_ : mail_;
  }

  std::unique_ptr<Outlet> mail_, sms_, voice_, push_;
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
  settings.is_slow = [](std::string_view path) {
    return path.ends_with(wire::kSubmitPath) || path.ends_with(wire::kUnlockPath) ||
           path.ends_with(wire::kTokenPath);
  };
  settings.is_awaited = [](std::string_view path) {
    return path.ends_with(wire::kWritebackExchangePath);
  };
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
    EngineSettings settings = config.engine;
    settings.public_url = config.public_url;
    auto foundation = LayFoundation(settings, dependencies);
    if (!foundation) return foundation.error();
    made->foundation_ = std::move(*foundation);
    if (Status push =
            made->outlets_->AddPush(config, *made->foundation_, clock, made->monitor_, log);
        !push) {
      return push.error();
    }
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
        *made->engine_, *made->tokens_, clock, made->RequestLog(log), made->MakeMachines());
    if (Status built = made->BuildSite(config, log); !built) return built.error();
    return made;
  }

  ~Backend() {
    // The queue of phones to wake stands on the foundation; and what is under way may still record
    // something: the audit is watched to the last of it.
    poller_.reset();
    outlets_.reset();
    monitor_.Stop();
  }

  const Site& site() const { return *site_; }

  // Where the configuration names a tenant.
  Status StartPolling() {
    const GraphSettings& graph = foundation_->settings.graph;
    if (!graph.HasRisks()) return Ok();
    auto poller = GraphPoller::Make(foundation_->Parts(), graph);
    if (!poller) return poller.error();
    poller_ = std::move(*poller);
    poller_->Start();
    return Ok();
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

    if (WritebackDesk* const desk = WritebackDeskOf(*foundation_->directory)) {
      agents_ = std::make_unique<AgentApi>(config.public_url, *devices_, *desk,
                                           foundation_->clock(), log_request);
      site_->Add(agents_->prefix(), [agents = agents_.get()](const HttpRequestView& request) {
        return agents->Handle(request);
      });
      desk->hub.Start();
    }

    auto portal = Portal::Make(*foundation_, *engine_, config.public_url, *branding, log_request);
    if (!portal) return portal.error();
    portal_ = std::move(*portal);
    AddPages(portal_->host());
    auto admin = AdminSite::Make(*foundation_, config.public_url, *branding, log_request);
    if (!admin) return admin.error();
    admin_site_ = std::move(*admin);
    AddPages(admin_site_->host());
    return BuildPhonePages(config, *branding, log_request);
  }

  Status BuildPhonePages(const ServiceConfig& config, const Branding& branding,
                         const Api::Log& log_request) {
    desk_ = std::make_unique<ApprovalDesk>(foundation_->Parts(), *foundation_->database,
                                           config.public_url);
    hub_ = std::make_unique<EventHub>(*foundation_->approvals, foundation_->clock(),
                                      foundation_->dependencies.log);
    std::string vapid;
    if (!config.push.contact.empty()) {
      const auto key = P256Key::Load(config.push.key_file);
      if (!key) return key.error();
      vapid = ToBase64Url(key->point());
    }
    approve_ = std::make_unique<ApprovePages>(ApprovePageSettings{.public_url = config.public_url,
                                                                  .product = branding.product_name,
                                                                  .vapid_key = std::move(vapid),
                                                                  .push = config.push},
                                              *desk_, *hub_, foundation_->clock(), log_request);
    site_->Add(approve_->prefix(), [pages = approve_.get()](const HttpRequestView& request) {
      return pages->Handle(request);
    });
    auto hand_off =
        HandOffPages::Make(*foundation_, *engine_, config.public_url, branding, log_request);
    if (!hand_off) return hand_off.error();
    hand_off_ = std::move(*hand_off);
    AddPages(hand_off_->host());
    auto methods =
        MethodPages::Make(*foundation_, *desk_, config.public_url, branding, log_request);
    if (!methods) return methods.error();
    methods_ = std::move(*methods);
    AddPages(methods_->phone());
    AddPages(methods_->passkey());
    return Ok();
  }

  void AddPages(const PageHost& host) {
    site_->Add(host.prefix(),
               [&host](const HttpRequestView& request) { return host.Handle(request); });
  }

  // What answers enrolled devices.
  MachineServices MakeMachines() {
    Foundation& base = *foundation_;
    devices_ = std::make_unique<DeviceRegistry>(*base.database, *base.store, *base.audit, base.keys,
                                                base.random, base.clock());
    campaign_ = std::make_unique<Campaign>(base.Parts(), *base.database);
    risk_ = std::make_unique<SignInRisk>(base.Parts());
    return {.devices = devices_.get(), .campaign = campaign_.get(), .risk = risk_.get()};
  }

  Monitor monitor_;
  std::unique_ptr<Outlets> outlets_;
  std::unique_ptr<Foundation> foundation_;
  std::unique_ptr<FlowService> engine_;
  std::unique_ptr<TokenIssuer> tokens_;
  std::unique_ptr<DeviceRegistry> devices_;
  std::unique_ptr<Campaign> campaign_;
  std::unique_ptr<SignInRisk> risk_;
  std::unique_ptr<GraphPoller> poller_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<AgentApi> agents_;
  std::unique_ptr<Portal> portal_;
  std::unique_ptr<AdminSite> admin_site_;
  std::unique_ptr<ApprovalDesk> desk_;
  std::unique_ptr<EventHub> hub_;
  std::unique_ptr<ApprovePages> approve_;
  std::unique_ptr<HandOffPages> hand_off_;
  std::unique_ptr<MethodPages> methods_;
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
  if (const GraphSettings& graph = config.engine.graph; !graph.tenant_id.empty()) {
    if (const auto client = GraphClient::Make(graph, clock); !client) return client.error();
  }
  if (const std::string& filter = config.engine.breach_filter_file; !filter.empty()) {
    if (const auto opened = BreachFilter::Open(filter); !opened) return opened.error();
  }
  if (config.engine.entra) {
    if (const Status good = TryEntra(config.engine.graph, *config.engine.entra, clock); !good)
      return good.error();
  }
  if (config.engine.ldap && config.engine.ldap->url != kThroughAgent) {
    if (const Status good = TryDirectory(*config.engine.ldap, clock); !good) return good.error();
  }
  for (const FollowerSettings& one : config.engine.followers) {
    const Status good = one.ldap    ? TryDirectory(*one.ldap, clock)
                        : one.entra ? TryEntra(config.engine.graph, *one.entra, clock)
                                    : Ok();
    if (!good) return Error{Errc::kPolicy, one.name + ": " + good.error().detail};
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
  if (Status polling = backend->StartPolling(); !polling) return polling;
  log->info("ready url={}", config.public_url);
  NotifyServiceManager("READY=1");
  (*server)->Run();
  NotifyServiceManager("STOPPING=1");
  server->reset();  // no handler runs behind this
  log->info("stopped");
  return Ok();
}

}  // namespace sspr::service
