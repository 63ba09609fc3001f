/** The Debian packages that a stage of a Dockerfile installs with `apt-get install`. Throws if it installs none. */
export function packagesOfStage(dockerfile: string, stage: string): string[] {
  const lines = dockerfile.replaceAll("\\\n", " ").split("\n");
  const start = lines.findIndex((line) => new RegExp(`^FROM\\s.*\\sAS ${stage}$`).test(line));
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith("FROM "));
  const body = start < 0 ? [] : lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
  const installed = body.flatMap((line) => /apt-get install ([^&]+)/.exec(line)?.[1]?.trim().split(/\s+/) ?? []);
  const packages = installed.filter((word) => !word.startsWith("-"));
  if (packages.length === 0) throw new Error(`the Dockerfile has no stage ${stage} that installs packages`);
  return packages;
}
