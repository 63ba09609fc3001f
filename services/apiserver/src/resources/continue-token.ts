import { badRequest } from "@tskube/apimachinery";

/** Where a list goes on: the keys above `start` (relative to the resource) as they were at `revision`; -1 is the newest. */
export interface ContinueToken {
  readonly revision: number;
  readonly start: string;
}

const tokenVersion = "meta.k8s.io/v1";

export function encodeContinue(token: ContinueToken): string {
  const json = JSON.stringify({ v: tokenVersion, rv: token.revision, start: token.start });
  return Buffer.from(json).toString("base64url");
}

/** Throws `badRequest` for anything that `encodeContinue` has not made. */
export function decodeContinue(text: string): ContinueToken {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    const { v, rv, start } = parsed as { v?: unknown; rv?: unknown; start?: unknown };
    const isValid = v === tokenVersion && typeof rv === "number" && typeof start === "string" && start !== "";
    if (isValid && Number.isSafeInteger(rv) && rv !== 0 && !start.includes("..")) return { revision: rv, start };
  } catch {
    // Answered below: what the text is instead does not matter to the client.
  }
  throw badRequest("invalid continue token");
}
