import { isJsonObject } from "../json.ts";

/** Where a paged list goes on. */
export interface ContinuePosition {
  /** The revision that all pages show; -1 to take the latest one, after a token has expired. */
  readonly revision: number;
  /** The next key, relative to the list's prefix. */
  readonly startKey: string;
}

const tokenVersion = "meta.k8s.io/v1";

/** The `continue` token for a position: opaque to clients, in upstream's form. */
export function encodeContinueToken({ revision, startKey }: ContinuePosition): string {
  if (revision === 0) throw new Error("cannot encode continue token: the revision is not known");
  const json = JSON.stringify({ v: tokenVersion, rv: revision, start: startKey });
  return Buffer.from(json, "utf8").toString("base64url");
}

/** Reads a `continue` token; throws a plain error in upstream's words, which the apiserver answers as a bad request. */
export function decodeContinueToken(token: string): ContinuePosition {
  const fields = parseToken(token);
  if (fields["v"] !== tokenVersion) {
    const version = String(fields["v"] ?? "");
    throw new Error(`continue key is not valid: server does not recognize this encoded version ${version}`);
  }
  const { rv: revision, start } = fields;
  if (typeof revision !== "number" || !Number.isSafeInteger(revision) || revision === 0) {
    throw new Error("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  }
  if (typeof start !== "string" || start === "") {
    throw new Error("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
  }
  const key = start.startsWith("/") ? start.slice(1) : start;
  // A key that climbs out of its prefix would read what the list was not authorized for.
  if (key.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw new Error(`continue key is not valid: ${start}`);
  }
  return { revision, startKey: key };
}

function parseToken(token: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (isJsonObject(value)) return value;
  } catch (error) {
    throw new Error("continue key is not valid: cannot be decoded", { cause: error });
  }
  throw new Error("continue key is not valid: not an object");
}
