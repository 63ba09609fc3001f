/** What a reader of a container's log wants. */
export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly previous: boolean;
  /** The last so many lines only. */
  readonly tailLines?: number;
  readonly limitBytes?: number;
  /** Lines from then on, in milliseconds since the epoch. */
  readonly sinceMs?: number;
}

/** Reads the query of a log request; throws a sentence about a value that makes no sense. */
export function parseLogOptions(query: URLSearchParams, nowMs: number): LogOptions {
  const tailLines = whole(query, "tailLines", 0);
  const limitBytes = whole(query, "limitBytes", 1);
  const sinceSeconds = whole(query, "sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  if (sinceSeconds !== undefined && sinceTime)
    throw new Error("at most one of `sinceTime` or `sinceSeconds` may be specified");
  const sinceTimeMs = sinceTime ? Date.parse(sinceTime) : undefined;
  if (Number.isNaN(sinceTimeMs)) throw new Error(`sinceTime: invalid value ${JSON.stringify(sinceTime)}`);
  const sinceMs = sinceSeconds === undefined ? sinceTimeMs : nowMs - sinceSeconds * 1000;
  return {
    follow: isTrue(query, "follow"),
    timestamps: isTrue(query, "timestamps"),
    previous: isTrue(query, "previous"),
    ...(tailLines !== undefined && { tailLines }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceMs !== undefined && { sinceMs }),
  };
}

function whole(query: URLSearchParams, name: string, min: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min)
    throw new Error(`${name}: Invalid value: ${text}: must be greater than or equal to ${min}`);
  return value;
}

/** Go's way: the parameter alone means true. */
function isTrue(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== "false" && text !== "0";
}
