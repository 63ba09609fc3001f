import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";
import { type BenchClient, type BenchRequest, bodyCollector, type Endpoint } from "./client.ts";

/** Keeps `concurrency` connections alive. */
export function createHttp1Client(endpoint: Endpoint, concurrency: number): BenchClient {
  const tls = { host: "127.0.0.1", port: endpoint.port, ca: endpoint.ca, cert: endpoint.cert, key: endpoint.key };
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  // Streams stay open, so they do not take the agent's connections.
  const streams = new Agent({ keepAlive: false });

  const begin = (wanted: BenchRequest, options: RequestOptions, onResponse: (response: IncomingMessage) => void) => {
    const length = wanted.body ? { "content-length": wanted.body.byteLength } : {};
    const headers = { ...wanted.headers, ...length };
    const outgoing = request({ ...tls, ...options, method: wanted.method, path: wanted.path, headers }, onResponse);
    outgoing.end(wanted.body);
    return outgoing;
  };

  return {
    send: (wanted) =>
      new Promise((resolve, reject) => {
        const outgoing = begin(wanted, { agent }, (response) => {
          const status = response.statusCode ?? 0;
          const collected = bodyCollector(wanted.keepsBody === true || status >= 300);
          response.on("data", collected.add);
          response.once("end", () => resolve(collected.end(status)));
          response.once("error", reject);
        });
        outgoing.once("error", reject);
      }),
    stream: (wanted, onData) =>
      new Promise((resolve, reject) => {
        const outgoing = begin(wanted, { agent: streams }, (response) => {
          if (response.statusCode !== 200) {
            outgoing.destroy();
            return reject(new Error(`${wanted.path} was answered with ${response.statusCode}`));
          }
          response.on("data", onData);
          response.on("error", () => {}); // our own closing
          resolve({ close: () => outgoing.destroy() });
        });
        outgoing.once("error", reject);
      }),
    close() {
      agent.destroy();
      streams.destroy();
    },
  };
}
