import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type Authority, makeAuthority } from "./certificates.ts";

export interface Review {
  readonly apiVersion: string;
  readonly request: { readonly uid: string; readonly object: { readonly metadata: { readonly name: string } } };
}

/** A real webhook: HTTPS on loopback, with an authority of its own. */
export class WebhookServer {
  readonly #server: Server;
  readonly #authority: Authority;
  readonly reviews: Review[] = [];

  private constructor(authority: Authority, server: Server) {
    this.#authority = authority;
    this.#server = server;
  }

  /** `answer` makes the response's fields from the path and the review. */
  static async start(answer: (path: string, review: Review) => object): Promise<WebhookServer> {
    const authority = await makeAuthority("webhook-ca");
    const server = createServer(await authority.issue("CN=webhook"), (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.once("end", () => {
        const review = JSON.parse(Buffer.concat(chunks).toString()) as Review;
        webhook.reviews.push(review);
        const { uid } = review.request;
        const path = new URL(request.url ?? "/", "https://hook").pathname;
        const body = { kind: "AdmissionReview", apiVersion: review.apiVersion };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ ...body, response: { uid, allowed: true, ...answer(path, review) } }));
      });
    });
    const webhook = new WebhookServer(authority, server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return webhook;
  }

  clientConfig(path: string) {
    const { port } = this.#server.address() as AddressInfo;
    const caBundle = Buffer.from(this.#authority.cert).toString("base64");
    return { url: `https://127.0.0.1:${port}${path}`, caBundle };
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
