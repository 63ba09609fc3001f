import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { newId } from "@tskube/cri";
import { type Authority, enterUserNamespace } from "../rootless/authority.ts";

/**
 * Runs in the pod's network namespace, which Node cannot enter by itself. Each connection to its unix socket names a port in its first line, is answered with a line
 * (`ok` or what went wrong), and is then joined to that port of the pod's loopback.
 */
const helperSource = `
const net = require("node:net");
net.createServer({ allowHalfOpen: true }, (near) => {
  near.on("error", () => {});
  near.once("data", (line) => {
    near.pause();
    const far = net.connect({ host: "localhost", port: Number(line.toString()), allowHalfOpen: true });
    far.once("connect", () => {
      near.write("ok\\n");
      near.pipe(far);
      far.pipe(near);
    });
    far.once("error", (error) => near.end(error.message + "\\n"));
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroySoon());
  });
}).listen(process.argv[1], () => console.log("listening"));
process.stdin.resume().on("end", () => process.exit());
`;

/** Opens connections to ports inside one pod. */
export interface PodDialer {
  /** Fails with the pod's own word: connection refused, and so on. */
  dial(port: number): Promise<Socket>;
  close(): void;
}

/** Starts a helper in the network namespace of `pid`; it ends with the dialer, and with this process. */
export async function startPodDialer(pid: number, scratch: string, authority: Authority): Promise<PodDialer> {
  const path = join(scratch, `dial-${newId().slice(0, 12)}`);
  const node = [process.execPath, "-e", helperSource, path];
  const enter = authority.userNamespace ? enterUserNamespace(authority.userNamespace) : [];
  const child = spawn("nsenter", [...enter, `--net=/proc/${pid}/ns/net`, "--", ...node], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {},
  });
  child.stdin.on("error", () => {});
  await Promise.race([once(child.stdout, "data"), ended(child)]);
  return {
    dial: (port) => dial(path, port),
    close() {
      child.stdin.end();
      child.kill();
      void rm(path, { force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<never> {
  await once(child, "exit");
  throw new Error("cannot enter the network namespace of the pod");
}

async function dial(path: string, port: number): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  await once(socket, "connect");
  socket.write(`${port}\n`);
  const [first] = (await once(socket, "data")) as [Buffer];
  socket.pause();
  const end = first.indexOf("\n");
  const answer = first.subarray(0, end).toString();
  if (answer !== "ok") {
    socket.destroy();
    throw new Error(answer);
  }
  if (end + 1 < first.length) socket.unshift(first.subarray(end + 1));
  return socket;
}
