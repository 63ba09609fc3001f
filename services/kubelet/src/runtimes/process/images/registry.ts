import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { errorMessage } from "@tskube/base";
import { type AuthConfig, CriError, formatImageRef, type ImageRef } from "@tskube/cri";
import { type Digest, DigestStream, demandDigest, digestOf } from "./digest.ts";
import { parseJson } from "./install.ts";
import { type Index, isIndex, type Manifest } from "./platform.ts";
import { Authorizer, parseChallenge } from "./registry-auth.ts";

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

const maxManifestBytes = 4 << 20;

export interface RegistryOptions {
  /** Hosts spoken to without TLS, besides those on loopback. */
  readonly insecure: readonly string[];
  readonly auth?: AuthConfig | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One repository of a registry, by the OCI distribution protocol, for reading. */
export class Repository {
  readonly #ref: ImageRef;
  readonly #base: string;
  readonly #signal: AbortSignal | undefined;
  readonly #authorizer: Authorizer;

  constructor(ref: ImageRef, { insecure, auth, signal }: RegistryOptions) {
    this.#ref = ref;
    this.#base = `${registryUrl(ref.registry, insecure)}/v2/${ref.repository}`;
    this.#authorizer = new Authorizer(auth);
    this.#signal = signal;
  }

  /** A manifest or index by tag or digest, and its own digest. */
  async manifest(reference: string): Promise<{ value: Index | Manifest; digest: Digest }> {
    const response = await this.#get(`/manifests/${reference}`, { accept: manifestTypes.join(", ") });
    const body = await readBounded(response, maxManifestBytes);
    const digest = digestOf(body);
    if (reference.includes(":")) demandDigest("manifest", digest, reference);
    const value = parseJson<Index | Manifest>(body, "manifest");
    if (!isIndex(value) && !(value.config && Array.isArray(value.layers))) {
      throw new CriError("UNIMPLEMENTED", `${this.#name}: manifests of this old kind are not supported`);
    }
    return { value, digest };
  }

  async smallBlob(digest: Digest): Promise<Buffer> {
    const body = await readBounded(await this.#get(`/blobs/${digest}`), maxManifestBytes);
    demandDigest("blob", digestOf(body), digest);
    return body;
  }

  /** Downloads a blob into a file. */
  async download(digest: Digest, target: string): Promise<void> {
    const response = await this.#get(`/blobs/${digest}`);
    if (!response.body) throw new CriError("UNAVAILABLE", `${this.#name}: the registry sent no content for ${digest}`);
    const checked = new DigestStream();
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream),
      checked,
      createWriteStream(target, { mode: 0o600 }),
    );
    demandDigest("blob", checked.finish(), digest);
  }

  get #name(): string {
    return formatImageRef(this.#ref);
  }

  async #get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const first = await this.#fetch(path, headers);
    if (first.status !== 401) return this.#demandOk(first);
    await first.body?.cancel();
    const challenge = parseChallenge(first.headers.get("www-authenticate") ?? "");
    const scope = `repository:${this.#ref.repository}:pull`;
    if (!challenge || !(await this.#authorizer.answer(challenge, scope, this.#signal))) return this.#demandOk(first);
    return this.#demandOk(await this.#fetch(path, headers));
  }

  async #fetch(path: string, headers: Record<string, string>): Promise<Response> {
    const { header } = this.#authorizer;
    try {
      return await fetch(this.#base + path, {
        headers: { ...headers, ...(header && { authorization: header }) },
        ...(this.#signal && { signal: this.#signal }),
      });
    } catch (error) {
      if (this.#signal?.aborted) throw new CriError("CANCELLED", `pull of ${this.#name} was given up`);
      throw new CriError("UNAVAILABLE", `failed to do request: Get "${this.#base}${path}": ${errorMessage(error)}`, {
        cause: error,
      });
    }
  }

  async #demandOk(response: Response): Promise<Response> {
    if (response.ok) return response;
    await response.body?.cancel().catch(() => {});
    const { status, statusText } = response;
    if (status === 404) throw new CriError("NOT_FOUND", `${this.#name}: not found`);
    if (status === 401 || status === 403) {
      const why = "pull access denied, repository does not exist or may require authorization";
      throw new CriError(status === 401 ? "UNAUTHENTICATED" : "PERMISSION_DENIED", `${why}: ${status} ${statusText}`);
    }
    const code = status === 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE";
    throw new CriError(code, `unexpected status from GET request to ${this.#base}: ${status} ${statusText}`);
  }
}

/** Docker Hub answers under another name than its images bear. */
function registryUrl(registry: string, insecure: readonly string[]): string {
  if (registry === "docker.io") return "https://registry-1.docker.io";
  const host = registry.replace(/:\d+$/, "");
  const isLoopback = host === "localhost" || host === "[::1]" || /^127\./.test(host);
  const isPlain = isLoopback || insecure.includes(registry) || insecure.includes(host);
  return `${isPlain ? "http" : "https"}://${registry}`;
}

async function readBounded(response: Response, limitBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limitBytes)
      throw new CriError("RESOURCE_EXHAUSTED", `the registry's answer is larger than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
