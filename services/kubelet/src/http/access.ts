import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Clock } from "@tskube/base";
import { type Client, type ResourceInfo, resourcePath } from "@tskube/client";
import { type Attributes, attributesOf } from "./authorization.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import { HttpError } from "./http-error.ts";

export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, string[]>>;
}

export interface AccessOptions {
  readonly nodeName: string;
  readonly acceptsAnonymous: boolean;
  readonly asksAboutTokens: boolean;
  /** Without it everybody who is known may do everything. */
  readonly asksAboutRights: boolean;
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

interface SubjectAccessReview {
  apiVersion: string;
  kind: string;
  spec: Record<string, unknown>;
  status?: { allowed?: boolean; reason?: string };
}

const tokenReviews: ResourceInfo = {
  group: "authentication.k8s.io",
  version: "v1",
  resource: "tokenreviews",
  kind: "TokenReview",
  namespaced: false,
};
const accessReviews: ResourceInfo = {
  group: "authorization.k8s.io",
  version: "v1",
  resource: "subjectaccessreviews",
  kind: "SubjectAccessReview",
  namespaced: false,
};

/** How long answers are believed, as upstream's kubelet does. */
const ttlMs = { token: 2 * 60_000, allowed: 5 * 60_000, denied: 30_000 };
const cacheLimit = 1000;

/** Who may use the kubelet's API: known by client certificate or token, with rights on the node that the API server is asked about. */
export class Access {
  readonly #client: Client;
  readonly #options: AccessOptions;
  readonly #tokens: ExpiringCache<User | undefined>;
  readonly #rights: ExpiringCache<boolean>;

  constructor(client: Client, clock: Clock, options: AccessOptions) {
    this.#client = client;
    this.#options = options;
    this.#tokens = new ExpiringCache(clock, cacheLimit);
    this.#rights = new ExpiringCache(clock, cacheLimit);
  }

  /** Returns the user; throws a 401 or 403 otherwise. */
  async check(request: IncomingMessage, pathname: string): Promise<User> {
    const user = await this.#authenticate(request);
    if (!user) throw new HttpError(401, "Unauthorized");
    if (!this.#options.asksAboutRights) return user;
    const questions = attributesOf(request.method ?? "GET", pathname);
    for (const question of questions) if (await this.#isAllowed(user, question)) return user;
    const { verb, resource, subresource } = questions.at(-1) ?? { verb: "", resource: "nodes", subresource: "" };
    throw new HttpError(
      403,
      `Forbidden (user=${user.name}, verb=${verb}, resource=${resource}, subresource(s)=[${questions.map((each) => each.subresource).join(" ") || subresource}])\n`,
    );
  }

  async #authenticate(request: IncomingMessage): Promise<User | undefined> {
    const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token) return this.#options.asksAboutTokens ? this.#userOfToken(token) : undefined;
    return certificateUser(request) ?? (this.#options.acceptsAnonymous ? anonymous : undefined);
  }

  #userOfToken(token: string): Promise<User | undefined> {
    // The token itself is not kept in memory longer than its request.
    const key = createHash("sha256").update(token).digest("base64");
    return this.#tokens.get(
      key,
      async () => {
        const body: TokenReview = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
        const { status } = await this.#post<TokenReview>(tokenReviews, body);
        const user = status?.user;
        if (!status?.authenticated || !user?.username) return undefined;
        return {
          name: user.username,
          groups: user.groups ?? [],
          ...(user.uid && { uid: user.uid }),
          ...(user.extra && { extra: user.extra }),
        };
      },
      () => ttlMs.token,
    );
  }

  #isAllowed(user: User, { verb, resource, subresource }: Attributes): Promise<boolean> {
    const { nodeName } = this.#options;
    return this.#rights.get(
      JSON.stringify([user.name, user.groups, user.uid, user.extra, verb, subresource]),
      async () => {
        const body: SubjectAccessReview = {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SubjectAccessReview",
          spec: {
            user: user.name,
            groups: user.groups,
            ...(user.uid && { uid: user.uid }),
            ...(user.extra && { extra: user.extra }),
            resourceAttributes: { verb, version: "v1", resource, subresource, name: nodeName },
          },
        };
        return (await this.#post<SubjectAccessReview>(accessReviews, body)).status?.allowed === true;
      },
      (isAllowed) => (isAllowed ? ttlMs.allowed : ttlMs.denied),
    );
  }

  #post<T>(info: ResourceInfo, body: T): Promise<T> {
    return this.#client.rest.json<T>({ method: "POST", path: resourcePath(info, {}), body });
  }
}

const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** The subject of a verified client certificate: the common name is the user, organizations are its groups. */
function certificateUser({ socket }: IncomingMessage): User | undefined {
  const tls = socket as TLSSocket;
  if (!tls.authorized || typeof tls.getPeerCertificate !== "function") return undefined;
  const { subject } = tls.getPeerCertificate();
  if (!subject?.CN) return undefined;
  const organizations = subject.O as string | string[] | undefined;
  const groups = organizations === undefined ? [] : [organizations].flat();
  return { name: [subject.CN].flat()[0] ?? "", groups: [...groups, "system:authenticated"] };
}
