/** A mount of this process's mount namespace. */
export interface KnownMount {
  readonly point: string;
  readonly options: readonly string[];
}

/** Parses the text of /proc/self/mountinfo, in the order of mounting. */
export function parseMountInfo(text: string): KnownMount[] {
  return text.split("\n").flatMap((line) => {
    const [, , , , point, options] = line.split(" ");
    return point && options ? [{ point: decodePath(point), options: options.split(",") }] : [];
  });
}

/** The kernel writes blanks and backslashes of paths as octal. */
const decodePath = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

const locked = ["ro", "nosuid", "nodev", "noexec"];

/** Options of the mount that `path` lies on which a less privileged mount namespace may not take away. */
export function lockedFlags(path: string, mounts: readonly KnownMount[]): string[] {
  const holds = ({ point }: KnownMount) => point === "/" || path === point || path.startsWith(`${point}/`);
  const deepest = mounts
    .filter(holds)
    .reduce<KnownMount | undefined>(
      (best, one) => (best && best.point.length > one.point.length ? best : one),
      undefined,
    );
  return deepest?.options.filter((option) => locked.includes(option)) ?? [];
}

/** Whether something else is mounted below `dir`: what hides there stays hidden from user namespaces, so `dir` cannot be a layer. */
export const hasMountsBelow = (dir: string, mounts: readonly KnownMount[]): boolean =>
  mounts.some(({ point }) => point.startsWith(`${dir}/`));
