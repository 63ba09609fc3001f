import { X509Certificate } from "node:crypto";
import type { CertificateSigningRequest } from "@tskube/api";
import { isNotFound, parseTime } from "@tskube/apimachinery";
import { after, type Controller, type Deps, done, self } from "@tskube/controller";

const hour = 60 * 60 * 1000;
/** How long requests stay after they were decided or failed. */
const decidedMs = hour;
/** How long nobody may decide about one. */
const pendingMs = 24 * hour;

/** Deletes requests that are done with. */
export function csrCleaner({ client, clock, listers }: Deps): Controller {
  const { certificatesigningrequests: requests } = listers;
  return {
    name: "certificatesigningrequest-cleaner",
    workers: 1,
    wakeOn: { CertificateSigningRequest: self },
    async reconcile(name) {
      const request = requests.get(name);
      if (!request) return done;
      const endsMs = endOf(request);
      if (endsMs === undefined) return done;
      if (endsMs > clock.now()) return after(endsMs - clock.now());
      const { uid } = request.metadata;
      try {
        await client.certificatesigningrequests().delete(name, uid ? { preconditions: { uid } } : {});
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      return done;
    },
  };
}

/** When a request has served its purpose: a while after what became of it, and at once when its certificate has ended. */
export function endOf(request: CertificateSigningRequest): number | undefined {
  const { conditions = [], certificate } = request.status ?? {};
  const ends: number[] = [];
  const addAfter = (time: string | undefined, ms: number) => {
    const from = parseTime(time ?? "");
    if (from !== undefined) ends.push(from + ms);
  };
  if (conditions.length === 0) addAfter(request.metadata.creationTimestamp, pendingMs);
  for (const { type, lastUpdateTime } of conditions) {
    if (type === "Approved" || type === "Denied" || type === "Failed") addAfter(lastUpdateTime, decidedMs);
  }
  if (certificate && conditions.some(({ type }) => type === "Approved")) ends.push(certificateEnd(certificate));
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

/** What cannot be read ends never by itself. */
function certificateEnd(base64Pem: string): number {
  try {
    return Date.parse(new X509Certificate(Buffer.from(base64Pem, "base64")).validTo);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
