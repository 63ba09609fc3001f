import { createCipheriv } from "node:crypto";
import { expect } from "chai";
import type { Transformer } from "../transformer.ts";
import { aesCbc } from "./aes-cbc.ts";
import { aesGcm } from "./aes-gcm.ts";
import { identity, isSealed } from "./identity.ts";
import { secretbox } from "./secretbox.ts";

const at = "/registry/secrets/default/db";
const value = Buffer.from('{"kind":"Secret","data":{"password":"c2VjcmV0"}}');
const key = Buffer.alloc(32, 7);

const providers: readonly [
  name: string,
  make: (key: Buffer) => Transformer,
  keySizes: readonly number[],
  added: number,
][] = [
  ["aescbc", aesCbc, [16, 24, 32], 16],
  ["aesgcm", aesGcm, [16, 24, 32], 28],
  ["secretbox", secretbox, [32], 40],
];

for (const [name, make, keySizes, added] of providers) {
  describe(`provider ${name}`, () => {
    for (const size of keySizes) {
      it(`opens what it sealed with a key of ${size} bytes, never twice the same`, async () => {
        const provider = make(Buffer.alloc(size, 1));
        const [one, other] = [await provider.seal(value, at), await provider.seal(value, at)];
        expect(one.equals(other)).to.equal(false);
        expect(one.includes("password")).to.equal(false);
        expect(one.length).to.be.at.least(value.length + added);
        expect(await provider.open(one, at)).to.deep.equal({ value, isStale: false });
      });
    }

    it("refuses what another key sealed", async () => {
      const sealed = await make(key).seal(value, at);
      const opened = attempt(() => make(Buffer.alloc(32, 8)).open(sealed, at));
      // Padding may fit by chance, in one of 256 tries; the value then is another.
      if (name !== "aescbc") expect(await opened).to.be.an.instanceOf(Error);
      else expect(await opened).not.to.deep.equal({ value, isStale: false });
    });

    it("refuses what is too short to be sealed", async () => {
      const error = await attempt(() => make(key).open(Buffer.from("short"), at));
      expect(String(error)).to.equal("Error: the stored data was shorter than the required size");
    });
  });
}

describe("provider aesgcm", () => {
  it("binds values to their place", async () => {
    const sealed = await aesGcm(key).seal(value, at);
    const error = await attempt(() => aesGcm(key).open(sealed, "/registry/secrets/default/other"));
    expect(String(error)).to.equal("Error: cipher: message authentication failed");
  });

  it("reads nonce, ciphertext and tag in this order, with the place as additional data", async () => {
    const nonce = Buffer.alloc(12, 3);
    const cipher = createCipheriv("aes-256-gcm", key, nonce);
    cipher.setAAD(Buffer.from(at));
    const sealed = Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
    expect(await aesGcm(key).open(sealed, at)).to.deep.equal({ value, isStale: false });
  });
});

describe("provider aescbc", () => {
  it("refuses what is no number of whole blocks", async () => {
    const error = await attempt(() => aesCbc(key).open(Buffer.alloc(33), at));
    expect(String(error)).to.equal("Error: the stored data is not a multiple of the block size");
  });

  it("refuses wrong padding", async () => {
    const cipher = createCipheriv("aes-256-cbc", key, Buffer.alloc(16)).setAutoPadding(false);
    const sealed = Buffer.concat([Buffer.alloc(16), cipher.update(Buffer.alloc(16, 0xff)), cipher.final()]);
    expect(String(await attempt(() => aesCbc(key).open(sealed, at)))).to.equal("Error: invalid padding on input");
  });
});

describe("provider secretbox", () => {
  it("reads the boxes of NaCl", async () => {
    // The example of NaCl's own tests (tests/secretbox.c), with its nonce in front.
    const naclKey = Buffer.from("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389", "hex");
    const nonce = Buffer.from("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37", "hex");
    const box = Buffer.from(
      "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5",
      "hex",
    );
    const { value: message } = await secretbox(naclKey).open(Buffer.concat([nonce, box]), at);
    expect(message.toString("hex").slice(0, 32)).to.equal("be075fc53c81f2d5cf141316ebeb0c7b");
    expect(message.length).to.equal(131);
  });
});

describe("provider identity", () => {
  it("leaves values alone and refuses to read sealed ones", async () => {
    expect(await identity.seal(value, at)).to.equal(value);
    expect(await identity.open(value, at)).to.deep.equal({ value, isStale: false });
    const sealed = Buffer.from("k8s:enc:aescbc:v1:key1:xyz");
    expect(isSealed(sealed)).to.equal(true);
    expect(String(await attempt(() => identity.open(sealed, at)))).to.equal(
      "Error: identity transformer tried to read encrypted data",
    );
  });
});

/** What came of it, the error included. */
async function attempt(open: () => unknown): Promise<unknown> {
  try {
    return await open();
  } catch (error) {
    return error;
  }
}
