import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { text } from "../../configuration/shape.ts";
import type { WebhookCredentials } from "../../webhook-client/index.ts";
import { type AdmissionConfiguration, pluginConfiguration } from "../configuration/admission-configuration.ts";

const kind = {
  apiVersions: ["apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1alpha1"],
  kind: "WebhookAdmissionConfiguration",
  fields: { kubeConfigFile: text },
};

interface KubeConfig {
  readonly users?: readonly { readonly name: string; readonly user?: Readonly<Record<string, string>> }[];
}

/** Finds what to show a webhook, by its `host:port`. */
export type FindCredentials = (authority: string) => WebhookCredentials | undefined;

/**
 * The credentials for webhooks that the plugin's configuration names: users of a kubeconfig, which are called by the webhooks' hosts. The entry for
 * `host:port` wins over that for the host, that over `*.rest`, and `*` is for all others. Throws for a file that cannot be read.
 */
export function webhookCredentials(configuration: AdmissionConfiguration, plugin: string): FindCredentials {
  const { kubeConfigFile = "" } = pluginConfiguration(configuration, plugin, kind) ?? {};
  if (kubeConfigFile === "") return () => undefined;
  const { users = [] } = parse(readFileSync(kubeConfigFile, "utf8")) as KubeConfig;
  const byName = new Map(users.map(({ name, user = {} }) => [name, credentialsOf(user)]));
  return (authority) =>
    namesOf(authority)
      .map((name) => byName.get(name))
      .find((found) => found !== undefined);
}

function namesOf(authority: string): readonly string[] {
  const host = authority.replace(/:\d+$/, "");
  const isDefaultPort = !/:\d+$/.test(authority) || authority.endsWith(":443");
  const labels = host.split(".");
  const wildcards = labels.map((_, at) => `*.${labels.slice(at + 1).join(".")}`).slice(0, -1);
  return [authority, ...(isDefaultPort ? [host, `${host}:443`] : []), ...wildcards, "*"];
}

function credentialsOf(user: Readonly<Record<string, string>>): WebhookCredentials {
  const [cert, key] = ["client-certificate", "client-key"].map((name) => pemOf(user, name));
  const token = user.token ?? (user.tokenFile ? readFileSync(user.tokenFile, "utf8").trim() : undefined);
  const basic = user.username && `Basic ${Buffer.from(`${user.username}:${user.password ?? ""}`).toString("base64")}`;
  const authorization = token ? `Bearer ${token}` : basic;
  return { ...(cert && { cert }), ...(key && { key }), ...(authorization && { authorization }) };
}

function pemOf(user: Readonly<Record<string, string>>, name: string): string | undefined {
  const data = user[`${name}-data`];
  if (data) return Buffer.from(data, "base64").toString();
  return user[name] ? readFileSync(user[name], "utf8") : undefined;
}
