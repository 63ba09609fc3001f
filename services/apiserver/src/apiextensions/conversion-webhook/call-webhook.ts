import { request } from "node:https";
import type { WebhookTarget } from "./target.ts";

const timeoutMs = 30_000;
const maxAnswerBytes = 128 * 1024 * 1024;

/** Posts a question as JSON and reads the answer. Throws for everything but an answer with status 200. */
export function callWebhook(target: WebhookTarget, question: object): Promise<unknown> {
  const body = Buffer.from(JSON.stringify(question));
  const { host, port, path, serverName, ca } = target;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host,
        port,
        path,
        method: "POST",
        // A certificate for an address is checked by the address; TLS has no name to ask for then.
        ...(/^[\d.]+$|:/.test(serverName) ? {} : { servername: serverName }),
        ...(ca !== undefined && { ca }),
        headers: { "content-type": "application/json", accept: "application/json", "content-length": body.byteLength },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        answer.on("data", (part: Buffer) => {
          size += part.byteLength;
          if (size > maxAnswerBytes) call.destroy(new Error("webhook answer is too large"));
          else parts.push(part);
        });
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode !== 200) return reject(new Error(`webhook answered with status ${answer.statusCode}`));
          try {
            resolve(JSON.parse(Buffer.concat(parts).toString("utf8")));
          } catch (cause) {
            reject(new Error("webhook answer is no JSON", { cause }));
          }
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}
