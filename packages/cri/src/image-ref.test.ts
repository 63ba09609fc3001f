import { expect } from "chai";
import { normalizeImageRef, parseImageRef } from "./image-ref.ts";

const digest = `sha256:${"ab".repeat(32)}`;

describe("image references", () => {
  const cases: Array<[name: string, full: string]> = [
    ["busybox", "docker.io/library/busybox:latest"],
    ["busybox:1.36", "docker.io/library/busybox:1.36"],
    ["luksa/kubia", "docker.io/luksa/kubia:latest"],
    ["docker.io/nginx", "docker.io/library/nginx:latest"],
    ["index.docker.io/nginx", "docker.io/library/nginx:latest"],
    ["localhost/host", "localhost/host:latest"],
    ["localhost:5000/a/b:v1", "localhost:5000/a/b:v1"],
    ["registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"],
    ["10.0.0.1:5000/app", "10.0.0.1:5000/app:latest"],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`],
    [`busybox:1@${digest}`, `docker.io/library/busybox@${digest}`],
  ];
  for (const [name, full] of cases) {
    it(`names ${name} in full as ${full}`, () => {
      expect(normalizeImageRef(name)).to.equal(full);
    });
  }

  for (const name of ["", "Busybox", "a//b", "a:", "a@sha256:12", "a b", "a:tag:tag", "../etc", "registry.io/", "-a"]) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      expect(() => parseImageRef(name)).to.throw("invalid reference format");
    });
  }
});
