import type { Server } from "node:http";
import { loadDescriptions } from "@tskube/api";
import { type Clock, Closer, Counter, type Logger, type MetricsRegistry } from "@tskube/base";
import { HealthChecks } from "@tskube/component";
import type { Store } from "@tskube/store";
import {
  type AdmissionOptions,
  createExtensibleAdmission,
  findResourceOfKindIn,
  findVersionsIn,
  kindTypesIn,
  mergeAppliedIn,
} from "./admission/index.ts";
import { type Aggregation, type AggregationOptions, openAggregation } from "./aggregation/index.ts";
import { type CustomApi, customType, openCustomApi } from "./apiextensions/index.ts";
import { type Auditing, auditAuthentication, auditRequests } from "./audit/index.ts";
import {
  type AuthenticatorOptions,
  type AuthorizationMode,
  type AuthorizerOptions,
  type ClusterAuthenticator,
  type ClusterAuthorizer,
  createAuthenticator,
  createAuthorizer,
  createTokenIssuer,
  type TokenIssuerOptions,
  tokenMetrics,
  type User,
} from "./auth/index.ts";
import { serveDiscovery } from "./discovery/serve-discovery.ts";
import { serveOpenapi } from "./discovery/serve-openapi.ts";
import { type EncryptionOptions, encryptedStore, openEncryption, unsealed } from "./encryption/index.ts";
import { authentication } from "./filters/authentication.ts";
import { authenticationMetrics } from "./filters/authentication-metrics.ts";
import { authorization } from "./filters/authorization.ts";
import { goaway } from "./filters/goaway.ts";
import { impersonation } from "./filters/impersonation.ts";
import { leaving } from "./filters/leaving.ts";
import type { InFlightLimits } from "./filters/max-in-flight.ts";
import { panicGuard } from "./filters/panic-guard.ts";
import type { RequestInfo } from "./filters/request-info.ts";
import { requestMetrics } from "./filters/request-metrics.ts";
import { requestTimeout } from "./filters/request-timeout.ts";
import { openFlowControl } from "./flow-control/open-flow-control.ts";
import { chain, type Filter, type Handler } from "./http/context.ts";
import { documentsApp } from "./http/documents-app.ts";
import { requestListener } from "./http/handle-exchange.ts";
import { createMemoryServer } from "./http/listener.ts";
import { type MemoryTransport, memoryTransport } from "./http/memory-transport.ts";
import { type ServicePoolOptions, ServicePools } from "./kinds/core/service/pools.ts";
import { addChecks } from "./lifecycle/add-checks.ts";
import { ServerLife } from "./lifecycle/server-life.ts";
import type { KubeletAccess } from "./proxy/pod-streams.ts";
import { type AdmissionChain, createAdmissionChain } from "./registry/admission-chain.ts";
import type { LocalObjects } from "./registry/objects.ts";
import type { Catalog } from "./resources/catalog.ts";
import { createLocalObjects } from "./resources/local-objects.ts";
import { openResources } from "./resources/open-resources.ts";
import { type RouteDeps, routeResources } from "./resources/route-resources.ts";
import { servedGroups } from "./resources/runtime-config.ts";
import { createVirtualRoutes } from "./resources/virtual-resources.ts";
import { SharedHistory } from "./watch-cache/shared-history.ts";

export interface ApiServerOptions {
  readonly authenticator: AuthenticatorOptions;
  readonly admission: AdmissionOptions;
  /** `--runtime-config`: which built-in versions are switched on and off. */
  readonly runtimeConfig?: readonly string[];
  readonly authorizationModes: readonly AuthorizationMode[];
  /** What the modes need besides, or a file in place of them. */
  readonly authorization?: Omit<AuthorizerOptions, "modes">;
  readonly tokens: TokenIssuerOptions;
  readonly inFlight: InFlightLimits;
  /** API priority and fairness; plain limits when false. */
  readonly isFair?: boolean;
  /** The part of HTTP/2 requests whose client is told to connect anew. */
  readonly goawayChance?: number;
  readonly requestTimeoutMs: number;
  /** What watches last at least that do not say how long; half an hour when absent. */
  readonly minWatchMs?: number;
  readonly eventTtlMs: number;
  /** Endpoints may have addresses of the loopback range: for clusters without root, whose pods have no others. */
  readonly allowsLoopbackEndpoints?: boolean;
  readonly services: ServicePoolOptions;
  readonly kubelet: KubeletAccess;
  readonly aggregation?: AggregationOptions;
  /** How values are kept in the store; as they are when absent. */
  readonly encryption?: EncryptionOptions;
  /** `host:port` that clients are told to use. */
  readonly advertised: string;
}

export interface ApiServerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly random?: () => number;
  /** Where requests are recorded; absent: nowhere. */
  readonly auditing?: Auditing | undefined;
}

/** The whole server but for its port: a listener for requests of any origin. */
export interface ApiServer {
  readonly listener: ReturnType<typeof requestListener>;
  readonly objects: LocalObjects;
  readonly health: HealthChecks;
  readonly aggregation: Aggregation;
  /** In-memory requests that speak for `user`. */
  transport(user: User): MemoryTransport;
  /** How it comes to its end. */
  readonly life: ServerLife;
  close(): Promise<void>;
}

/** Reads what the store holds and builds all that answers requests. Resolves once it could serve. */
export async function openApiServer(options: ApiServerOptions, deps: ApiServerDeps): Promise<ApiServer> {
  const { clock, logger, metrics, random = Math.random } = deps;
  const closer = new Closer();
  const encryption = options.encryption && closer.add(await openEncryption(options.encryption, deps));
  const store = encryptedStore(deps.store, () => encryption?.transformers ?? unsealed);
  const life = new ServerLife();

  const admission = lateAdmission();
  const onWatchEvents = countWatchEvents(metrics);
  const servicePools = new ServicePools(options.services, random);
  const builtIn = servedGroups(options.runtimeConfig ?? []);
  const history = closer.add(new SharedHistory({ store, clock }));
  const catalog = openResources({
    history,
    builtIn,
    store,
    clock,
    logger,
    admission,
    servicePools,
    eventTtlSeconds: Math.round(options.eventTtlMs / 1000),
    allowsLoopbackEndpoints: options.allowsLoopbackEndpoints ?? false,
    onWatchEvents,
  });
  closer.add(await startCaches(catalog));

  const objects = createLocalObjects({ catalog, logger });
  closer.add(servicePools.follow(objects));
  const issuer = createTokenIssuer(options.tokens, { objects, clock, onUsed: tokenMetrics(metrics) });
  const authDeps = { objects, issuer, clock, logger, metrics };
  const authenticator = closer.add(await createAuthenticator(options.authenticator, authDeps));
  const authorizer = closer.add(
    await createAuthorizer({ modes: options.authorizationModes, ...options.authorization }, authDeps),
  );
  const admissionDeps = { objects, authorizer, rbac: authorizer.rbac, clock, metrics, random };
  // Custom resources are served through admission, which comes first.
  let customVersions: CustomApi["versions"] = () => [];
  admission.set(
    closer.add(
      createExtensibleAdmission(options.admission, {
        ...admissionDeps,
        findVersions: findVersionsIn(catalog),
        mergeApplied: mergeAppliedIn(catalog),
        kindTypes: kindTypesIn(catalog, (kind) => customType(customVersions(), kind)),
        logger,
        findResource: findResourceOfKindIn(catalog),
      }),
    ),
  );

  const health = new HealthChecks();
  addChecks(health, { store, life, clock, requireCaches: () => requireReady(catalog) });
  for (const [name, check] of encryption?.healthChecks ?? []) health.add(name, check);

  const routeDeps: RouteDeps = {
    store,
    clock,
    random,
    draining: life.draining,
    minWatchMs: options.minWatchMs ?? 1_800_000,
    catalog,
    virtual: createVirtualRoutes({ issuer, authorizer, authenticator, admission, catalog, clock }),
    tokens: { objects, issuer, clock },
    streams: { objects, authorizer, kubelet: options.kubelet, random },
  };
  const routes = routeResources(routeDeps);
  const custom = closer.add(
    openCustomApi({
      builtIn,
      store,
      clock,
      random,
      logger,
      admission,
      objects,
      catalog,
      router: routes,
      routes: routeDeps,
      onWatchEvents,
    }),
  );
  customVersions = custom.versions;

  const aggregation = closer.add(
    openAggregation(options.aggregation ?? {}, {
      objects,
      clock,
      logger,
      metrics,
      random,
      draining: life.draining,
      frontProxyHeaders: options.authenticator.requestHeader,
    }),
  );

  const flowControl = closer.add(
    openFlowControl({ ...options, isFair: options.isFair !== false }, { catalog, objects, clock, logger, metrics }),
  );
  const documents = documentsApp({
    ...(flowControl.dumps && { flowControl: flowControl.dumps }),
    health,
    metrics,
    logger,
    tokens: issuer.documents,
    discovery: serveDiscovery(options.advertised, { groups: custom.groups, remote: aggregation.discovery.versions }),
    openapi: serveOpenapi({
      loadDescriptions,
      custom,
      remote: aggregation.openapi,
      handlerOf: aggregation.openapiHandlerOf,
    }),
  });
  const answer: Handler = (context) =>
    (aggregation.handlerOf(context) ?? (context.info.isResource ? routes.handle : documents))(context);
  const handler = createChain(
    options,
    deps,
    { authenticator, authorizer, life, flowControl: flowControl.filter, knows: (info) => routes.has(info) },
    answer,
  );
  const listener = requestListener(handler);
  const memory: Server = createMemoryServer(listener);
  return {
    listener,
    objects,
    health,
    aggregation,
    transport: (user) => memoryTransport(memory, user),
    life,
    async close() {
      life.drain();
      await closer.close();
    },
  };
}

interface Guards {
  readonly authenticator: ClusterAuthenticator;
  readonly authorizer: ClusterAuthorizer;
  readonly flowControl: Filter;
  readonly life: ServerLife;
  readonly knows: (info: RequestInfo) => boolean;
}

/** The stages of a request, in order; the last hands it to the resource or the document that it names. */
function createChain(
  options: ApiServerOptions,
  { clock, logger, metrics, auditing, random = Math.random }: ApiServerDeps,
  { authenticator, authorizer, flowControl, life, knows }: Guards,
  answer: Handler,
): Handler {
  return chain(
    [
      requestMetrics({ metrics, clock, knows }),
      panicGuard(logger),
      leaving(life),
      ...(options.goawayChance ? [goaway(options.goawayChance, random)] : []),
      requestTimeout(clock, options.requestTimeoutMs),
      ...(auditing ? [auditAuthentication(auditing)] : []),
      authentication({ authenticator, clock, metrics: authenticationMetrics(metrics) }),
      ...(auditing ? [auditRequests(auditing)] : []),
      impersonation(authorizer),
      flowControl,
      authorization(authorizer),
    ],
    answer,
  );
}

/** Admission plugins read objects through the registry, which in turn asks admission: the plugins arrive second. */
function lateAdmission(): AdmissionChain & { set(chain: AdmissionChain): void } {
  let current = createAdmissionChain([]);
  return {
    set: (next) => {
      current = next;
    },
    admit: (attributes, signal) => current.admit(attributes, signal),
    validate: (attributes, signal) => current.validate(attributes, signal),
  };
}

/** Starts every cache and waits until all have read what there is. */
async function startCaches(catalog: Catalog): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const caches = new Set(catalog.all().map((resource) => resource.cache));
  const running = [...caches].map((cache) => cache.run(stopping.signal));
  await Promise.all([...caches].map((cache) => cache.whenReady(stopping.signal)));
  return async () => {
    stopping.abort();
    await Promise.all(running);
  };
}

function requireReady(catalog: Catalog): void {
  const late = catalog.all().filter((resource) => !resource.isLazy && !resource.cache.isReady);
  if (late.length > 0) throw new Error(`${late.length} caches are not synced`);
}

function countWatchEvents(metrics: MetricsRegistry) {
  const counter = new Counter({
    name: "apiserver_watch_events_total",
    help: "Number of events sent in watch clients",
    labelNames: ["group", "version", "resource"],
    registers: [metrics],
  });
  return ({ group, version, resource }: { group: string; version: string; resource: string }, events: number) =>
    counter.inc({ group, version, resource }, events);
}
