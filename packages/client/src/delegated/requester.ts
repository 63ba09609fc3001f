import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { type Clock, ExpiringCache } from "@tskube/base";
import type { Client } from "../client.ts";
import { type ResourceInfo, resourcePath } from "../rest/resource.ts";

/** Who makes a request. */
export interface Requester {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, string[]>>;
}

interface TokenReview {
  apiVersion: string;
  kind: string;
  spec: { token: string };
  status?: {
    authenticated?: boolean;
    user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> };
  };
}

const tokenReviews: ResourceInfo = {
  group: "authentication.k8s.io",
  version: "v1",
  resource: "tokenreviews",
  kind: "TokenReview",
  namespaced: false,
};

export const anonymous: Requester = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** How long an answer about a token is believed, as upstream's kubelet does. */
const tokenTtlMs = 2 * 60_000;
const cacheLimit = 1000;

/** Asks the API server whose a bearer token is. */
export class TokenReviews {
  readonly #client: Client;
  readonly #known: ExpiringCache<Requester | undefined>;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#known = new ExpiringCache(clock, cacheLimit);
  }

  /** Undefined for a token that nobody has; rejects when the API server does not answer. */
  userOf(token: string): Promise<Requester | undefined> {
    // The token itself is not kept in memory longer than its request.
    const key = createHash("sha256").update(token).digest("base64");
    return this.#known.get(
      key,
      () => this.#ask(token),
      () => tokenTtlMs,
    );
  }

  async #ask(token: string): Promise<Requester | undefined> {
    const body: TokenReview = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const path = resourcePath(tokenReviews, {});
    const { status } = await this.#client.rest.json<TokenReview>({ method: "POST", path, body });
    const user = status?.user;
    if (!status?.authenticated || !user?.username) return undefined;
    return {
      name: user.username,
      groups: user.groups ?? [],
      ...(user.uid && { uid: user.uid }),
      ...(user.extra && { extra: user.extra }),
    };
  }
}

export function bearerToken({ headers }: IncomingMessage): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

/** The subject of a verified client certificate: the common name is the user, organizations are its groups. */
export function certificateUser({ socket }: IncomingMessage): Requester | undefined {
  const tls = socket as TLSSocket;
  if (!tls.authorized || typeof tls.getPeerCertificate !== "function") return undefined;
  const { subject } = tls.getPeerCertificate();
  if (!subject?.CN) return undefined;
  const organizations = subject.O as string | string[] | undefined;
  const groups = organizations === undefined ? [] : [organizations].flat();
  return { name: [subject.CN].flat()[0] ?? "", groups: [...groups, "system:authenticated"] };
}
