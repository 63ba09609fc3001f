import { existsSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { run } from "../../../cli/src/system/run.ts";
import { packageClosure, packageFormat, parsePackages } from "./installed-packages.ts";

/** Of no use to programs in a container, and most of the size. */
const leftOut = /^\/usr\/share\/(doc|man|locale|info|lintian|bash-completion|zoneinfo|icons|perl|python3?)(\/|$)/;
/** What the Node.js executable is linked with. */
const nodeLibraries = ["libc6", "libgcc-s1", "libstdc++6"];
/** Made by packages' scripts rather than contained in them. */
const besides = [
  "/bin",
  "/sbin",
  "/lib",
  "/lib64",
  "/etc/ld.so.cache",
  "/etc/alternatives",
  "/var/lib",
  "/usr/share/base-passwd/passwd.master",
  "/usr/share/base-passwd/group.master",
];

/**
 * The files of a root file system with Node.js and the Debian packages `roots`, as this machine has them installed: paths from `/`.
 * So an image can be made where no registry can be reached, of the very packages that the Dockerfile would install.
 */
export async function baseImageFiles(roots: readonly string[]): Promise<string[]> {
  const packages = parsePackages(await run(["dpkg-query", "-W", "-f", packageFormat]));
  const listed = await run(["dpkg-query", "-L", ...packageClosure(packages, [...roots, ...nodeLibraries])]);
  const paths = [...listed.split("\n"), ...besides].filter(
    (path) => path.startsWith("/") && path !== "/." && !leftOut.test(path),
  );
  const files = new Set([...paths.flatMap(withRealFolder), process.execPath]);
  for (const link of await alternativeLinks(files)) files.add(link);
  return [...files].sort();
}

/** The links by which Debian offers one of several programs, `/usr/sbin/iptables` say: no package contains them. */
async function alternativeLinks(files: ReadonlySet<string>): Promise<string[]> {
  const links = await run(["find", "/usr/bin", "/usr/sbin", "-lname", "/etc/alternatives/*"]);
  return links
    .split("\n")
    .filter((link) => link !== "" && existsSync(link) && files.has(realpathSync(link)))
    .flatMap((link) => [link, readlinkSync(link)]);
}

/** `/bin/sh` is `/usr/bin/sh` where /bin is a link: packages still name it the old way. What is not there is passed over. */
function withRealFolder(path: string): string[] {
  try {
    return [join(realpathSync(dirname(path)), basename(path))];
  } catch {
    return [];
  }
}

/** Node.js stands where its own images have it; user and group names come from Debian's master files, not this machine's. */
const renames = [
  `s,^${process.execPath.slice(1)}$,usr/local/bin/node,`,
  "s,^usr/share/base-passwd/\\(passwd\\|group\\)\\.master$,etc/\\1,",
];

/** Writes these files as a tar archive that `docker import` takes. */
export async function writeBaseImage(archive: string, files: readonly string[]): Promise<void> {
  const options = ["-C", "/", "--no-recursion", "--ignore-failed-read", "--numeric-owner", "--files-from=-"];
  const transforms = renames.map((rename) => `--transform=${rename}SH`); // names only, not what links point to
  await run(["tar", ...options, ...transforms, "-cf", archive], {
    input: files.map((path) => `${path.slice(1)}\n`).join(""),
    timeoutMs: 120_000,
  });
}
