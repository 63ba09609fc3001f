import { createHash, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";

export type SigningAlgorithm = "RS256" | "ES256" | "ES384" | "ES512";

export interface VerificationKey {
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicKey: KeyObject;
}

export interface SigningKey extends VerificationKey {
  readonly privateKey: KeyObject;
}

const curveAlgorithms: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: "ES256",
  secp384r1: "ES384",
  secp521r1: "ES512",
};

/** Reads a PEM private key, RSA or ECDSA. */
export function parseSigningKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  return { ...describe(createPublicKey(privateKey)), privateKey };
}

/** Reads PEM public keys, or takes the public halves of private ones; one text may hold several. */
export function parseVerificationKeys(pem: string): VerificationKey[] {
  const blocks = pem.match(/-----BEGIN [A-Z0-9 ]+-----[\s\S]*?-----END [A-Z0-9 ]+-----/g) ?? [];
  return blocks
    .filter((block) => !block.includes("BEGIN EC PARAMETERS"))
    .map((block) => describe(createPublicKey(block)));
}

function describe(publicKey: KeyObject): VerificationKey {
  return { id: keyId(publicKey), algorithm: algorithmOf(publicKey), publicKey };
}

/** Derived from the key, so that all apiservers of a cluster name it alike. */
function keyId(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64url");
}

function algorithmOf(key: KeyObject): SigningAlgorithm {
  if (key.asymmetricKeyType === "rsa") return "RS256";
  const algorithm = curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (!algorithm) throw new Error(`cannot sign tokens with a key of type ${key.asymmetricKeyType}`);
  return algorithm;
}

export function publicJwk(key: VerificationKey): JsonWebKey {
  return { use: "sig", ...key.publicKey.export({ format: "jwk" }), kid: key.id, alg: key.algorithm };
}
