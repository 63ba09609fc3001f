import { readFileSync } from "node:fs";
import { field } from "@tskube/apimachinery";
import { type Clock, errorMessage, type Logger, type MetricsRegistry } from "@tskube/base";
import {
  type EncryptionConfiguration,
  type KmsProvider as KmsConfiguration,
  readEncryptionConfiguration,
} from "../configuration/encryption-configuration.ts";
import { validateEncryption } from "../configuration/validate-encryption.ts";
import { watchFile } from "../configuration/watch-file.ts";
import { buildTransformers } from "./build-transformers.ts";
import { type EncryptionMetrics, encryptionMetrics } from "./encryption-metrics.ts";
import { type KmsClient, kmsClient } from "./kms/kms-client.ts";
import { KmsProvider } from "./kms/kms-provider.ts";
import type { ResourceTransformers } from "./resource-transformers.ts";

export interface EncryptionOptions {
  /** `--encryption-provider-config`. */
  readonly path: string;
  /** Whether changes of the file are taken up (`--encryption-provider-config-automatic-reload`). */
  readonly reloads: boolean;
}

export interface EncryptionDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly connect?: (endpoint: string, timeoutMs: number) => KmsClient;
}

/** How values are kept, as the configuration file says now. */
export interface Encryption {
  readonly transformers: ResourceTransformers;
  /** Checks of the plugins that are in use, by the names that health endpoints show. */
  readonly healthChecks: ReadonlyMap<string, () => void>;
  close(): void;
}

/** One state of the file. */
interface Loaded {
  readonly transformers: ResourceTransformers;
  readonly plugins: readonly KmsProvider[];
}

const defaultTimeoutMs = 3_000;
/** Reads under way when the configuration changed may still need the plugins that are no longer in it. */
const retireAfterMs = 60_000;

/** Reads the file and does as it says, throwing for one that is wrong, and follows its changes if asked to: a wrong change leaves things as they are. */
export async function openEncryption(options: EncryptionOptions, deps: EncryptionDeps): Promise<Encryption> {
  const { path, reloads } = options;
  const metrics = encryptionMetrics(deps.metrics);
  const text = readFileSync(path, "utf8");
  let current = await load(text, path, deps, metrics);
  metrics.onLoaded(text);
  const retiring = new Set<() => void>();

  const reload = async (changed: string) => {
    try {
      const next = await load(changed, path, deps, metrics);
      for (const plugin of next.plugins) plugin.checkHealth();
      retire(current);
      current = next;
      metrics.onReload(true, deps.clock.now());
      metrics.onLoaded(changed);
      deps.logger.info({ path }, "encryption configuration taken up");
    } catch (error) {
      metrics.onReload(false, deps.clock.now());
      deps.logger.error({ path, error: errorMessage(error) }, "encryption configuration is not taken up");
    }
  };
  const retire = ({ plugins }: Loaded) => {
    const close = () => {
      cancel();
      retiring.delete(close);
      for (const plugin of plugins) plugin.close();
    };
    const cancel = deps.clock.after(retireAfterMs, close);
    retiring.add(close);
  };
  const watch = reloads ? watchFile({ path, current: text }, reload, deps.clock) : undefined;

  return {
    get transformers() {
      return current.transformers;
    },
    healthChecks: healthChecks(() => current.plugins, reloads),
    close() {
      watch?.close();
      for (const close of [...retiring]) close();
      for (const plugin of current.plugins) plugin.close();
    },
  };
}

async function load(text: string, path: string, deps: EncryptionDeps, metrics: EncryptionMetrics): Promise<Loaded> {
  const configuration = parse(text, path);
  const plugins = pluginsOf(configuration, deps);
  await Promise.all([...plugins.values()].map((plugin) => plugin.start()));
  const kms = (name: string) => {
    const plugin = plugins.get(name);
    if (!plugin) throw new Error(`no KMS provider ${name}`);
    return plugin;
  };
  const transformers = buildTransformers(configuration, { kms, onTransformed: metrics.onTransformed });
  return { transformers, plugins: [...plugins.values()] };
}

function parse(text: string, path: string): EncryptionConfiguration {
  let configuration: EncryptionConfiguration;
  try {
    configuration = readEncryptionConfiguration(text);
  } catch (cause) {
    throw new Error(
      `error decoding encryption provider configuration file ${JSON.stringify(path)}: ${errorMessage(cause)}`,
      { cause },
    );
  }
  const errors = validateEncryption(configuration);
  if (errors.length > 0) {
    throw new Error(
      `invalid encryption provider configuration file ${JSON.stringify(path)}: ${field.aggregateMessage(errors)}`,
    );
  }
  return configuration;
}

function pluginsOf({ resources }: EncryptionConfiguration, { clock, connect = kmsClient }: EncryptionDeps) {
  const configured = resources.flatMap(({ providers }) => providers.flatMap(({ kms }) => (kms ? [kms] : [])));
  return new Map(
    configured.map(({ name, endpoint, timeout = defaultTimeoutMs }: KmsConfiguration) => [
      name,
      new KmsProvider(name, { clock, client: connect(endpoint, timeout) }),
    ]),
  );
}

/** One check of all plugins where their number may change, one of each where it cannot. */
function healthChecks(plugins: () => readonly KmsProvider[], reloads: boolean): ReadonlyMap<string, () => void> {
  const checkAll = () => {
    for (const plugin of plugins()) plugin.checkHealth();
  };
  if (reloads) return new Map([["kms-providers", checkAll]]);
  return new Map(plugins().map((plugin, index) => [`kms-provider-${index}`, () => plugin.checkHealth()]));
}
