import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestContext } from "../../http/context.ts";
import type { Exchange } from "../../http/exchange.ts";
import { join } from "../../proxy/upstream.ts";
import { forwardedHeaders } from "./forwarded-headers.ts";
import { notReached, openFor } from "./open-call.ts";
import { type PassOnOptions, passOn } from "./pass-on.ts";
import type { OpenedCall, Remote } from "./remote.ts";

/** What an extension server made of a wish to leave HTTP: without `far` it refused. */
interface Outcome {
  readonly answer: IncomingMessage;
  readonly far?: { readonly socket: Duplex; readonly head: Buffer };
}

/** Joins the client's connection to one of the same protocol to the extension server; resolves when it has ended. */
export async function serveUpgrade(remote: Remote, context: RequestContext, options: PassOnOptions): Promise<void> {
  const { exchange } = context;
  const upgrade = exchange.header("upgrade") ?? "";
  const headers = { ...forwardedHeaders(context, options.isIdentityHeader), connection: "Upgrade", upgrade };
  const call = openFor(remote, context, headers, exchange.signal);
  const { answer, far } = await outcomeOf(call).catch((cause: unknown) => {
    throw notReached(call, cause);
  });
  if (far && exchange.upgrade) await joinConnections(exchange, exchange.upgrade, answer, far);
  else await passOn(answer, exchange, false, options);
}

function outcomeOf({ request }: OpenedCall): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    request.once("response", (answer) => resolve({ answer }));
    request.once("upgrade", (answer, socket, head) => resolve({ answer, far: { socket, head } }));
    request.on("error", reject);
    request.end();
  });
}

async function joinConnections(
  exchange: Exchange,
  near: NonNullable<Exchange["upgrade"]>,
  answer: IncomingMessage,
  far: NonNullable<Outcome["far"]>,
): Promise<void> {
  exchange.noteStatus(101);
  exchange.releaseSocket();
  near.socket.write(headOf(answer));
  if (far.head.byteLength > 0) near.socket.write(far.head);
  if (near.head.byteLength > 0) far.socket.write(near.head);
  await join(near.socket, far.socket);
}

/** The answer's head as it came: the protocol that begins is agreed on in it. */
function headOf({ statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 101 ${statusMessage ?? "Switching Protocols"}`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
