import type { Pod, Secret } from "@tskube/api";
import { type AuthConfig, parseImageRef } from "@tskube/cri";

type Credentials = Record<
  string,
  { username?: string; password?: string; auth?: string; identitytoken?: string; registrytoken?: string }
>;

/** The credentials in pull secrets that fit an image's registry, best match first. */
export function authsFor(image: string, secrets: readonly Secret[]): AuthConfig[] {
  const { registry, repository } = parseImageRef(image);
  const wanted = `${registry}/${repository}`;
  const matches = secrets.flatMap((secret) =>
    Object.entries(credentialsOf(secret)).flatMap(([key, entry]) => {
      const prefix = hostAndPath(key);
      return isPrefix(prefix, wanted) ? [{ length: prefix.length, auth: authConfig(key, entry) }] : [];
    }),
  );
  return matches.sort((a, b) => b.length - a.length).map(({ auth }) => auth);
}

export function pullSecretNames(pod: Pod): string[] {
  return (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
}

function credentialsOf({ type, data }: Secret): Credentials {
  const [key, nested] = type === "kubernetes.io/dockercfg" ? [".dockercfg", false] : [".dockerconfigjson", true];
  const text = data?.[key as string];
  if (!text) return {};
  try {
    const parsed = JSON.parse(Buffer.from(text, "base64").toString("utf8"));
    return (nested ? parsed?.auths : parsed) ?? {};
  } catch {
    return {}; // a broken secret is no reason not to try without it
  }
}

/** Registries are written with or without scheme and API version. */
function hostAndPath(key: string): string {
  const bare = key.replace(/^https?:\/\//, "").replace(/\/(?:v[12]\/?)?$/, "");
  return bare === "index.docker.io" || bare === "registry-1.docker.io" ? "docker.io" : bare;
}

function isPrefix(prefix: string, wanted: string): boolean {
  const [host = "", ...path] = prefix.split("/");
  const [wantedHost = "", ...wantedPath] = wanted.split("/");
  const pattern = new RegExp(`^${host.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^.]*")}$`);
  return pattern.test(wantedHost) && path.every((part, index) => part === wantedPath[index]);
}

function authConfig(serverAddress: string, entry: Credentials[string]): AuthConfig {
  const [user = "", ...password] = entry.auth ? Buffer.from(entry.auth, "base64").toString("utf8").split(":") : [];
  return {
    username: entry.username || user,
    password: entry.password || password.join(":"),
    auth: entry.auth ?? "",
    serverAddress,
    identityToken: entry.identitytoken ?? "",
    registryToken: entry.registrytoken ?? "",
  };
}
