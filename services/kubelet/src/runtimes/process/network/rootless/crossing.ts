import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Front, frontKey } from "./fronts.ts";

/**
 * Runs in the network that joins the pods. A listening socket belongs to the network it was made in, whoever accepts from it: sockets made on one side are handed over to the
 * process of the other, which accepts connections from there and makes connections here.
 */
const helperSource = `
const net = require("node:net");
const serving = new Map();
const splice = (to) => (near) => {
  const far = net.connect({ host: to.address, port: to.port, allowHalfOpen: true });
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
  near.on("close", () => far.destroy());
  far.on("close", () => near.destroy());
  near.pipe(far);
  far.pipe(near);
};
process.on("message", ({ kind, key, front }, server) => {
  if (kind === "accept") {
    serving.set(key, server);
    server.allowHalfOpen = true;
    server.on("connection", splice(front.to));
  } else if (kind === "close") {
    serving.get(key)?.close();
    serving.delete(key);
  } else {
    const listener = net.createServer();
    listener.once("error", (error) => process.send({ kind: "failed", key, message: error.message }));
    listener.listen({ host: front.address, port: front.port }, () =>
      process.send({ kind: "accept", key, front }, listener, () => listener.close()));
  }
});
process.on("disconnect", () => process.exit());
process.send({ kind: "ready" });
`;

type Message =
  | { readonly kind: "ready" }
  | { readonly kind: "accept"; readonly key: string }
  | { readonly kind: "failed"; readonly key: string; readonly message: string };

/** Carries connections between the node's network and that of its pods. */
export interface Crossing {
  /** Rejects with the system's word when the address cannot be listened on. */
  open(front: Front): Promise<void>;
  close(front: Front): void;
  end(): void;
}

/** Starts the helper with `prefix` before its command, which takes it into the pods' network. Ends with this process. */
export async function startCrossing(prefix: readonly string[], onEnd: () => void): Promise<Crossing> {
  const [file = "", ...args] = [...prefix, process.execPath, "-e", helperSource];
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  await Promise.race([once(child, "message"), ended(child)]);
  const fromPods = new Map<string, Server>();
  const waiting = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  child.on("message", (message: Message, handle: unknown) => {
    if (message.kind === "ready") return;
    const call = waiting.get(message.key);
    waiting.delete(message.key);
    if (message.kind === "failed") return call?.reject(new Error(message.message));
    const server = handle as Server;
    if (!call) return server.close();
    fromPods.set(message.key, server);
    call.resolve();
  });
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the helper in the pods' network has ended"));
    for (const server of fromPods.values()) server.close();
    onEnd();
  });

  async function openOnNode(front: Front): Promise<void> {
    const server = createServer();
    server.listen({ host: front.address, port: front.port });
    await once(server, "listening");
    await new Promise<void>((resolve) => {
      child.send({ kind: "accept", key: frontKey(front), front }, server, () => {
        server.close();
        resolve();
      });
    });
  }

  async function openInPods(front: Front): Promise<void> {
    const key = frontKey(front);
    const opened = new Promise<void>((resolve, reject) => waiting.set(key, { resolve, reject }));
    child.send({ kind: "listen", key, front });
    await opened;
    const server = fromPods.get(key);
    if (server) server.on("connection", splice(front));
  }

  return {
    open: (front) => (front.side === "node" ? openOnNode(front) : openInPods(front)),
    close(front) {
      const key = frontKey(front);
      if (front.side === "node") {
        if (child.connected) child.send({ kind: "close", key });
      } else {
        fromPods.get(key)?.close();
        fromPods.delete(key);
      }
    },
    end() {
      for (const server of fromPods.values()) server.close();
      if (child.connected) child.disconnect();
    },
  };
}

async function ended(child: ChildProcess): Promise<never> {
  await once(child, "exit");
  throw new Error("cannot enter the network of the pods");
}

function splice({ to }: Front): (near: Socket) => void {
  return (near) => {
    near.allowHalfOpen = true;
    const far = connect({ host: to.address, port: to.port, allowHalfOpen: true });
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  };
}
