import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { systemErrorCode } from "@tskube/base";
import { StoreError } from "../../errors.ts";
import type { Tables } from "./tables.ts";
import { metaKeys } from "./tables.ts";

const ownerPattern = /^owner-[0-9a-f]+\.sock$/;

/**
 * Makes this process the only user of `directory` until the returned function is called or the process ends.
 *
 * The owner listens on a socket in the directory, whose name stands in the store: one that nobody listens on any more
 * is stale, however its owner ended and in whichever namespace it lived. Taking over is a transaction, which LMDB
 * serializes between processes, so of several that find a stale owner one wins.
 */
export async function lockDirectory(directory: string, tables: Tables): Promise<() => Promise<void>> {
  const folder = await open(directory);
  const name = `owner-${randomBytes(8).toString("hex")}.sock`;
  const server = await listen(socketPath(folder, directory, name));
  const release = async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(join(directory, name), { force: true });
    await folder.close();
  };
  try {
    await takeOver(directory, folder, tables, name);
  } catch (error) {
    await release();
    throw error;
  }
  removeStaleSockets(directory, name);
  return release;
}

async function takeOver(directory: string, folder: FileHandle, tables: Tables, name: string): Promise<void> {
  for (;;) {
    tables.root.resetReadTxn();
    const owner = tables.meta.get(metaKeys.owner)?.toString();
    if (owner && (await isListening(socketPath(folder, directory, owner)))) {
      throw new StoreError("locked", `store directory ${directory} is in use by another process`);
    }
    const won = tables.root.transactionSync(() => {
      if (tables.meta.get(metaKeys.owner)?.toString() !== owner) return false;
      tables.meta.putSync(metaKeys.owner, Buffer.from(name));
      return true;
    });
    if (won) return;
  }
}

/** Socket paths have little more than 100 bytes; by way of the open directory they are short on Linux. */
function socketPath(folder: FileHandle, directory: string, name: string): string {
  return process.platform === "linux" ? `/proc/self/fd/${folder.fd}/${name}` : join(directory, name);
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new StoreError("internal", `cannot lock the store: ${cause.message}`, { cause })),
    );
    server.listen(path, () => resolve(server));
  });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // Nobody listens, or the socket is gone; anything else, as a full backlog, is a living owner.
    socket.once("error", (error) => resolve(!["ECONNREFUSED", "ENOENT"].includes(systemErrorCode(error) ?? "")));
  });
}

function removeStaleSockets(directory: string, own: string): void {
  for (const name of readdirSync(directory)) {
    if (ownerPattern.test(name) && name !== own) rmSync(join(directory, name), { force: true });
  }
}
