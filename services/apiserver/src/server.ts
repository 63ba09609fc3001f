import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { stdout } from "node:process";
import { aborted, type Clock, Closer, type Logger, type MetricsRegistry } from "@tskube/base";
import { openTlsFiles, type TlsContents } from "@tskube/component";
import { openEmbeddedStore, openEtcdStore, type Store } from "@tskube/store";
import { readAdmissionConfiguration } from "./admission/index.ts";
import { aggregationHooks, aggregationOptions } from "./aggregation/index.ts";
import { type ApiServer, type ApiServerOptions, openApiServer } from "./api-server.ts";
import { openAuditing } from "./audit/index.ts";
import { allowsAnonymous, authorizationOptions, modesOf, outsideAuthenticators } from "./auth/auth-flags.ts";
import { type AuthenticationFacts, createBootstrap, keepAuthenticationConfig } from "./bootstrap/index.ts";
import { compactHistory } from "./compact-history.ts";
import type { Config } from "./config.ts";
import { encryptionOptions } from "./encryption/index.ts";
import { runFlowControl } from "./flow-control/run-flow-control.ts";
import { listen } from "./http/listener.ts";
import { addressAt, parseIpv4Range } from "./kinds/core/service/ipv4-range.ts";
import { runIdentity } from "./lifecycle/run-identity.ts";
import { shutDown } from "./lifecycle/shut-down.ts";
import { startHook } from "./lifecycle/start-hook.ts";
import { Peers } from "./own-service/peers.ts";
import { runOwnService } from "./own-service/run-own-service.ts";
import { servedGroups } from "./resources/runtime-config.ts";
import { runServiceRanges } from "./service-ranges/run-service-ranges.ts";

export interface ServerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

/** Serves the API until `signal` aborts; resolves when requests under way have ended and all is closed. */
export async function run(config: Config, deps: ServerDeps, signal: AbortSignal): Promise<void> {
  const { clock, logger } = deps;
  const closer = new Closer();
  try {
    const tls = openTlsFiles(
      {
        certFile: config.tlsCertFile ?? "",
        keyFile: config.tlsPrivateKeyFile ?? "",
        clientCaFile: config.clientCaFile,
      },
      { clock, logger },
    );
    closer.add(() => tls.close());
    const store = closer.add(await openStore(config, deps));
    const clientCa = config.clientCaFile === undefined ? undefined : readFileSync(config.clientCaFile, "utf8");
    const address = config.advertiseAddress ?? ownAddress();
    const options = serverOptions(config, address, clientCa);
    const { requestHeader } = options.authenticator;
    const auditing = await openAuditing(config, { ...deps, random: Math.random, stdout });
    if (auditing) closer.add(auditing);
    const aggregation = aggregationOptions(config, deps, closer);
    const server = closer.add(await openApiServer({ ...options, aggregation }, { ...deps, store, auditing }));
    const listener = await listen(
      { address: config.bindAddress, port: config.securePort, tls: trusting(tls.current, requestHeader?.clientCa) },
      server.listener,
    );
    tls.onChange((contents) => listener.setTls(trusting(contents, requestHeader?.clientCa)));
    logger.info({ address: config.bindAddress, port: listener.port }, "serving");
    const facts = {
      clusterIp: addressAt(parseIpv4Range(config.serviceClusterIpRange), 0),
      servicePort: 443,
      targetPort: listener.port,
    };
    registerApis(server, config);
    const own = { ...deps, objects: server.objects, peers: new Peers(store) };
    const authentication = { ...(clientCa && { clientCa }), ...(requestHeader && { requestHeader }) };
    const background = Promise.all([
      writeDefaults(server, deps, authentication, signal),
      keepAuthenticationConfig(authentication, { ...deps, objects: server.objects }, signal),
      runOwnService(address, facts, own, signal),
      runServiceRanges(options.services, own, signal),
      compactHistory(config.etcdCompactionInterval, { ...deps, store }, signal),
      runIdentity({ hostname: hostname(), address }, { ...deps, ...server }, signal),
      ...(config.enablePriorityAndFairness ? [runFlowControl({ ...deps, ...server }, signal)] : []),
    ]);
    await aborted(signal);
    await shutDown(
      { life: server.life, listener, clock },
      {
        delayMs: config.shutdownDelayDuration,
        sendsRetryAfter: config.shutdownSendRetryAfter,
        graceMs: config.shutdownGrace,
      },
    );
    await background;
  } finally {
    await closer.close();
  }
}

async function openStore(config: Config, { clock, logger }: ServerDeps): Promise<Store> {
  if (config.storeDir !== undefined) return openEmbeddedStore({ directory: config.storeDir }, { clock, logger });
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  const [ca, cert, key] = [config.etcdCafile, config.etcdCertfile, config.etcdKeyfile].map(read);
  const tls = ca && { ca, ...(cert && key && { cert, key }) };
  return openEtcdStore({ endpoints: config.etcdServers, ...(tls && { tls }) }, { clock, logger });
}

function serverOptions(config: Config, address: string, clientCa: string | undefined): ApiServerOptions {
  const file = (path: string) => readFileSync(path, "utf8");
  const encryption = encryptionOptions(config);
  const [firstIssuer = "", ...otherIssuers] = config.serviceAccountIssuer;
  const { serviceAccountMaxTokenExpiration: maxTokenMs, serviceAccountJwksUri: jwksUri, apiAudiences } = config;
  return {
    advertised: `${address}:${config.securePort}`,
    authenticator: {
      apiAudiences: apiAudiences.length > 0 ? apiAudiences : config.serviceAccountIssuer,
      ...(clientCa && { clientCa }),
      ...outsideAuthenticators(config),
      allowAnonymous: allowsAnonymous(config),
      allowBootstrapTokens: config.enableBootstrapTokenAuth,
      ...(config.tokenAuthFile && { staticTokens: file(config.tokenAuthFile) }),
      ...(config.requestheaderClientCaFile && {
        requestHeader: requestHeader(config, config.requestheaderClientCaFile),
      }),
    },
    runtimeConfig: config.runtimeConfig,
    admission: {
      enable: config.enableAdmissionPlugins,
      ...(config.admissionControlConfigFile && {
        configuration: readAdmissionConfiguration(config.admissionControlConfigFile, file),
      }),
      disable: config.disableAdmissionPlugins,
      notReadyTolerationSeconds: config.defaultNotReadyTolerationSeconds,
      unreachableTolerationSeconds: config.defaultUnreachableTolerationSeconds,
    },
    authorizationModes: modesOf(config),
    authorization: authorizationOptions(config),
    tokens: {
      issuers: [firstIssuer, ...otherIssuers] as const,
      signingKey: file(config.serviceAccountSigningKeyFile ?? ""),
      verificationKeys: config.serviceAccountKeyFile.map(file),
      extendExpiration: config.serviceAccountExtendTokenExpiration,
      ...(apiAudiences.length > 0 && { apiAudiences }),
      ...(maxTokenMs > 0 && { maxExpirationSeconds: maxTokenMs / 1000 }),
      ...(jwksUri && { jwksUri }),
    },
    inFlight: { readOnly: config.maxRequestsInflight, mutating: config.maxMutatingRequestsInflight },
    isFair: config.enablePriorityAndFairness,
    goawayChance: config.goawayChance,
    minWatchMs: config.minRequestTimeout * 1_000,
    services: { clusterIpRange: config.serviceClusterIpRange, nodePorts: portRange(config.serviceNodePortRange) },
    kubelet: {
      preferredAddressTypes: config.kubeletPreferredAddressTypes,
      tls: {
        ...(config.kubeletCertificateAuthority && { ca: file(config.kubeletCertificateAuthority) }),
        ...(config.kubeletClientCertificate && { cert: file(config.kubeletClientCertificate) }),
        ...(config.kubeletClientKey && { key: file(config.kubeletClientKey) }),
      },
    },
    requestTimeoutMs: config.requestTimeout,
    eventTtlMs: config.eventTtl,
    allowsLoopbackEndpoints: config.allowLoopbackEndpoints,
    ...(encryption && { encryption }),
  };
}

function requestHeader(config: Config, caFile: string) {
  return {
    clientCa: readFileSync(caFile, "utf8"),
    allowedNames: config.requestheaderAllowedNames,
    usernameHeaders: config.requestheaderUsernameHeaders,
    uidHeaders: config.requestheaderUidHeaders,
    groupHeaders: config.requestheaderGroupHeaders,
    extraHeaderPrefixes: config.requestheaderExtraHeadersPrefix,
  };
}

/** Front proxies show certificates of an authority of their own; who may be a user by certificate, authentication decides. */
function trusting(contents: TlsContents, frontProxyCa: string | undefined): TlsContents {
  if (frontProxyCa === undefined) return contents;
  return { ...contents, ca: [contents.ca, frontProxyCa].filter(Boolean).join("\n") };
}

function portRange(text: string): { readonly first: number; readonly last: number } {
  const [first = 0, last = 0] = text.split("-").map(Number);
  return { first, last };
}

/** APIServices are written while requests are served already; readiness waits for those of the built-in groups. */
function registerApis({ aggregation, health }: ApiServer, config: Config): void {
  const registration = aggregation.startControllers(servedGroups(config.runtimeConfig));
  for (const name of aggregationHooks) startHook(health, name)();
  health.add("autoregister-completion", () => {
    const missing = registration.missing();
    if (missing.length > 0) throw new Error(`missing APIService: [${missing.join(" ")}]`);
  });
}

/** Default objects are written while requests are served already; readiness waits for them. */
async function writeDefaults(
  { objects, health }: ApiServer,
  { clock, logger }: ServerDeps,
  authentication: AuthenticationFacts,
  signal: AbortSignal,
): Promise<void> {
  const written = createBootstrap({ objects, clock, logger, authentication }).run(signal);
  const hooks = [
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "start-system-namespaces-controller",
  ];
  const done = hooks.map((name) => startHook(health, name));
  await written;
  for (const isWritten of done) isWritten();
}

/** The first address of this machine that others can reach. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
}
