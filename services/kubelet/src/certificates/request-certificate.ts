import type { CertificateSigningRequest } from "@tskube/api";
import { type Clock, sleep } from "@tskube/base";
import type { Client } from "@tskube/client";

export interface CertificateOrder {
  readonly signerName: string;
  readonly usages: readonly string[];
  /** The PKCS#10 request in PEM. */
  readonly request: string;
}

export interface RequestDeps {
  readonly client: Client;
  readonly clock: Clock;
}

/** How long somebody may take to approve and sign. */
const timeoutMs = 15 * 60_000;
/** A watch that ended is begun again after this. */
const pauseMs = 1_000;

/** The request was denied, or its signer could not sign it: asking again the same way is of no use. */
export class CertificateRefused extends Error {}

/** Files a certificate request and waits for its certificate, in PEM. Throws `CertificateRefused`, or when it takes too long. */
export async function requestCertificate(
  order: CertificateOrder,
  { client, clock }: RequestDeps,
  signal: AbortSignal,
): Promise<string> {
  const created = await client.certificatesigningrequests().create({
    metadata: { generateName: "csr-" },
    spec: {
      signerName: order.signerName,
      usages: [...order.usages],
      request: Buffer.from(order.request).toString("base64"),
    },
  });
  const waiting = new AbortController();
  const cancel = clock.after(timeoutMs, () => waiting.abort(new Error("timed out waiting for the certificate")));
  const stop = () => waiting.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await waitFor(created, { client, clock }, waiting.signal);
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

async function waitFor(
  { metadata: { name, uid } }: CertificateSigningRequest,
  { client, clock }: RequestDeps,
  signal: AbortSignal,
): Promise<string> {
  const requests = client.certificatesigningrequests();
  for (;;) {
    signal.throwIfAborted();
    const request = await requests.get(name, { signal });
    if (request.metadata.uid !== uid) throw new Error(`certificate request ${name} was replaced`);
    const certificate = outcomeOf(request) ?? (await watched(request));
    if (certificate !== undefined) return certificate;
    await sleep(clock, pauseMs, signal);
  }

  /** Undefined when the watch ends before anything was decided. */
  async function watched({ metadata: { resourceVersion } }: CertificateSigningRequest): Promise<string | undefined> {
    const fieldSelector = `metadata.name=${name}`;
    try {
      for await (const event of requests.watch({ fieldSelector, resourceVersion, signal })) {
        if (event.type === "BOOKMARK") continue;
        if (event.type === "DELETED") throw new CertificateRefused(`certificate request ${name} was deleted`);
        const certificate = outcomeOf(event.object);
        if (certificate !== undefined) return certificate;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof CertificateRefused) throw error;
    }
    return undefined;
  }
}

function outcomeOf({ status }: CertificateSigningRequest): string | undefined {
  for (const { type, reason = "", message = "" } of status?.conditions ?? []) {
    const why = `reason: ${JSON.stringify(reason)}, message: ${JSON.stringify(message)}`;
    if (type === "Denied") throw new CertificateRefused(`certificate signing request is denied, ${why}`);
    if (type === "Failed") throw new CertificateRefused(`certificate signing request failed, ${why}`);
  }
  const isApproved = status?.conditions?.some(({ type }) => type === "Approved");
  return isApproved && status?.certificate ? Buffer.from(status.certificate, "base64").toString("utf8") : undefined;
}
