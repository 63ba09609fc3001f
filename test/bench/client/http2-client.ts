import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { type BenchClient, type BenchRequest, bodyCollector, type Endpoint } from "./client.ts";

/** Requests that share a session, as a client of Go's would have at most a few. */
const requestsPerSession = 8;
/** Streams that share a session: below what servers allow, and each session reads for all of its own. */
const streamsPerSession = 50;
const windowBytes = 4 * 1024 * 1024;

/** A few sessions, used in turn. */
export function createHttp2Client(endpoint: Endpoint, concurrency: number): BenchClient {
  const open = (): ClientHttp2Session => {
    const { ca, cert, key } = endpoint;
    const settings = { initialWindowSize: windowBytes };
    const session = connect(`https://127.0.0.1:${endpoint.port}`, { ca, cert, key, settings });
    session.once("connect", () => session.setLocalWindowSize(windowBytes));
    session.on("error", () => {}); // each stream tells its own
    return session;
  };
  const sessions = Array.from({ length: Math.ceil(concurrency / requestsPerSession) }, open);
  const forStreams: ClientHttp2Session[] = [];
  let turn = 0;
  let streams = 0;

  const begin = (session: ClientHttp2Session, { method, path, headers, body }: BenchRequest): ClientHttp2Stream => {
    const outgoing = session.request({ ":method": method, ":path": path, ...headers }, { endStream: !body });
    if (body) outgoing.end(body);
    return outgoing;
  };

  return {
    send: (wanted) =>
      new Promise((resolve, reject) => {
        const outgoing = begin(sessions[turn++ % sessions.length] as ClientHttp2Session, wanted);
        outgoing.once("error", reject);
        outgoing.once("response", (headers) => {
          const status = headers[":status"] ?? 0;
          const collected = bodyCollector(wanted.keepsBody === true || status >= 300);
          outgoing.on("data", collected.add);
          outgoing.once("end", () => resolve(collected.end(status)));
        });
      }),
    stream: (wanted, onData) =>
      new Promise((resolve, reject) => {
        if (streams++ % streamsPerSession === 0) forStreams.push(open());
        const outgoing = begin(forStreams.at(-1) as ClientHttp2Session, wanted);
        outgoing.once("error", reject);
        outgoing.once("response", () => {
          outgoing.on("data", onData);
          resolve({ close: () => outgoing.close() });
        });
      }),
    close() {
      for (const session of [...sessions, ...forStreams]) session.destroy();
    },
  };
}
