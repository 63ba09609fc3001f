import { rmSync } from "node:fs";
import { join } from "node:path";
import { baseImageFiles, writeBaseImage } from "./base-image.ts";
import type { Engine } from "./engine.ts";

const repository = join(import.meta.dirname, "../../..");

/** The Debian packages that `deploy/images/Dockerfile` installs, by the image that they are for. */
export const imagePackages = {
  "control-plane": ["etcd-server", "tini"],
  node: [
    "ca-certificates",
    "conntrack",
    "containerd",
    "containernetworking-plugins",
    "iproute2",
    "iptables",
    "mount",
    "nftables",
    "runc",
    "tini",
    "util-linux",
  ],
} as const;

type ImageName = keyof typeof imagePackages;

/** Builds the images of `docker-compose.yml` from `dist/` and this machine's packages, without any registry. */
export async function buildClusterImages(engine: Engine, tag: string): Promise<void> {
  for (const image of Object.keys(imagePackages) as ImageName[]) await importBase(engine, image);
  for (const image of Object.keys(imagePackages) as ImageName[]) {
    const argv = ["/usr/bin/docker", "build", "--quiet", "--file=deploy/images/Dockerfile", `--target=${image}`];
    const bases = (Object.keys(imagePackages) as ImageName[]).map(
      (base) => `--build-arg=${base.replace("-", "_").toUpperCase()}_BASE=${baseName(base)}`,
    );
    await engine.run([...argv, "--build-arg=BUNDLES=prebuilt", ...bases, `--tag=tskube/${image}:${tag}`, "."], {
      cwd: repository,
      timeoutMs: 180_000,
    });
  }
}

function baseName(image: ImageName): string {
  return `tskube-test/${image}-base`;
}

async function importBase(engine: Engine, image: ImageName): Promise<void> {
  const archive = join(engine.folder, `${image}.tar`);
  await writeBaseImage(archive, await baseImageFiles(imagePackages[image]));
  const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  await engine.run(["/usr/bin/docker", "import", `--change=ENV ${path}`, archive, baseName(image)], {
    timeoutMs: 120_000,
  });
  rmSync(archive);
}
