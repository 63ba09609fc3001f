import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { at, openTestServer, type TestServer } from "../apiserver/open-test-server.ts";
import { establish } from "./establish.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

const version = (name: string, field: string, isStored: boolean) => ({
  name,
  served: true,
  storage: isStored,
  schema: {
    openAPIV3Schema: {
      type: "object",
      properties: {
        spec: { type: "object", properties: { [field]: { type: "string" }, size: { type: "integer", default: 1 } } },
      },
    },
  },
});

const definition = (plural: string, kind: string, field: string, conversion: object) => ({
  metadata: { name: `${plural}.versions.example.com` },
  spec: {
    group: "versions.example.com",
    scope: "Cluster",
    names: { plural, kind },
    versions: [{ ...version("v1beta1", "host", false), deprecated: true }, version("v1", field, true)],
    conversion,
  },
});

interface Review {
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly { spec: { host?: string; address?: string; size: number } }[];
  };
}

/** A webhook that calls `host` `address` in v1. */
function answerReview({ request }: Review): object {
  const convertedObjects = request.objects.map((object) => {
    const { host, address, size } = object.spec;
    const text = host ?? address;
    const isNew = request.desiredAPIVersion.endsWith("/v1");
    const spec = isNew ? { address: text, size } : { host: text, size };
    return { ...object, apiVersion: request.desiredAPIVersion, spec };
  });
  const response = { uid: request.uid, convertedObjects, result: { status: "Success" } };
  return { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview", response };
}

describe("versions of custom resources", function () {
  this.timeout(20_000);
  let api: TestServer;
  before(async () => {
    api = await openTestServer();
  });
  after(() => api.close());

  it("differ in name alone without conversion", async () => {
    await establish(api, definition("plains", "Plain", "host", { strategy: "None" }));
    const base = "/apis/versions.example.com";
    const made = await api.send("POST", `${base}/v1beta1/plains`, { metadata: { name: "a" }, spec: { host: "h" } });
    expect(at(made.json, "apiVersion")).to.equal("versions.example.com/v1beta1");
    expect(made.headers["warning"]).to.contain("versions.example.com/v1beta1 Plain is deprecated");
    const { json } = await api.send("GET", `${base}/v1/plains`);
    expect(at(json, "items", 0)).to.include({ apiVersion: "versions.example.com/v1" });
    expect(at(json, "items", 0, "spec")).to.deep.equal({ host: "h", size: 1 });
    const group = await api.send("GET", base);
    expect(at(group.json, "preferredVersion", "version")).to.equal("v1");
  });

  describe("with a webhook", () => {
    let folder: string;
    let webhook: Server;
    before(async function () {
      if (!hasOpenssl) return this.skip();
      folder = mkdtempSync(join(tmpdir(), "tskube-conversion-"));
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
      const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
      const files = ["-keyout", "tls.key", "-out", "tls.crt", "-subj", "/CN=webhook"];
      execFileSync("openssl", ["req", "-x509", ...key, "-days", "2", ...files, ...names], {
        cwd: folder,
        stdio: "ignore",
      });
      const [cert, privateKey] = ["tls.crt", "tls.key"].map((name) => readFileSync(join(folder, name)));
      webhook = createServer({ cert, key: privateKey }, (request, response) => {
        const parts: Buffer[] = [];
        request.on("data", (part: Buffer) => parts.push(part));
        request.on("end", () =>
          response.end(JSON.stringify(answerReview(JSON.parse(Buffer.concat(parts).toString())))),
        );
      });
      await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
    });
    after(() => {
      webhook?.close();
      webhook?.closeAllConnections();
      if (folder) rmSync(folder, { recursive: true, force: true });
    });

    it("are converted on the way in and out", async () => {
      const address = webhook.address();
      const port = typeof address === "object" ? address?.port : 0;
      const caBundle = readFileSync(join(folder, "tls.crt")).toString("base64");
      const clientConfig = { url: `https://127.0.0.1:${port}/convert`, caBundle };
      const conversion = { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } };
      await establish(api, definition("hooks", "Hook", "address", conversion));
      const base = "/apis/versions.example.com";
      const made = await api.send("POST", `${base}/v1beta1/hooks`, { metadata: { name: "a" }, spec: { host: "h" } });
      expect(at(made.json, "spec"), JSON.stringify(made.json)).to.deep.equal({ host: "h", size: 1 });
      const read = await api.send("GET", `${base}/v1/hooks/a`);
      expect(at(read.json, "spec")).to.deep.equal({ address: "h", size: 1 });
      expect(at(read.json, "metadata", "uid")).to.equal(at(made.json, "metadata", "uid"));
      const merge = { "content-type": "application/merge-patch+json" };
      await api.send("PATCH", `${base}/v1/hooks/a`, { spec: { address: "new" } }, merge);
      const again = await api.send("GET", `${base}/v1beta1/hooks/a`);
      expect(at(again.json, "spec")).to.deep.equal({ host: "new", size: 1 });
    });
  });
});
