import { createHash } from "node:crypto";
import { pack } from "tar-stream";

/** The name of the pause image that we make: no registry is asked for it. */
export const pauseImageRef = "localhost/tskube/pause:1";

/**
 * The pause program as an ELF file for Linux, so that a pod's namespaces can be held where no image can be pulled.
 * It ignores SIGCHLD, which makes the kernel collect orphans of pods that share a PID namespace, then sleeps for good:
 * `rt_sigaction(SIGCHLD, {SIG_IGN}); for (;;) pause();`
 */
export function pauseProgram(architecture: NodeJS.Architecture): Buffer {
  if (architecture === "x64") return elf(0x3e, amd64Code());
  if (architecture === "arm64") return elf(0xb7, arm64Code());
  throw new Error(`there is no pause program for ${architecture}`);
}

const loadAddress = 0x400000;
const headerBytes = 64 + 56;
/** `struct kernel_sigaction` with the handler SIG_IGN (1): it stands right behind the ELF headers. */
const ignoreAction = Buffer.alloc(32);
ignoreAction.writeBigUInt64LE(1n, 0);
const actionAddress = loadAddress + headerBytes;
const entryAddress = actionAddress + ignoreAction.length;
const sigchld = 17;

function amd64Code(): Buffer {
  return Buffer.from([
    ...[0xb8, 13, 0, 0, 0], // mov eax, 13 (rt_sigaction)
    ...[0xbf, sigchld, 0, 0, 0], // mov edi, SIGCHLD
    ...[0xbe, ...int32(actionAddress)], // mov esi, action
    ...[0x31, 0xd2], // xor edx, edx (no old action)
    ...[0x41, 0xba, 8, 0, 0, 0], // mov r10d, 8 (size of the mask)
    ...[0x0f, 0x05], // syscall
    ...[0xb8, 34, 0, 0, 0], // mov eax, 34 (pause)
    ...[0x0f, 0x05], // syscall
    ...[0xeb, 0xf7], // jmp to the pause again
  ]);
}

function arm64Code(): Buffer {
  const moveWide = (register: number, value: number) => 0xd2800000 | (value << 5) | register; // movz
  const moveHigh = (register: number, value: number) => 0xf2a00000 | (value << 5) | register; // movk, lsl 16
  const call = 0xd4000001; // svc 0
  const code = [
    moveWide(8, 134), // rt_sigaction
    moveWide(0, sigchld),
    moveWide(1, actionAddress & 0xffff),
    moveHigh(1, actionAddress >>> 16),
    moveWide(2, 0),
    moveWide(3, 8),
    call,
    // There is no pause on arm64: ppoll of nothing, without a time limit, is the same.
    moveWide(0, 0),
    moveWide(1, 0),
    moveWide(2, 0),
    moveWide(3, 0),
    moveWide(4, 0),
    moveWide(8, 73), // ppoll
    call,
    0x17fffff9, // b to the first of the seven instructions before
  ];
  const bytes = Buffer.alloc(code.length * 4);
  for (const [index, word] of code.entries()) bytes.writeUInt32LE(word >>> 0, index * 4);
  return bytes;
}

function int32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

/** A static executable of one loaded segment: headers, action, code. */
function elf(machine: number, code: Buffer): Buffer {
  const size = headerBytes + ignoreAction.length + code.length;
  const file = Buffer.alloc(headerBytes);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0); // 64 bit, little endian
  file.writeUInt16LE(2, 16); // executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(entryAddress), 24);
  file.writeBigUInt64LE(64n, 32); // program headers follow the ELF header
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // PT_LOAD
  file.writeUInt32LE(5, 68); // readable, executable
  file.writeBigUInt64LE(BigInt(loadAddress), 80);
  file.writeBigUInt64LE(BigInt(loadAddress), 88);
  file.writeBigUInt64LE(BigInt(size), 96);
  file.writeBigUInt64LE(BigInt(size), 104);
  file.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([file, ignoreAction, code]);
}

const ociArchitectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", arm64: "arm64" };

/** The pause image as a docker-archive. */
export async function pauseImageArchive(architecture: NodeJS.Architecture = process.arch): Promise<Buffer> {
  const layer = await tar([["pause", pauseProgram(architecture), 0o755]]);
  const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
  const config = Buffer.from(
    JSON.stringify({
      architecture: ociArchitectures[architecture],
      os: "linux",
      config: { Entrypoint: ["/pause"], WorkingDir: "/", User: "65535:65535" },
      rootfs: { type: "layers", diff_ids: [`sha256:${sha256(layer)}`] },
    }),
  );
  const manifest = [
    { Config: `${sha256(config)}.json`, RepoTags: [pauseImageRef], Layers: [`${sha256(layer)}/layer.tar`] },
  ];
  return tar([
    [`${sha256(config)}.json`, config, 0o644],
    [`${sha256(layer)}/layer.tar`, layer, 0o644],
    ["manifest.json", Buffer.from(JSON.stringify(manifest)), 0o644],
  ]);
}

/** The epoch as every file's time makes equal contents equal archives. */
async function tar(files: readonly (readonly [name: string, content: Buffer, mode: number])[]): Promise<Buffer> {
  const archive = pack();
  for (const [name, content, mode] of files) archive.entry({ name, mode, mtime: new Date(0) }, content);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
