import { createHash, randomBytes, randomUUID } from "node:crypto";
import { type Clock, errorMessage } from "@tskube/base";
import { type kms, kmsStorage } from "@tskube/proto-gen";
import { BoundedCache } from "../../auth/bounded-cache.ts";
import { openGcm } from "../providers/aes-gcm.ts";
import type { Opened, Transformer } from "../transformer.ts";
import type { KmsClient } from "./kms-client.ts";
import { openWithSeed, sealWithSeed } from "./seed.ts";

const { EncryptedObject, EncryptedDEKSourceType } = kmsStorage;
type Stored = kmsStorage.EncryptedObject;

/** What new values are sealed with. */
interface Current {
  readonly seed: Buffer;
  readonly keyId: string;
  readonly encryptedSeed: Uint8Array;
  readonly annotations: Readonly<Record<string, Uint8Array>>;
  readonly goodUntilMs: number;
}

/** How long values are sealed with a seed whose key the plugin has not confirmed since. */
const confirmedForMs = 3 * 60_000;
const pollMs = { healthy: 60_000, failing: 10_000 };
const maxKeyIdBytes = 1024;
const maxSeedBytes = 1024;
const maxAnnotationBytes = 32 * 1024;
const keptSeeds = 1_000;

export interface KmsProviderDeps {
  readonly client: KmsClient;
  readonly clock: Clock;
}

/**
 * Seals values with keys derived from a random seed, which a KMS plugin encrypts and which is stored, encrypted, with each value. The plugin is asked
 * once for a seed and not for each value; what another key of the plugin's sealed is stale.
 */
export class KmsProvider implements Transformer {
  readonly name: string;
  readonly #deps: KmsProviderDeps;
  /** Decrypted seeds by what they are stored as. */
  readonly #seeds = new BoundedCache<Buffer>(keptSeeds);
  #current: Current | undefined;
  #problem: string | undefined = "not asked yet";
  #cancel: () => void = () => {};
  #isClosed = false;

  constructor(name: string, deps: KmsProviderDeps) {
    this.name = name;
    this.#deps = deps;
  }

  /** Asks the plugin for its state and again from time to time until closed. Resolves after the first answer, whatever it was. */
  async start(): Promise<void> {
    await this.#poll();
  }

  /** Throws why the plugin cannot be used, as far as the last look at it told. */
  checkHealth(): void {
    if (this.#problem !== undefined) throw new Error(this.#problem);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#deps.client.close();
  }

  seal(value: Buffer, key: string): Buffer {
    const current = this.#confirmed();
    const stored: Stored = {
      encryptedData: sealWithSeed(current.seed, value, key),
      keyID: current.keyId,
      encryptedDEKSource: current.encryptedSeed,
      annotations: { ...current.annotations },
      encryptedDEKSourceType: EncryptedDEKSourceType.HKDF_SHA256_XNONCE_AES_GCM_SEED,
    } as Stored;
    return Buffer.from(EncryptedObject.encode(stored).finish());
  }

  async open(sealed: Buffer, key: string): Promise<Opened> {
    const stored = decodeStored(sealed);
    const source = await this.#sourceOf(stored);
    const isSeed = stored.encryptedDEKSourceType === EncryptedDEKSourceType.HKDF_SHA256_XNONCE_AES_GCM_SEED;
    const data = Buffer.from(stored.encryptedData);
    const value = isSeed ? openWithSeed(source, data, key) : openGcm(source, data, key);
    return { value, isStale: !isSeed || stored.keyID !== this.#current?.keyId };
  }

  #confirmed(): Current {
    const current = this.#current;
    if (!current) throw new Error(`got unexpected nil transformer: ${this.#problem ?? ""}`);
    const nowMs = this.#deps.clock.now();
    if (nowMs < current.goodUntilMs) return current;
    const [until, now] = [current.goodUntilMs, nowMs].map((ms) => new Date(ms).toISOString());
    throw new Error(
      `EDEK with keyID hash ${JSON.stringify(hashOf(current.keyId))} expired at ${until} (current time is ${now})`,
    );
  }

  async #sourceOf(stored: Stored): Promise<Buffer> {
    const id = sourceId(stored);
    const known = this.#seeds.get(id);
    if (known) return known;
    const request = {
      ciphertext: stored.encryptedDEKSource,
      uid: randomUUID(),
      keyId: stored.keyID,
      annotations: stored.annotations,
    };
    try {
      return this.#seeds.set(id, await this.#deps.client.decrypt(request));
    } catch (cause) {
      throw new Error(`failed to decrypt DEK, error: ${errorMessage(cause)}`, { cause });
    }
  }

  async #poll(): Promise<void> {
    try {
      await this.#confirm();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = errorMessage(error);
    }
    if (this.#isClosed) return;
    const delayMs = this.#problem === undefined ? pollMs.healthy : pollMs.failing;
    this.#cancel = this.#deps.clock.after(delayMs, () => void this.#poll());
  }

  /** Keeps the seed while the plugin keeps its key, and makes another when it has another. */
  async #confirm(): Promise<void> {
    const { client, clock } = this.#deps;
    const status = await client.status();
    checkStatus(status);
    const goodUntilMs = clock.now() + confirmedForMs;
    if (this.#current?.keyId === status.keyId) {
      this.#current = { ...this.#current, goodUntilMs };
      return;
    }
    const seed = randomBytes(32);
    const answer = await client.encrypt(seed, randomUUID());
    checkEncrypted(answer, status.keyId);
    const { ciphertext: encryptedSeed, keyId, annotations } = answer;
    this.#current = { seed, keyId, encryptedSeed, annotations, goodUntilMs };
  }
}

function checkStatus({ version, healthz, keyId }: kms.StatusResponse): void {
  const problems: string[] = [];
  if (healthz !== "ok") problems.push(`got unexpected healthz status: ${healthz}`);
  if (version !== "v2" && version !== "v2beta1") problems.push(`expected KMSv2 API version v2, got ${version}`);
  problems.push(...keyIdProblems(keyId));
  if (problems.length > 0) throw new Error(problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`);
}

function checkEncrypted({ ciphertext, keyId, annotations }: kms.EncryptResponse, expected: string): void {
  const size = Object.entries(annotations).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const [problem] = keyIdProblems(keyId);
  if (problem) throw new Error(problem);
  if (ciphertext.length === 0) throw new Error("encrypted DEK source is empty");
  if (ciphertext.length > maxSeedBytes) {
    throw new Error(
      `encrypted DEK source is ${ciphertext.length} bytes, which exceeds the max size of ${maxSeedBytes}`,
    );
  }
  if (size > maxAnnotationBytes) {
    throw new Error(`total size of annotations is ${size}, which exceeds the max size of ${maxAnnotationBytes}`);
  }
  for (const key of Object.keys(annotations)) {
    if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(key))
      throw new Error(
        `annotations: Invalid value: ${JSON.stringify(key)}: should be a domain with at least two segments separated by dots`,
      );
  }
  // The plugin changed its key between both questions: the next look finds one key again.
  if (keyId !== expected)
    throw new Error(`status returned keyID ${hashOf(expected)} but encrypt returned ${hashOf(keyId)}`);
}

function keyIdProblems(keyId: string): string[] {
  if (keyId === "") return ["keyID is empty"];
  const size = Buffer.byteLength(keyId);
  return size > maxKeyIdBytes ? [`keyID is ${size} bytes, which exceeds the max size of ${maxKeyIdBytes}`] : [];
}

function decodeStored(sealed: Buffer): Stored {
  let stored: Stored;
  try {
    stored = EncryptedObject.decode(sealed);
  } catch (cause) {
    throw new Error(`failed to unmarshal encrypted object: ${errorMessage(cause)}`, { cause });
  }
  if (stored.encryptedData.length === 0) throw new Error("encrypted data is empty");
  if (stored.encryptedDEKSource.length === 0) throw new Error("encrypted DEK source is empty");
  return stored;
}

/** Two stored sources are the same if all that the plugin would be told about them is. */
function sourceId({ encryptedDEKSource, keyID, annotations }: Stored): string {
  const hash = createHash("sha256").update(encryptedDEKSource).update("\0").update(keyID);
  for (const [key, value] of Object.entries(annotations).sort())
    hash.update("\0").update(key).update("\0").update(value);
  return hash.digest("base64");
}

function hashOf(keyId: string): string {
  return `sha256:${createHash("sha256").update(keyId).digest("hex")}`;
}
