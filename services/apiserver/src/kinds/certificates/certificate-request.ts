import { constants, createPublicKey, type KeyObject, type VerifyKeyObjectInput, verify } from "node:crypto";
import { DerError, type DerValue, expectTag, oidText, partsOf, readDer } from "./der.ts";
import { pemBlocks } from "./pem.ts";

const sequence = 0x30;
const integer = 0x02;
const bitString = 0x03;
const oid = 0x06;

interface Algorithm {
  /** As Node calls the digest; null where the algorithm has its own. */
  readonly digest: string | null;
  /** What Go says when the signature is wrong. */
  readonly failure: string;
}

const rsa = "crypto/rsa: verification error";
const ecdsa = "x509: ECDSA verification failure";

/** Algorithms whose signatures count; older digests are too weak to. */
const algorithms: Readonly<Record<string, Algorithm>> = {
  "1.2.840.113549.1.1.11": { digest: "sha256", failure: rsa },
  "1.2.840.113549.1.1.12": { digest: "sha384", failure: rsa },
  "1.2.840.113549.1.1.13": { digest: "sha512", failure: rsa },
  "1.2.840.10045.4.3.2": { digest: "sha256", failure: ecdsa },
  "1.2.840.10045.4.3.3": { digest: "sha384", failure: ecdsa },
  "1.2.840.10045.4.3.4": { digest: "sha512", failure: ecdsa },
  "1.3.101.112": { digest: null, failure: "x509: Ed25519 verification failure" },
};

const weak: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.4": "MD5-RSA",
  "1.2.840.113549.1.1.5": "SHA1-RSA",
  "1.2.840.10045.4.1": "ECDSA-SHA1",
};

const pss = "1.2.840.113549.1.1.10";
const pssDigests: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/**
 * What is wrong with a PKCS#10 request in PEM (base64 of it, as objects hold it): undefined if it can be read and its sender holds its key. Read here and not
 * by an X.509 library, since those check signatures asynchronously, which validation cannot wait for, and take longer to load than this server to start.
 */
export function certificateRequestProblem(base64Pem: string): string | undefined {
  const [first] = pemBlocks(Buffer.from(base64Pem, "base64").toString("latin1"));
  if (first?.type !== "CERTIFICATE REQUEST") return "PEM block type must be CERTIFICATE REQUEST";
  try {
    return signatureProblem(first.bytes);
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
}

function signatureProblem(der: Buffer): string | undefined {
  const [info, algorithm, signature] = partsOf(expectTag(readDer(der), sequence));
  const signed = expectTag(info, sequence);
  const [version, subject, publicKey] = partsOf(signed);
  expectTag(version, integer);
  expectTag(subject, sequence);
  const key = readKey(expectTag(publicKey, sequence));
  // The first byte counts unused bits, of which signatures have none.
  const bits = expectTag(signature, bitString).content.subarray(1);
  return verifyProblem(partsOf(expectTag(algorithm, sequence)), signed.whole, key, bits);
}

function readKey({ whole }: DerValue): KeyObject {
  try {
    return createPublicKey({ key: whole, format: "der", type: "spki" });
  } catch {
    throw new DerError("x509: invalid or unsupported public key");
  }
}

function verifyProblem(
  [id, parameters]: readonly DerValue[],
  signed: Buffer,
  key: KeyObject,
  signature: Buffer,
): string | undefined {
  const name = oidText(expectTag(id, oid));
  const weakName = weak[name];
  if (weakName) return `x509: cannot verify signature: insecure algorithm ${weakName}`;
  const algorithm = name === pss ? pssAlgorithm(parameters) : algorithms[name];
  if (!algorithm) return "x509: cannot verify signature: algorithm unimplemented";
  const padding = name === pss && {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_AUTO,
  };
  return isSigned(algorithm.digest, signed, { key, ...padding }, signature) ? undefined : algorithm.failure;
}

/** A key of another kind than the algorithm's makes Node throw. */
function isSigned(digest: string | null, signed: Buffer, key: VerifyKeyObjectInput, signature: Buffer): boolean {
  try {
    return verify(digest, signed, key, signature);
  } catch {
    return false;
  }
}

/** The digest stands in the first of the parameters' fields, `[0]`. */
function pssAlgorithm(parameters: DerValue | undefined): Algorithm | undefined {
  const [hash] = parameters ? partsOf(parameters) : [];
  if (hash?.tag !== 0xa0) return undefined;
  const [id] = partsOf(expectTag(partsOf(hash)[0], sequence));
  const digest = pssDigests[oidText(expectTag(id, oid))];
  return digest === undefined ? undefined : { digest, failure: rsa };
}
