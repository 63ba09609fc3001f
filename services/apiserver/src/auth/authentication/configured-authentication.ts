import { readFileSync } from "node:fs";
import { field } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, type MetricsRegistry, sleep } from "@tskube/base";
import {
  type AnonymousAccess,
  type JwtAuthenticator,
  readAuthenticationConfiguration,
} from "../../configuration/authentication-configuration.ts";
import { reloadMetrics } from "../../configuration/reload-metrics.ts";
import { validateAuthentication } from "../../configuration/validate-authentication.ts";
import { watchFile } from "../../configuration/watch-file.ts";
import { compileExpression } from "../cel/expression.ts";
import type { HttpsGet } from "../oidc/https-get.ts";
import { type RunningJwtIssuer, startJwtIssuer } from "../oidc/jwt-issuer.ts";
import { signingAlgorithms } from "../oidc/oidc-flags.ts";
import { type TokenAuthenticator, unionTokenAuthenticator } from "./bearer-token.ts";

/** Where the configuration of issuers is: in a file that may change, or in flags. */
export type IssuerSource =
  | { readonly path: string }
  | { readonly jwt: JwtAuthenticator; readonly algorithms: readonly string[] };

export interface ConfiguredOptions {
  readonly source: IssuerSource;
  readonly apiAudiences: readonly string[];
  /** Issuers of the cluster's own tokens. */
  readonly ownIssuers: readonly string[];
  /** What flags say of anonymous requests, where the file says nothing. */
  readonly allowAnonymous: boolean;
}

export interface ConfiguredDeps {
  readonly get: HttpsGet;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
}

export interface ConfiguredAuthentication {
  readonly tokens: TokenAuthenticator;
  /** Whether a request without credentials may go to that path. */
  allowsAnonymous(path: string): boolean;
  close(): void;
}

interface Loaded {
  readonly issuers: readonly RunningJwtIssuer[];
  readonly tokens: TokenAuthenticator;
  readonly anonymous: AnonymousAccess | undefined;
}

/** New issuers must be found within this time, or things stay as they were. */
const healthyWithinMs = 60_000;
const lookEveryMs = 1_000;
/** Requests under way when the configuration changed are answered by the issuers of before. */
const retireAfterMs = 60_000;

/** Authenticates by the issuers of flags or of a file, whose changes it follows; throws for a file that is wrong at first. */
export function openConfiguredAuthentication(
  options: ConfiguredOptions,
  deps: ConfiguredDeps,
): ConfiguredAuthentication {
  const { source } = options;
  if (!("path" in source)) {
    const loaded = start([source.jwt], undefined, source.algorithms, options, deps);
    return serve(
      () => loaded,
      options,
      () => stop(loaded),
    );
  }
  const { path } = source;
  const text = readFileSync(path, "utf8");
  const metrics = reloadMetrics("authentication", deps.metrics);
  let current = load(text, path, options, deps);
  const closing = new AbortController();
  const retired = new Set<() => void>();

  const retire = (loaded: Loaded) => {
    const close = () => {
      cancel();
      retired.delete(close);
      stop(loaded);
    };
    const cancel = deps.clock.after(retireAfterMs, close);
    retired.add(close);
  };
  const reload = async (changed: string) => {
    let next: Loaded | undefined;
    try {
      next = load(changed, path, options, deps);
      await whenHealthy(next.issuers, deps.clock, closing.signal);
      retire(current);
      current = next;
      metrics.onReload(changed, true, deps.clock.now());
      deps.logger.info({ path }, "authentication configuration taken up");
    } catch (error) {
      if (next) stop(next);
      metrics.onReload(changed, false, deps.clock.now());
      deps.logger.error({ path, error: errorMessage(error) }, "authentication configuration is not taken up");
    }
  };
  metrics.onLoaded(text);
  const watch = watchFile({ path, current: text }, reload, deps.clock);
  return serve(
    () => current,
    options,
    () => {
      closing.abort();
      watch.close();
      for (const close of [...retired]) close();
      stop(current);
    },
  );
}

function serve(current: () => Loaded, options: ConfiguredOptions, close: () => void): ConfiguredAuthentication {
  return {
    tokens: {
      name: "jwt",
      authenticateToken: (token, audiences) => current().tokens.authenticateToken(token, audiences),
    },
    allowsAnonymous(path) {
      const { anonymous } = current();
      if (!anonymous) return options.allowAnonymous;
      if (!anonymous.enabled) return false;
      return anonymous.conditions.length === 0 || anonymous.conditions.some((condition) => condition.path === path);
    },
    close,
  };
}

function load(text: string, path: string, options: ConfiguredOptions, deps: ConfiguredDeps): Loaded {
  let configuration: ReturnType<typeof readAuthenticationConfiguration>;
  try {
    configuration = readAuthenticationConfiguration(text);
  } catch (cause) {
    throw new Error(
      `failed to load authentication configuration from file ${JSON.stringify(path)}: ${errorMessage(cause)}`,
      {
        cause,
      },
    );
  }
  const context = { compile: compileExpression, disallowedIssuers: options.ownIssuers };
  const errors = validateAuthentication(configuration, context);
  if (errors.length > 0) throw new Error(`invalid authentication configuration: ${field.aggregateMessage(errors)}`);
  if (configuration.anonymous && !options.allowAnonymous) {
    throw new Error(
      "--anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file",
    );
  }
  return start(configuration.jwt, configuration.anonymous, signingAlgorithms, options, deps);
}

function start(
  jwt: readonly JwtAuthenticator[],
  anonymous: AnonymousAccess | undefined,
  algorithms: readonly string[],
  { apiAudiences }: ConfiguredOptions,
  deps: ConfiguredDeps,
): Loaded {
  const issuers = jwt.map((configuration) => startJwtIssuer({ configuration, algorithms, apiAudiences }, deps));
  return { issuers, tokens: unionTokenAuthenticator(issuers), anonymous };
}

function stop({ issuers }: Loaded): void {
  for (const issuer of issuers) issuer.close();
}

async function whenHealthy(issuers: readonly RunningJwtIssuer[], clock: Clock, signal: AbortSignal): Promise<void> {
  const deadlineMs = clock.monotonic() + healthyWithinMs;
  for (;;) {
    try {
      for (const issuer of issuers) issuer.checkHealth();
      return;
    } catch (error) {
      if (signal.aborted || clock.monotonic() >= deadlineMs) throw error;
    }
    await sleep(clock, lookEveryMs, signal);
  }
}
