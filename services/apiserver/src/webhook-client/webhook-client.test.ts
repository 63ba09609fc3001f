import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { type TestAuthority, testAuthority } from "@tskube/component/testing";
import { expect } from "chai";
import { FakeObjects } from "../auth/testing/fake-objects.ts";
import { createWebhookClient, type WebhookClient } from "./webhook-client.ts";

const maxAnswerBytes = 1024;

describe("a webhook client", () => {
  let authority: TestAuthority;
  let server: Server;
  let client: WebhookClient;
  let caBundle: string;
  const connections: Socket[] = [];
  const asked: { readonly url: string | undefined; readonly authorization: string | undefined }[] = [];

  before(async () => {
    authority = await testAuthority();
    caBundle = Buffer.from(authority.ca).toString("base64");
    server = createServer(await authority.issue("webhook"), (request, response) => {
      asked.push({ url: request.url, authorization: request.headers.authorization });
      const [, what = ""] = (request.url ?? "").split(/[/?]/);
      if (what === "silent") return;
      if (what === "long") response.end("x".repeat(maxAnswerBytes + 1));
      else if (what === "broken") response.writeHead(500).end("no luck");
      else request.pipe(response);
    });
    server.on("secureConnection", (socket) => connections.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  beforeEach(() => {
    connections.length = 0;
    asked.length = 0;
    const credentials = () => ({ authorization: "Bearer secret" });
    client = createWebhookClient(
      { userAgent: "test", maxAnswerBytes, credentials },
      { objects: new FakeObjects(), random: () => 0 },
    );
  });
  afterEach(() => client.close());

  const port = () => (server.address() as AddressInfo).port;
  const post = (path: string, more: { timeoutMs?: number; url?: string; caBundle?: string } = {}) => {
    const { timeoutMs = 5_000, ...config } = { url: `https://127.0.0.1:${port()}${path}`, caBundle, ...more };
    return client.post({ config, body: '{"a":1}', timeoutMs, signal: new AbortController().signal });
  };
  const failure = (answer: Promise<string>) => answer.then(String, (error: Error) => error.message);

  it("posts with the time it has and its credentials, and reads the answer", async () => {
    expect(await post("/echo")).to.equal('{"a":1}');
    expect(asked).to.deep.equal([{ url: "/echo?timeout=5s", authorization: "Bearer secret" }]);
  });

  it("keeps its connection for the next call, and replaces one that was closed meanwhile", async () => {
    await post("/echo");
    await post("/echo?x=y");
    expect(connections).to.have.length(1);
    expect(asked[1]?.url).to.equal("/echo?x=y&timeout=5s");
    connections[0]?.destroy();
    expect(await post("/echo")).to.equal('{"a":1}');
  });

  it("says what went wrong as client-go does", async () => {
    const url = (path: string) => `https://127.0.0.1:${port()}${path}`;
    expect(await failure(post("/silent", { timeoutMs: 50 }))).to.equal(
      `Post "${url("/silent")}?timeout=0.05s": context deadline exceeded`,
    );
    expect(await failure(post("/broken"))).to.equal(
      'an error on the server ("no luck") has prevented the request from succeeding',
    );
    expect(await failure(post("/long"))).to.contain("webhook response is too large");
    const other = Buffer.from((await testAuthority()).ca).toString("base64");
    expect(await failure(post("/echo", { caBundle: other }))).to.contain(
      "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    );
    expect(await failure(post("/", { url: "https://127.0.0.1:1/" }))).to.equal(
      'Post "https://127.0.0.1:1/?timeout=5s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
  });
});
