import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

/** One entry of a layer: a file unless a link target or `dir` says otherwise. */
export interface LayerFile {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly dir?: boolean;
  readonly symlink?: string;
  readonly hardlink?: string;
}

export interface ImageSpecForTar {
  /** Names with tags, in full. */
  readonly refs: readonly string[];
  /** Lowest first. */
  readonly layers: readonly (readonly LayerFile[])[];
  readonly config?: Readonly<Record<string, unknown>>;
}

const built = "2024-01-01T00:00:00Z";
const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");

/** A tar file of these entries. */
export async function tarOf(files: readonly LayerFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, content = "", mode, uid = 0, gid = 0, dir, symlink, hardlink } of files) {
    const owner = { name, uid, gid, mtime: new Date(built) };
    if (dir) archive.entry({ ...owner, type: "directory", mode: mode ?? 0o755 });
    else if (symlink !== undefined) archive.entry({ ...owner, type: "symlink", linkname: symlink });
    else if (hardlink !== undefined) archive.entry({ ...owner, type: "link", linkname: hardlink });
    else archive.entry({ ...owner, mode: mode ?? 0o644 }, Buffer.from(content));
  }
  archive.finalize();
  return buffer(archive as unknown as AsyncIterable<Buffer>);
}

async function parts({ layers, config = {} }: ImageSpecForTar) {
  const tars = await Promise.all(layers.map(tarOf));
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const rootfs = { type: "layers", diff_ids: tars.map((tar) => `sha256:${sha256(tar)}`) };
  return { tars, config: Buffer.from(JSON.stringify({ architecture, os: "linux", created: built, config, rootfs })) };
}

/** An image as `docker save` writes it; `ctr images import` and `docker load` take it too. */
export async function dockerArchive(image: ImageSpecForTar): Promise<Buffer> {
  const { tars, config } = await parts(image);
  const configName = `${sha256(config)}.json`;
  const layerNames = tars.map((tar) => `${sha256(tar)}/layer.tar`);
  const manifest = [{ Config: configName, RepoTags: image.refs, Layers: layerNames }];
  return tarOf([
    { name: configName, content: config },
    ...tars.map((content, index) => ({ name: layerNames[index] ?? "", content })),
    { name: "manifest.json", content: JSON.stringify(manifest) },
  ]);
}

/** What a registry serves of an image, and what an OCI layout holds: blobs by digest, layers gzipped, and the manifest among them. */
export interface OciImage {
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly manifestDigest: string;
}

export const manifestType = "application/vnd.oci.image.manifest.v1+json";

export async function ociImage(image: ImageSpecForTar): Promise<OciImage> {
  const { tars, config } = await parts(image);
  const blobs = new Map<string, Buffer>();
  const add = (mediaType: string, content: Buffer) => {
    const digest = `sha256:${sha256(content)}`;
    blobs.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: add("application/vnd.oci.image.config.v1+json", config),
    layers: tars.map((tar) => add("application/vnd.oci.image.layer.v1.tar+gzip", gzipSync(tar))),
  };
  return { blobs, manifestDigest: add(manifestType, Buffer.from(JSON.stringify(manifest))).digest };
}

/** An image as an OCI layout in a tar file. */
export async function ociArchive(image: ImageSpecForTar): Promise<Buffer> {
  const { blobs, manifestDigest } = await ociImage(image);
  const [name] = image.refs;
  const descriptor = {
    mediaType: manifestType,
    digest: manifestDigest,
    size: blobs.get(manifestDigest)?.length ?? 0,
    ...(name && { annotations: { "io.containerd.image.name": name } }),
  };
  return tarOf([
    { name: "oci-layout", content: JSON.stringify({ imageLayoutVersion: "1.0.0" }) },
    { name: "index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }) },
    ...[...blobs].map(([digest, content]) => ({ name: `blobs/${digest.replace(":", "/")}`, content })),
  ]);
}

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A small image of the machine's static busybox with all its applets, and `/pause` for sandboxes of containerd. */
export function busyboxImage(refs: readonly string[], busybox = "/bin/busybox"): ImageSpecForTar {
  const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n");
  const links = applets
    .filter((applet) => applet !== "busybox")
    .map((applet) => ({ name: `bin/${applet}`, symlink: "busybox" }));
  const dirs = ["bin", "etc", "tmp", "proc", "sys", "dev", "root", "www"].map((name) => ({
    name: `${name}/`,
    dir: true,
  }));
  return {
    refs,
    config: { Env: [searchPath], Cmd: ["/pause"], WorkingDir: "/" },
    layers: [
      [
        ...dirs,
        { name: "bin/busybox", content: readFileSync(busybox), mode: 0o755 },
        ...links,
        { name: "etc/passwd", content: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n" },
        { name: "etc/group", content: "root:x:0:\nextra:x:3000:nobody\nnobody:x:65534:\n" },
        {
          name: "pause",
          mode: 0o755,
          content: '#!/bin/sh\ntrap "exit 0" TERM INT\nwhile :; do sleep 3600 & wait $!; done\n',
        },
      ],
    ],
  };
}
