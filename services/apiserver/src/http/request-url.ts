/** A request target taken apart once. */
export interface RequestUrl {
  /** As it was sent, still percent-encoded, without the query. */
  readonly rawPath: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

const noQuery = new URLSearchParams();

/**
 * Parses a request target. Throws a `URIError` for broken percent-encoding; the shared empty query must not be changed by anyone.
 * `new URL` would cost more than the rest of answering a GET.
 */
export function parseRequestUrl(target: string): RequestUrl {
  const mark = target.indexOf("?");
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 || mark === target.length - 1 ? noQuery : new URLSearchParams(target.slice(mark + 1));
  const path = rawPath.includes("%") ? decodeURIComponent(rawPath) : rawPath;
  return { rawPath, path: path === "" ? "/" : path, query };
}
