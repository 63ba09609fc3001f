import { invalidArgument } from "./error.ts";

/** The parts of an image name, as `docker.io` / `library/busybox` / `1.36` / `sha256:…`. */
export interface ImageRef {
  readonly registry: string;
  readonly repository: string;
  /** Absent when only a digest was given. */
  readonly tag?: string;
  readonly digest?: string;
}

const componentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;
const registryPattern = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/;
const maxNameLength = 255;

/**
 * Reads an image name as Docker does: a first component without dot, colon or `localhost` is no registry but part of a Docker Hub name, a single
 * component there lives in `library/`, and without tag and digest the tag is `latest`. Anything malformed is INVALID_ARGUMENT.
 */
export function parseImageRef(name: string): ImageRef {
  const fail = () => invalidArgument(`invalid image reference "${name}": invalid reference format`);
  const [beforeDigest = "", digest, ...more] = name.split("@");
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest))) throw fail();
  const tagAt = beforeDigest.lastIndexOf(":");
  const hasTag = tagAt > beforeDigest.lastIndexOf("/");
  const tag = hasTag ? beforeDigest.slice(tagAt + 1) : undefined;
  if (tag !== undefined && !tagPattern.test(tag)) throw fail();
  const { registry, repository } = splitRegistry(hasTag ? beforeDigest.slice(0, tagAt) : beforeDigest);
  const components = repository.split("/");
  if (!registryPattern.test(registry) || !components.every((part) => componentPattern.test(part))) throw fail();
  if (repository.length > maxNameLength) throw fail();
  if (digest !== undefined) return { registry, repository, digest, ...(tag !== undefined && { tag }) };
  return { registry, repository, tag: tag ?? "latest" };
}

function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isRegistry = first === "localhost" || /[.:A-Z]/.test(first);
  const registry = isRegistry ? first : "docker.io";
  const rest = isRegistry ? name.slice(slash + 1) : name;
  if (registry === "index.docker.io") return splitRegistry(`docker.io/${rest}`);
  const isLibrary = registry === "docker.io" && !rest.includes("/");
  return { registry, repository: isLibrary ? `library/${rest}` : rest };
}

/** The full name that images are kept under: `registry/repository:tag`, or `registry/repository@digest` when a digest was given. */
export function normalizeImageRef(name: string): string {
  return formatImageRef(parseImageRef(name));
}

export function formatImageRef({ registry, repository, tag, digest }: ImageRef): string {
  return `${registry}/${repository}${digest ? `@${digest}` : `:${tag}`}`;
}
