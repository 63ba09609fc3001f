/** One paragraph of dpkg's status: an installed package and what it needs. */
export interface InstalledPackage {
  readonly name: string;
  readonly isEssential: boolean;
  readonly provides: readonly string[];
  /** Each entry is one dependency, as the alternatives that meet it. */
  readonly depends: readonly (readonly string[])[];
}

const field = (name: string): string => `\${${name}}`;

/** The `dpkg-query -W` format that `parsePackages` reads: tab-separated fields, a line a package. */
export const packageFormat = `${[
  field("Package"),
  field("Essential"),
  field("Provides"),
  `${field("Pre-Depends")}, ${field("Depends")}`,
  field("db:Status-Status"),
].join("\t")}\n`;

export function parsePackages(listing: string): InstalledPackage[] {
  return listing.split("\n").flatMap((line) => {
    const [name = "", essential, provides = "", depends = "", status] = line.split("\t");
    if (status !== "installed") return [];
    return [
      {
        name,
        isEssential: essential === "yes",
        provides: items(provides).map(bareName),
        depends: items(depends).map((dependency) => dependency.split("|").map(bareName)),
      },
    ];
  });
}

function items(list: string): string[] {
  return list
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}

/** `libc6:any (>= 2.34)` is `libc6`. */
function bareName(dependency: string): string {
  return /^[^\s:(]+/.exec(dependency.trim())?.[0] ?? "";
}

/**
 * The names of all packages that `roots` need to run, the essential ones included. A dependency that nothing installed meets is passed
 * over, as dpkg has accepted it; a root that is not installed is an error.
 */
export function packageClosure(packages: readonly InstalledPackage[], roots: readonly string[]): Set<string> {
  const byName = new Map(packages.map((each) => [each.name, each]));
  const providers = new Map(packages.flatMap((each) => each.provides.map((name) => [name, each.name])));
  const missing = roots.filter((name) => !byName.has(name));
  if (missing.length > 0) throw new Error(`these Debian packages are not installed: ${missing.join(" ")}`);
  const found = new Set<string>();
  const queue = [...roots, ...packages.filter(({ isEssential }) => isEssential).map(({ name }) => name)];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const alternatives of byName.get(name)?.depends ?? []) {
      const met = alternatives.find((each) => byName.has(each));
      const provider = alternatives.map((each) => providers.get(each)).find(Boolean);
      const next = met ?? provider;
      if (next !== undefined) queue.push(next);
    }
  }
  return found;
}
