import { badRequest, type StatusError } from "@tskube/apimachinery";

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
  const { v, rv, start } = parse(text);
  if (v !== tokenVersion) throw notValid(`: server does not recognize this encoded version ${JSON.stringify(v ?? "")}`);
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0) {
    throw notValid(`: incorrect encoded start resourceVersion (version ${tokenVersion})`);
  }
  if (typeof start !== "string" || start === "") {
    throw notValid(`: encoded start key empty (version ${tokenVersion})`);
  }
  if (!isClean(start)) throw notValid(`: ${start}`);
  return { revision: rv, start };
}

interface Parsed {
  readonly v?: unknown;
  readonly rv?: unknown;
  readonly start?: unknown;
}

function parse(text: string): Parsed {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    // Answered below: what the text is instead does not matter to the client.
  }
  if (typeof parsed !== "object" || parsed === null) throw notValid("");
  return parsed;
}

/** A start that leads out of the resource could show what its reader may not see. */
function isClean(start: string): boolean {
  return start.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function notValid(detail: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid${detail}`);
}
