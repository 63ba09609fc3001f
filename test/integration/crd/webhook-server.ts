import "reflect-metadata"; // what @peculiar/x509 wires itself up with; must come first
import { webcrypto } from "node:crypto";
import { createServer } from "node:https";
import * as x509 from "@peculiar/x509";
import { readBody } from "@tskube/client";
import type { Store } from "@tskube/store";
import type { TestServer } from "../apiserver/open-test-server.ts";
import { portOf } from "./kubectl-door.ts";

/** What a webhook is asked, as far as the tests look into it. */
export interface ConversionReview {
  readonly apiVersion: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly Readonly<Record<string, unknown>>[];
  };
}

/** Answers with a whole review, or with a status and a text that are none. */
export type Answer = (
  review: ConversionReview,
  path: string,
) => object | { readonly status: number; readonly text: string };

export interface WebhookServer {
  /** Base64, as definitions have it. */
  readonly caBundle: string;
  readonly port: number;
  close(): void;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const maxBytes = 16 * 1024 * 1024;

/** A TLS server of loopback that answers reviews, and that a certificate for `dnsName` and 127.0.0.1 speaks for. */
export async function openWebhook(dnsName: string, answer: Answer): Promise<WebhookServer> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=webhook",
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: dnsName },
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  const cert = certificate.toString("pem");
  const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const server = createServer(
    { cert, key: x509.PemConverter.encode(der, "PRIVATE KEY") },
    async (request, response) => {
      const review = JSON.parse((await readBody(request, maxBytes)).toString("utf8")) as ConversionReview;
      const said = answer(review, request.url ?? "");
      if ("status" in said && "text" in said) response.writeHead(Number(said.status)).end(said.text);
      else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(said));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    caBundle: Buffer.from(cert).toString("base64"),
    port: portOf(server),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A review's answer with these objects. */
export function converted({ apiVersion, request }: ConversionReview, convertedObjects: readonly object[]): object {
  const response = { uid: request.uid, convertedObjects, result: { status: "Success" } };
  return { apiVersion, kind: "ConversionReview", response };
}

/**
 * A service whose port leads to the webhook. Its endpoint stands in the store as a controller would have written it for a pod; the API takes
 * none of loopback, where the webhook of a test lives.
 */
export async function serveBehindService(
  api: TestServer,
  store: Store,
  { name, namespace, port }: { readonly name: string; readonly namespace: string; readonly port: number },
  webhook: WebhookServer,
): Promise<void> {
  await api.send("POST", `/api/v1/namespaces/${namespace}/services`, {
    metadata: { name },
    spec: { selector: { "crd-webhook": "true" }, ports: [{ protocol: "TCP", port, targetPort: webhook.port }] },
  });
  const slice = {
    kind: "EndpointSlice",
    apiVersion: "discovery.k8s.io/v1",
    metadata: { name: `${name}-a`, namespace, uid: "1", labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports: [{ name: "", protocol: "TCP", port: webhook.port }],
    endpoints: [{ addresses: ["127.0.0.1"], conditions: { ready: true } }],
  };
  const key = `/registry/discovery.k8s.io/endpointslices/${namespace}/${name}-a`;
  await store.txn({ conditions: [], writes: [{ type: "put", key, value: Buffer.from(JSON.stringify(slice)) }] });
}
