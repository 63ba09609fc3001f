import type { IncomingMessage } from "node:http";
import type { Clock } from "@tskube/base";
import {
  AccessReviews,
  anonymous,
  bearerToken,
  type Client,
  certificateUser,
  type Requester,
  TokenReviews,
} from "@tskube/client";
import { attributesOf } from "./authorization.ts";
import { HttpError } from "./http-error.ts";

export interface AccessOptions {
  readonly nodeName: string;
  readonly acceptsAnonymous: boolean;
  readonly asksAboutTokens: boolean;
  /** Without it everybody who is known may do everything. */
  readonly asksAboutRights: boolean;
}

/** Who may use the kubelet's API: known by client certificate or token, with rights on the node that the API server is asked about. */
export class Access {
  readonly #options: AccessOptions;
  readonly #tokens: TokenReviews;
  readonly #rights: AccessReviews;

  constructor(client: Client, clock: Clock, options: AccessOptions) {
    this.#options = options;
    this.#tokens = new TokenReviews(client, clock);
    this.#rights = new AccessReviews(client, clock);
  }

  /** Returns the user; throws a 401 or 403 otherwise. */
  async check(request: IncomingMessage, pathname: string): Promise<Requester> {
    const user = await this.#authenticate(request);
    if (!user) throw new HttpError(401, "Unauthorized");
    if (!this.#options.asksAboutRights) return user;
    const questions = attributesOf(request.method ?? "GET", pathname);
    for (const { verb, resource, subresource } of questions) {
      const resourceAttributes = { verb, version: "v1", resource, subresource, name: this.#options.nodeName };
      if (await this.#rights.isAllowed(user, { resourceAttributes })) return user;
    }
    const { verb, resource, subresource } = questions.at(-1) ?? { verb: "", resource: "nodes", subresource: "" };
    throw new HttpError(
      403,
      `Forbidden (user=${user.name}, verb=${verb}, resource=${resource}, subresource(s)=[${questions.map((each) => each.subresource).join(" ") || subresource}])\n`,
    );
  }

  async #authenticate(request: IncomingMessage): Promise<Requester | undefined> {
    const token = bearerToken(request);
    if (token) return this.#options.asksAboutTokens ? this.#tokens.userOf(token) : undefined;
    return certificateUser(request) ?? (this.#options.acceptsAnonymous ? anonymous : undefined);
  }
}
