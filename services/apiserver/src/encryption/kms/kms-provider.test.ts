import { FakeClock } from "@tskube/base/testing";
import { expect } from "chai";
import type { KmsClient } from "./kms-client.ts";
import { KmsProvider } from "./kms-provider.ts";

const at = "/registry/secrets/default/db";
const value = Buffer.from("{}");

/** A plugin that encrypts by turning bytes over. */
function fakePlugin() {
  const plugin = {
    keyId: "1",
    healthz: "ok",
    version: "v2",
    isDown: false,
    decrypted: 0,
    encrypted: 0,
    annotations: {},
  };
  const flip = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0xff));
  const up = () => {
    if (plugin.isDown) throw new Error("14 UNAVAILABLE");
  };
  const client: KmsClient = {
    async status() {
      up();
      return { version: plugin.version, healthz: plugin.healthz, keyId: plugin.keyId };
    },
    async encrypt(plaintext) {
      up();
      plugin.encrypted++;
      return { ciphertext: flip(plaintext), keyId: plugin.keyId, annotations: plugin.annotations };
    },
    async decrypt({ ciphertext }) {
      up();
      plugin.decrypted++;
      return flip(ciphertext);
    },
    close() {},
  };
  return { plugin, client };
}

async function setUp() {
  const clock = new FakeClock();
  const { plugin, client } = fakePlugin();
  const provider = new KmsProvider("k", { client, clock });
  await provider.start();
  return { clock, plugin, client, provider };
}

describe("a KMS provider", () => {
  it("asks the plugin once for a seed, and never twice for the same one", async () => {
    const { plugin, provider } = await setUp();
    const sealed = Array.from({ length: 10 }, () => provider.seal(value, at));
    for (const one of sealed) expect(await provider.open(one, at)).to.deep.equal({ value, isStale: false });
    expect([plugin.encrypted, plugin.decrypted]).to.deep.equal([1, 1]);
    expect(new Set(sealed.map((one) => one.toString("hex"))).size).to.equal(10);
    provider.close();
  });

  it("binds values to their place", async () => {
    const { provider } = await setUp();
    const sealed = provider.seal(value, at);
    expect(await provider.open(sealed, `${at}2`).catch(String)).to.match(/message authentication failed/);
    provider.close();
  });

  it("finds stale what another key of the plugin sealed, and seals with the new one", async () => {
    const { clock, plugin, provider } = await setUp();
    const old = provider.seal(value, at);
    plugin.keyId = "2";
    await clock.advance(60_000);
    expect(await provider.open(old, at)).to.deep.equal({ value, isStale: true });
    expect(await provider.open(provider.seal(value, at), at)).to.deep.equal({ value, isStale: false });
    provider.close();
  });

  it("goes on for three minutes without the plugin, and reads what it has read before", async () => {
    const { clock, plugin, provider } = await setUp();
    const sealed = provider.seal(value, at);
    await provider.open(sealed, at);
    plugin.isDown = true;
    await clock.advance(170_000);
    expect(() => provider.checkHealth()).to.throw("14 UNAVAILABLE");
    expect(() => provider.seal(value, at)).not.to.throw();
    await clock.advance(10_000);
    expect(() => provider.seal(value, at)).to.throw(/^EDEK with keyID hash "sha256:[0-9a-f]{64}" expired at /);
    expect((await provider.open(sealed, at)).value.equals(value)).to.equal(true);
    plugin.isDown = false;
    await clock.advance(10_000);
    expect(() => provider.checkHealth()).not.to.throw();
    expect(() => provider.seal(value, at)).not.to.throw();
    provider.close();
    expect(clock.pending).to.equal(0);
  });

  const unhealthy: readonly [change: object, problem: string | RegExp][] = [
    [{ healthz: "locked" }, "got unexpected healthz status: locked"],
    [{ version: "v1" }, "expected KMSv2 API version v2, got v1"],
    [{ keyId: "" }, "keyID is empty"],
    [{ keyId: "x".repeat(1_025) }, "keyID is 1025 bytes, which exceeds the max size of 1024"],
    [{ annotations: { plain: Buffer.from("x") } }, /should be a domain with at least two segments separated by dots/],
  ];
  for (const [change, problem] of unhealthy) {
    it(`is not healthy with ${JSON.stringify(change).slice(0, 60)}`, async () => {
      const { plugin, client } = fakePlugin();
      Object.assign(plugin, change);
      const provider = new KmsProvider("k", { client, clock: new FakeClock() });
      await provider.start();
      expect(() => provider.checkHealth()).to.throw(problem);
      expect(() => provider.seal(value, at)).to.throw();
      provider.close();
    });
  }

  it("refuses what is no sealed value", async () => {
    const { provider } = await setUp();
    expect(await provider.open(Buffer.from("nonsense"), at).catch(String)).to.match(/failed to unmarshal|is empty/);
    provider.close();
  });
});
