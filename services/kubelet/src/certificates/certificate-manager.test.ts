import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@tskube/base";
import { FakeClock } from "@tskube/base/testing";
import { kinds } from "@tskube/client";
import { FakeApi } from "@tskube/client/testing";
import { expect } from "chai";
import { CertificateManager, renewalTime } from "./certificate-manager.ts";
import { certificateStore, makePair } from "./certificate-store.ts";
import { nodeClientCertificate } from "./node-certificates.ts";
import { aPair, signRequest } from "./testing.ts";

const hour = 3_600_000;

describe("certificate manager", () => {
  let folder: string;
  let clock: FakeClock;
  let api: FakeApi;
  let stop: AbortController;
  let failures: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tskube-manager-"));
    clock = new FakeClock();
    api = new FakeApi({ clock });
    stop = new AbortController();
    failures = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function create(initial?: Awaited<ReturnType<typeof aPair>>) {
    const options = {
      ...nodeClientCertificate("n1"),
      initial: initial && makePair(initial.certificate, initial.key, "initial"),
    };
    return new CertificateManager(options, {
      store: certificateStore(folder, "kubelet-client"),
      client: api.client(),
      clock,
      logger: silentLogger,
      random: () => 0,
      onFailure: () => {
        failures += 1;
      },
    });
  }

  const requests = () => api.list(kinds.CertificateSigningRequest);

  /** Keys are made in turns of the event loop that the fake clock knows nothing of. */
  async function until(check: () => boolean): Promise<void> {
    for (const deadline = performance.now() + 10_000; !check() && performance.now() < deadline; ) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(0);
    }
    expect(check()).to.equal(true);
  }

  async function sign(index: number, lifeMs = 10 * hour): Promise<void> {
    await until(() => requests().length > index);
    const name = requests()[index]?.metadata.name ?? "";
    const certificate = await signRequest(requests()[index]?.spec.request ?? "", clock.now(), clock.now() + lifeMs);
    api.change("CertificateSigningRequest", name, (request) => {
      request.status = { certificate, conditions: [{ type: "Approved", status: "True" }] };
    });
  }

  async function ended(running: Promise<void>): Promise<void> {
    stop.abort();
    await clock.advance(0);
    await running;
    expect(clock.pending).to.equal(0);
  }

  it("asks at once where there is none, and again when most of its life is over", async () => {
    const manager = create();
    const running = manager.run(stop.signal);
    await sign(0);
    await until(() => manager.current !== undefined);
    expect(requests()[0]?.spec).to.deep.include({
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    });
    const first = manager.current;
    await clock.advance(7 * hour - 1000);
    expect(requests()).to.have.length(1);
    await clock.advance(1000);
    await sign(1);
    await until(() => manager.current !== first);
    expect(manager.current?.key).to.not.equal(first?.key);
    await ended(running);
  });

  it("goes on with the certificate that the store has", async () => {
    const store = certificateStore(folder, "kubelet-client");
    const { certificate, key } = await aPair("CN=a", clock.now(), clock.now() + 10 * hour);
    store.update(certificate, key, clock.now());
    const manager = create();
    expect(manager.current?.key.trim()).to.equal(key.trim());
    const running = manager.run(stop.signal);
    await clock.advance(hour);
    expect(requests()).to.deep.equal([]);
    await ended(running);
  });

  it("takes what it was given if that lasts longer than what the store has", async () => {
    const store = certificateStore(folder, "kubelet-client");
    const stored = await aPair("CN=a", clock.now(), clock.now() + 10 * hour);
    store.update(stored.certificate, stored.key, clock.now());
    const given = await aPair("CN=a", clock.now(), clock.now() + 20 * hour);
    expect(create(given).current?.key).to.equal(given.key);
    expect(create(await aPair("CN=a", clock.now(), clock.now() + hour)).current?.key.trim()).to.equal(
      stored.key.trim(),
    );
  });

  it("renews what it was given", async () => {
    const manager = create(await aPair("CN=a", clock.now() - 8 * hour, clock.now() + 2 * hour));
    const running = manager.run(stop.signal);
    await sign(0);
    const given = manager.current;
    await until(() => manager.current !== given);
    await ended(running);
  });

  it("asks anew, later and later, after a refusal", async () => {
    const manager = create();
    const running = manager.run(stop.signal);
    for (const [index, delay] of [2_000, 4_000].entries()) {
      await until(() => requests().length === index + 1);
      const name = requests()[index]?.metadata.name ?? "";
      api.change("CertificateSigningRequest", name, (request) => {
        request.status = { conditions: [{ type: "Denied", status: "True", reason: "No" }] };
      });
      await until(() => failures === index + 1);
      await clock.advance(delay);
    }
    await sign(2);
    await until(() => manager.current !== undefined);
    await ended(running);
  });

  it("does not flood a cluster whose certificates are short or whose clock is another", async () => {
    const running = create().run(stop.signal);
    await sign(0, 1000);
    await until(() => readdirSync(folder).length > 0);
    await clock.advance(29_000);
    expect(requests()).to.have.length(1);
    await clock.advance(1_000);
    await until(() => requests().length === 2);
    await ended(running);
  });

  it("gives a request up that nobody decides about", async () => {
    const running = create().run(stop.signal);
    await until(() => requests().length === 1);
    await clock.advance(15 * 60_000);
    await until(() => failures === 1);
    await ended(running);
  });

  it("spreads renewals over the eighth and ninth tenth of a certificate's life", () => {
    const pair = { certificate: "", key: "", notBeforeMs: 1000, notAfterMs: 2000 };
    expect([renewalTime(pair, 0), renewalTime(pair, 1)]).to.deep.equal([1700, 1900]);
  });
});
