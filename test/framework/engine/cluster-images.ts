import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { baseImageFiles, writeBaseImage } from "./base-image.ts";
import { packagesOfStage } from "./dockerfile.ts";
import type { Engine } from "./engine.ts";

const repository = join(import.meta.dirname, "../../..");
const dockerfile = "deploy/images/Dockerfile";
/** Targets of the Dockerfile; the packages of each are installed by a stage of its own, `TARGET-packages`. */
const targets = ["control-plane", "node"] as const;
type Target = (typeof targets)[number];

const docker = "/usr/bin/docker";
const imageTimeoutMs = 180_000;
const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Builds the images of `docker-compose.yml` from `dist/` and from the packages that this machine has installed: no registry and no
 * mirror is asked for anything.
 */
export async function buildClusterImages(engine: Engine, tag: string): Promise<void> {
  if (!existsSync(join(repository, "dist", ".stamp")))
    throw new Error("there is nothing to put into images: run npm run build first");
  for (const target of targets) await importBase(engine, target);
  const bases = targets.map(
    (target) => `--build-arg=${target.replace("-", "_").toUpperCase()}_BASE=${baseName(target)}`,
  );
  const common = [docker, "build", "--quiet", `--file=${dockerfile}`, "--build-arg=BUNDLES=prebuilt", ...bases];
  for (const target of targets) {
    await engine.run([...common, `--target=${target}`, `--tag=tskube/${target}:${tag}`, "."], {
      cwd: repository,
      timeoutMs: imageTimeoutMs,
    });
  }
}

function baseName(target: Target): string {
  return `tskube-test/${target}-base`;
}

/** Stands in for the stage that would install the packages. */
async function importBase(engine: Engine, target: Target): Promise<void> {
  const packages = packagesOfStage(readFileSync(join(repository, dockerfile), "utf8"), `${target}-packages`);
  const archive = join(engine.folder, `${target}.tar`);
  await writeBaseImage(archive, await baseImageFiles(packages));
  await engine.run([docker, "import", `--change=ENV ${searchPath}`, archive, baseName(target)], {
    timeoutMs: imageTimeoutMs,
  });
  rmSync(archive);
}
