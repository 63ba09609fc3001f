import { type Clock, ExpiringCache } from "@tskube/base";
import type { Client } from "../client.ts";
import { type ResourceInfo, resourcePath } from "../rest/resource.ts";
import type { Requester } from "./requester.ts";

/** What somebody wants to do, as a SubjectAccessReview words it. */
export type AccessQuestion =
  | {
      readonly resourceAttributes: {
        readonly verb: string;
        readonly version: string;
        readonly resource: string;
        readonly subresource?: string;
        readonly name?: string;
      };
    }
  | { readonly nonResourceAttributes: { readonly verb: string; readonly path: string } };

interface SubjectAccessReview {
  apiVersion: string;
  kind: string;
  spec: Record<string, unknown>;
  status?: { allowed?: boolean };
}

const accessReviews: ResourceInfo = {
  group: "authorization.k8s.io",
  version: "v1",
  resource: "subjectaccessreviews",
  kind: "SubjectAccessReview",
  namespaced: false,
};

/** How long answers are believed, as upstream's kubelet does. */
const ttlMs = { allowed: 5 * 60_000, denied: 30_000 };
const cacheLimit = 1000;

/** Asks the API server what a user may do. */
export class AccessReviews {
  readonly #client: Client;
  readonly #known: ExpiringCache<boolean>;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#known = new ExpiringCache(clock, cacheLimit);
  }

  /** Rejects when the API server does not answer. */
  isAllowed(user: Requester, question: AccessQuestion): Promise<boolean> {
    return this.#known.get(
      JSON.stringify([user.name, user.groups, user.uid, user.extra, question]),
      () => this.#ask(user, question),
      (isAllowed) => (isAllowed ? ttlMs.allowed : ttlMs.denied),
    );
  }

  async #ask({ name, groups, uid, extra }: Requester, question: AccessQuestion): Promise<boolean> {
    const body: SubjectAccessReview = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user: name, groups, ...(uid && { uid }), ...(extra && { extra }), ...question },
    };
    const path = resourcePath(accessReviews, {});
    const { status } = await this.#client.rest.json<SubjectAccessReview>({ method: "POST", path, body });
    return status?.allowed === true;
  }
}
