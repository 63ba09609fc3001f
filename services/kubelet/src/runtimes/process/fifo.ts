import { close as closeCallback, constants, open as openCallback } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { finished, type Readable } from "node:stream";
import { promisify } from "node:util";

/** Gives a bare descriptor: a FileHandle would close it when collected, under the socket's feet. */
const open = promisify<string, number, number>(openCallback);
const close = promisify(closeCallback);

/**
 * Opens a FIFO for reading on the event loop, without waiting for a writer. The stream ends when the last writer has closed it; at once, if there is none.
 */
export async function readFifo(path: string): Promise<Socket> {
  const fd = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  // The kernel reports the end only to readers that have seen a writer since they opened.
  const writer = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  await close(writer);
  return new Socket({ fd, readable: true, writable: false });
}

/** Resolves when a stream gives nothing more, by its end or by a failure; at once when that was before anybody asked, which an event would not tell. */
export function streamEnd(stream: Readable): Promise<void> {
  return new Promise((resolve) => finished(stream, { writable: false }, () => resolve()));
}

/** Opens a FIFO for writing; reading as well keeps it from failing when no reader is there yet. */
export async function writeFifo(path: string): Promise<Socket> {
  const fd = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  return new Socket({ fd, readable: false, writable: true });
}

/** Writes a line to a FIFO that a process holds open, and closes it again. Nobody there is no failure. */
export async function tellFifo(path: string, line: string): Promise<void> {
  await writeFile(path, `${line}\n`, { flag: constants.O_WRONLY | constants.O_NONBLOCK }).catch(() => {});
}
