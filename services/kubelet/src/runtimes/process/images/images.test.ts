import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { type CriCode, CriError } from "@tskube/cri";
import {
  dockerArchive,
  type ImageSpecForTar,
  type LayerFile,
  manifestType,
  ociArchive,
  ociImage,
  tarOf,
} from "@tskube/cri/testing";
import { expect } from "chai";
import { importStream } from "./import-service.ts";
import { Layers } from "./layers.ts";
import { pullImage } from "./pull.ts";
import { ImageStore } from "./store.ts";

const ref = "docker.io/library/app:1";
const isRoot = process.getuid?.() === 0;

/** Layers keep their owners, which only root may give to files. */
(isRoot ? describe : describe.skip)("image store", () => {
  let dir: string;
  let store: ImageStore;
  let layers: Layers;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "tskube-images-"));
    for (const name of ["images", "layers", "scratch"]) await mkdir(join(dir, name));
    layers = new Layers(join(dir, "layers"), join(dir, "scratch"));
    store = new ImageStore(join(dir, "images"), layers);
    await store.open();
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const deps = () => ({ store, layers, scratch: join(dir, "scratch") });
  const load = (archive: Buffer, fallback = "") => importStream(deps(), Readable.from([archive]), () => fallback);
  const image = (...list: LayerFile[][]): ImageSpecForTar => ({ refs: [ref], layers: list, config: { Cmd: ["/run"] } });
  const top = () => store.find(ref)?.layers[0] ?? "";

  async function refused(promise: Promise<unknown>, code: CriCode): Promise<void> {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(CriError.from(error).code, String(error)).to.equal(code);
    expect(readdirSync(join(dir, "scratch"))).to.deep.equal([]);
  }

  it("takes a docker archive, plain or gzipped", async () => {
    const archive = await dockerArchive(image([{ name: "run", content: "x", mode: 0o4755, uid: 7, gid: 8 }]));
    const [loaded] = await load(gzipSync(archive));
    expect(loaded?.refs).to.deep.equal([ref]);
    expect(store.find("app:1")?.id).to.equal(loaded?.id);
    expect(store.find("app:1")?.config.Cmd).to.deep.equal(["/run"]);
    const { mode, uid, gid } = lstatSync(join(top(), "run"));
    expect([mode & 0o7777, uid, gid]).to.deep.equal([0o4755, 7, 8]);
  });

  it("takes an OCI layout and a name for what bears none", async () => {
    const archive = await ociArchive({ ...image([{ name: "run", content: "x" }]), refs: [] });
    const [loaded] = await load(archive, "mine:2");
    expect(loaded?.refs).to.deep.equal(["docker.io/library/mine:2"]);
  });

  it("is the same after it was opened again", async () => {
    const [loaded] = await load(await dockerArchive(image([{ name: "run", content: "x" }])));
    const again = new ImageStore(join(dir, "images"), layers);
    await again.open();
    expect(again.find(ref)?.id).to.equal(loaded?.id);
    expect(readdirSync(join(dir, "layers"))).to.have.length(1);
  });

  it("shares layers and deletes them with their last image", async () => {
    const base: LayerFile[] = [{ name: "base", content: "b" }];
    await load(await dockerArchive(image(base, [{ name: "one", content: "1" }])));
    const [other] = await load(
      await dockerArchive({ ...image(base, [{ name: "two", content: "2" }]), refs: ["docker.io/library/app:2"] }),
    );
    expect(readdirSync(join(dir, "layers"))).to.have.length(3);
    await store.remove(store.find(ref)?.id ?? "");
    expect(readdirSync(join(dir, "layers"))).to.have.length(2);
    await store.remove(other?.id ?? "");
    expect(readdirSync(join(dir, "layers"))).to.deep.equal([]);
  });

  it("moves a name to the newer image", async () => {
    const [old] = await load(await dockerArchive(image([{ name: "run", content: "old" }])));
    const [fresh] = await load(await dockerArchive(image([{ name: "run", content: "new" }])));
    expect(store.find(ref)?.id).to.equal(fresh?.id);
    expect(store.find(old?.id ?? "")?.tags).to.deep.equal([]);
  });

  it("hides what a layer removes", async () => {
    const below: LayerFile[] = [
      { name: "d/gone", content: "1" },
      { name: "o/old", content: "2" },
      { name: "o/kept", content: "3" },
    ];
    await load(
      await dockerArchive(
        image(below, [{ name: "d/.wh.gone" }, { name: "o/kept", content: "4" }, { name: "o/.wh..wh..opq" }]),
      ),
    );
    const isWhiteout = (path: string) =>
      lstatSync(join(top(), path)).isCharacterDevice() && lstatSync(join(top(), path)).rdev === 0;
    expect(isWhiteout("d/gone")).to.equal(true);
    expect(isWhiteout("o/old")).to.equal(true);
    expect(readFileSync(join(top(), "o/kept"), "utf8")).to.equal("4");
  });

  it("follows links of lower layers inside the image", async () => {
    const below: LayerFile[] = [
      { name: "usr/lib/", dir: true },
      { name: "lib", symlink: "usr/lib" },
    ];
    await load(await dockerArchive(image(below, [{ name: "lib/libx.so", content: "x" }])));
    expect(readFileSync(join(top(), "usr/lib/libx.so"), "utf8")).to.equal("x");
  });

  it("keeps hard links within the image", async () => {
    await load(
      await dockerArchive(
        image([
          { name: "a", content: "x" },
          { name: "b", hardlink: "a" },
        ]),
      ),
    );
    expect(lstatSync(join(top(), "b")).ino).to.equal(lstatSync(join(top(), "a")).ino);
  });

  it("writes through no link that leads out", async () => {
    const outside = join(dir, "outside");
    await mkdir(outside);
    await load(
      await dockerArchive(
        image([
          { name: "evil", symlink: outside },
          { name: "evil/file", content: "x" },
        ]),
      ),
    );
    expect(readdirSync(outside)).to.deep.equal([]);
    expect(readlinkSync(join(top(), "evil"))).to.equal(outside);
    expect(readFileSync(join(top(), outside, "file"), "utf8")).to.equal("x");
  });

  it("refuses names that lead out", async () => {
    await refused(load(await dockerArchive(image([{ name: "../../etc/cron.d/x", content: "x" }]))), "INVALID_ARGUMENT");
    await refused(
      load(await dockerArchive(image([{ name: "a", hardlink: "../../../etc/shadow" }]))),
      "INVALID_ARGUMENT",
    );
    await refused(load(await tarOf([{ name: "../manifest.json", content: "[]" }])), "INVALID_ARGUMENT");
  });

  it("refuses what is no image and what was altered", async () => {
    await refused(load(Buffer.from("nonsense")), "INVALID_ARGUMENT");
    await refused(load(await tarOf([{ name: "hello", content: "x" }])), "INVALID_ARGUMENT");
    const { blobs } = await ociImage(image([{ name: "run", content: "x" }]));
    const [digest = ""] = blobs.keys();
    await refused(load(await tarOf([{ name: `blobs/${digest.replace(":", "/")}`, content: "other" }])), "DATA_LOSS");
  });

  describe("registry", () => {
    let handle: (request: IncomingMessage, response: ServerResponse) => void;
    const server = createServer((request, response) => handle(request, response));
    let registry: string;

    before((done) => {
      server.listen(0, "127.0.0.1", () => {
        registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
        done();
      });
    });
    after(() => server.close());

    /** Serves one image under `team/app:1`, behind an index, to those who bring the token. */
    async function serve(token?: string): Promise<string[]> {
      const { blobs, manifestDigest } = await ociImage(image([{ name: "run", content: "x" }]));
      const platform = { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch };
      const foreign = {
        mediaType: manifestType,
        digest: `sha256:${"0".repeat(64)}`,
        size: 1,
        platform: { os: "linux", architecture: "s390x" },
      };
      const size = blobs.get(manifestDigest)?.length ?? 0;
      const index = JSON.stringify({
        manifests: [foreign, { mediaType: manifestType, digest: manifestDigest, size, platform }],
      });
      const asked: string[] = [];
      handle = (request, response) => {
        const { pathname } = new URL(request.url ?? "", "http://registry");
        asked.push(pathname);
        if (pathname === "/token")
          return response.end(JSON.stringify({ token: request.headers.authorization === basic ? "good" : "bad" }));
        if (token && request.headers.authorization !== `Bearer ${token}`) {
          response
            .writeHead(401, { "www-authenticate": `Bearer realm="http://${registry}/token",service="test"` })
            .end();
          return;
        }
        if (pathname === "/v2/team/app/manifests/1") return response.end(index);
        const blob = blobs.get(pathname.split("/").at(-1) ?? "");
        if (blob) response.end(blob);
        else response.writeHead(404).end();
      };
      return asked;
    }
    const basic = `Basic ${Buffer.from("user:secret").toString("base64")}`;
    const pull = (name: string, auth?: { username: string; password: string }) =>
      pullImage(deps(), `${registry}/${name}`, {
        insecure: [],
        auth: auth && { ...auth, auth: "", serverAddress: "", identityToken: "", registryToken: "" },
      });

    it("pulls an image for this machine out of an index, and nothing twice", async () => {
      const asked = await serve();
      const id = await pull("team/app:1");
      const found = store.find(`${registry}/team/app:1`);
      expect(found?.id).to.equal(id);
      expect(found?.digests[0]).to.match(new RegExp(`^${registry}/team/app@sha256:`));
      asked.length = 0;
      await pull("team/app:1");
      expect(asked.filter((path) => path.includes("/blobs/"))).to.have.length(1);
    });

    it("brings the credentials of a pull secret to the token server", async () => {
      await serve("good");
      await pull("team/app:1", { username: "user", password: "secret" });
      await refused(pull("team/app:1", { username: "user", password: "wrong" }), "UNAUTHENTICATED");
    });

    it("says that an image is not there, and that a registry cannot be reached", async () => {
      await serve();
      await refused(pull("team/other:1"), "NOT_FOUND");
      await refused(pullImage(deps(), "127.0.0.1:1/app:1", { insecure: [] }), "UNAVAILABLE");
    });
  });
});
