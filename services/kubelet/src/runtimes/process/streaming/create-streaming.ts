import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock, Logger } from "@tskube/base";
import { type WebSocket, WebSocketServer } from "ws";
import type { Cgroups } from "../cgroups/cgroups.ts";
import type { Containers } from "../containers/containers.ts";
import type { LiveContainer } from "../containers/live.ts";
import type { CommandLine, ContainerLauncher } from "../launch/launcher.ts";
import type { Authority } from "../rootless/authority.ts";
import type { Sandboxes } from "../sandboxes/sandboxes.ts";
import { execCommand } from "../service/exec-command.ts";
import type { StreamChoice, StreamingUrls } from "../service/runtime-service.ts";
import { runAttachSession } from "./attach-session.ts";
import { runExecSession } from "./exec-session.ts";
import { type PodDialer, startPodDialer } from "./pod-dialer.ts";
import { forwardOverSpdy, forwardOverWebSocket } from "./port-forward.ts";
import type { RemoteStreams } from "./remote-streams.ts";
import { spdyServer, spdyStreams } from "./spdy-streams.ts";
import { Tokens } from "./tokens.ts";
import { acceptSpdy, isSpdy, isWebSocket, negotiate, refuse } from "./upgrade.ts";
import { channelProtocols, webSocketStreams } from "./websocket-streams.ts";

export interface StreamingDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly launcher: ContainerLauncher;
  readonly cgroups: Cgroups;
  readonly containers: Containers;
  readonly sandboxes: Sandboxes;
  readonly authority: Authority;
  /** For sockets of helpers. */
  readonly scratch: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface Streaming {
  readonly urls: StreamingUrls;
  close(): Promise<void>;
}

/** What a token permits. */
type Session =
  | { readonly kind: "exec"; readonly command: CommandLine; readonly streams: StreamChoice }
  | { readonly kind: "attach"; readonly container: LiveContainer; readonly streams: StreamChoice }
  | { readonly kind: "portforward"; readonly sandboxId: string; readonly ports: readonly number[] };

const spdyCommandProtocols = ["v4.channel.k8s.io"];
const spdyForwardProtocols = ["portforward.k8s.io"];

/** Serves exec, attach and port-forward sessions by WebSocket and SPDY/3.1 at URLs that the CRI calls hand out. */
export async function createStreaming(deps: StreamingDeps): Promise<Streaming> {
  const { logger, clock } = deps;
  const tokens = new Tokens<Session>(clock);
  const sockets = new Set<Duplex>();
  const webSockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => chosenProtocol(offered) });

  const server = createServer((_request, response) => {
    response
      .writeHead(400, { "content-type": "text/plain" })
      .end("this is a streaming endpoint: upgrade to WebSocket or SPDY/3.1\n");
  });
  server.on("upgrade", (request, socket, head) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const session = tokens.redeem(tokenOf(request));
    if (!session) return refuse(socket, "404 Not Found", "the session is unknown, used or expired");
    const serve = isWebSocket(request) ? overWebSocket : isSpdy(request) ? overSpdy : undefined;
    if (!serve) return refuse(socket, "400 Bad Request", `cannot upgrade to ${request.headers.upgrade}`);
    serve(session, request, socket, head).catch((error: unknown) => {
      logger.warn({ err: error, session: session.kind }, "streaming session failed");
      socket.destroy();
    });
  });

  async function overWebSocket(
    session: Session,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const upgrade = () => new Promise<WebSocket>((resolve) => webSockets.handleUpgrade(request, socket, head, resolve));
    if (session.kind !== "portforward") {
      return runCommandSession(session, webSocketStreams(await upgrade(), withoutErrorOnTerminal(session.streams)));
    }
    await withDialer(session.sandboxId, async (dialer) => {
      return forwardOverWebSocket(await upgrade(), portsOf(request, session.ports), dialer);
    });
  }

  async function overSpdy(session: Session, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const known = session.kind === "portforward" ? spdyForwardProtocols : spdyCommandProtocols;
    const protocol = negotiate(request.headers["x-stream-protocol-version"], known);
    if (!protocol) return refuse(socket, "403 Forbidden", `none of the offered protocols is among ${known.join(", ")}`);
    const upgrade = () => {
      acceptSpdy(socket, protocol);
      if (head.length > 0) socket.unshift(head);
      return spdyServer(socket);
    };
    if (session.kind !== "portforward") {
      return runCommandSession(session, await spdyStreams(upgrade(), session.streams, clock));
    }
    await withDialer(session.sandboxId, (dialer) => forwardOverSpdy(upgrade(), dialer));
  }

  /** The dialer comes before the upgrade: what a client sends right after it must find its listeners. */
  async function withDialer(sandboxId: string, forward: (dialer: PodDialer) => Promise<void>): Promise<void> {
    const { record } = deps.sandboxes.get(sandboxId);
    const dialer = await startPodDialer(record.pause.pid, deps.scratch, deps.authority);
    try {
      await forward(dialer);
    } finally {
      dialer.close();
    }
  }

  async function runCommandSession(
    session: Exclude<Session, { kind: "portforward" }>,
    streams: RemoteStreams,
  ): Promise<void> {
    if (session.kind === "attach") return runAttachSession(session.container, streams);
    return runExecSession(session.command, streams, { tty: session.streams.tty, clock });
  }

  server.listen(deps.port, deps.host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const base = `http://${isIPv6(deps.host) ? `[${deps.host}]` : deps.host}:${port}`;
  const url = (session: Session) => `${base}/${session.kind}/${tokens.issue(session)}`;
  return {
    urls: {
      async exec(container, cmd, streams) {
        return url({ kind: "exec", command: await execCommand(deps, container, cmd, streams.tty), streams });
      },
      attach: async (container, streams) => url({ kind: "attach", container, streams }),
      portForward: async (sandboxId, ports) => url({ kind: "portforward", sandboxId, ports }),
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const tokenOf = ({ url = "" }: IncomingMessage): string =>
  new URL(url, "http://streaming").pathname.split("/")[2] ?? "";

/** A terminal has one output for both. */
const withoutErrorOnTerminal = (streams: StreamChoice): StreamChoice => ({
  ...streams,
  stderr: streams.stderr && !streams.tty,
});

function chosenProtocol(offered: Set<string>): string | false {
  return channelProtocols.find((protocol) => offered.has(protocol)) ?? false;
}

/** Ports come with the URL's query, or were named when the session was asked for. */
function portsOf({ url = "" }: IncomingMessage, fallback: readonly number[]): number[] {
  const asked = new URL(url, "http://streaming").searchParams.getAll("port").flatMap((value) => value.split(","));
  return (asked.length > 0 ? asked.map(Number) : [...fallback]).filter((port) => port > 0 && port < 65536);
}
