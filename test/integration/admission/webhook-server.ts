import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { readBody } from "@tskube/client";
import { makeAuthority } from "../security/certificates.ts";

export interface AdmissionReview {
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    readonly name?: string;
    readonly operation: string;
    readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
    readonly requestKind: { readonly version: string };
    readonly object: AdmittedObject | null;
    readonly oldObject: AdmittedObject | null;
    readonly dryRun: boolean;
    readonly options: object | null;
  };
}

export interface AdmittedObject {
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly containers?: readonly { readonly name: string }[] };
}

/** The fields of a response, beside `uid`; `allowed` unless it says otherwise. */
export type Response = Readonly<Record<string, unknown>>;

export const refused = (message: string): Response => ({ allowed: false, status: { message } });

export const patched = (...operations: readonly object[]): Response => ({
  patchType: "JSONPatch",
  patch: Buffer.from(JSON.stringify(operations)).toString("base64"),
});

const maxBytes = 16 * 1024 * 1024;
/** The service that the certificate is for, too. */
export const serviceName = { name: "e2e-test-webhook", namespace: "default" };

/** Webhooks of one HTTPS server on loopback: a path for each. */
export class AdmissionWebhooks {
  readonly #server: Server;
  readonly caBundle: string;
  /** What was asked, by path. */
  readonly asked: { readonly path: string; readonly review: AdmissionReview }[] = [];

  private constructor(server: Server, caBundle: string) {
    this.#server = server;
    this.caBundle = caBundle;
  }

  static async open(
    answers: Readonly<Record<string, (review: AdmissionReview) => Response | Promise<Response>>>,
  ): Promise<AdmissionWebhooks> {
    const authority = await makeAuthority("webhook-ca");
    const names = [`${serviceName.name}.${serviceName.namespace}.svc`];
    const server = createServer(await authority.issue("CN=webhook", names), async (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "https://hook");
      const review = JSON.parse((await readBody(request, maxBytes)).toString()) as AdmissionReview;
      webhooks.asked.push({ path: pathname, review });
      const said = { uid: review.request.uid, allowed: true, ...(await answers[pathname]?.(review)) };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ kind: "AdmissionReview", apiVersion: review.apiVersion, response: said }));
    });
    const webhooks = new AdmissionWebhooks(server, Buffer.from(authority.cert).toString("base64"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return webhooks;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path: string) {
    return { url: `https://127.0.0.1:${this.port}${path}`, caBundle: this.caBundle };
  }

  service(path: string) {
    return { service: { ...serviceName, path, port: this.port }, caBundle: this.caBundle };
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
