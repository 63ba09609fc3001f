import { X509Certificate } from "node:crypto";
import type { certificatesV1beta1 } from "@tskube/api";
import { dns1123SubdomainErrors, type FieldError, field, Path, validateImmutable } from "@tskube/apimachinery";
import type { TableColumns } from "../../http/table-columns.ts";
import type { Strategy } from "../../registry/strategy.ts";
import { column, nameColumn, orNone } from "../cells.ts";
import { type PemBlock, pemBlocks } from "./pem.ts";
import { signerNameErrors } from "./validate-signer-name.ts";

type TrustBundle = certificatesV1beta1.ClusterTrustBundle;

const maxBundleBytes = 1024 * 1024;
const spec = Path.of("spec");
const bundlePath = spec.child("trustBundle");

const trustBundleColumns: TableColumns<TrustBundle> = {
  definitions: [nameColumn, column("SignerName", "The signer whose certificates the bundle verifies.")],
  cells: ({ metadata, spec }) => [metadata.name, orNone(spec.signerName)],
};

/** ClusterTrustBundles hold certificates of authorities, in the name of a signer or of nobody. */
export const clusterTrustBundles: Strategy<TrustBundle> = {
  // What names are right depends on the signer: `validate` looks at that.
  validateName: () => [],
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName ?? "" },
  columns: trustBundleColumns,
  validate: (bundle) => [...nameErrors(bundle), ...signerErrors(bundle), ...bundleErrors(bundle.spec.trustBundle)],
  validateUpdate: (bundle, old) => [
    ...signerErrors(bundle),
    ...(bundle.spec.trustBundle === old.spec.trustBundle ? [] : bundleErrors(bundle.spec.trustBundle)),
    ...validateImmutable(bundle.spec.signerName, old.spec.signerName, spec.child("signerName")),
  ],
};

/** A signer's bundles are named `DOMAIN:NAME:…`; others have no colon. */
function nameErrors({ metadata: { name }, spec: { signerName } }: TrustBundle): FieldError[] {
  const at = Path.of("metadata", "name");
  const wrong = (detail: string) => [field.invalid(at, name, detail)];
  const subdomainErrors = (part: string) => dns1123SubdomainErrors(part).flatMap(wrong);
  if (!signerName) {
    const detail = 'ClusterTrustBundle without signer name must not have ":" in its name';
    return name.includes(":") ? wrong(detail) : subdomainErrors(name);
  }
  const prefix = `${signerName.replaceAll("/", ":")}:`;
  if (name.startsWith(prefix)) return subdomainErrors(name.slice(prefix.length));
  return wrong(`ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`);
}

function signerErrors({ spec: { signerName } }: TrustBundle): FieldError[] {
  return signerName ? signerNameErrors(signerName, spec.child("signerName")) : [];
}

function bundleErrors(bundle = ""): FieldError[] {
  if (Buffer.byteLength(bundle) > maxBundleBytes) return [field.tooLong(bundlePath, maxBundleBytes)];
  const wrong = (detail: string) => field.invalid(bundlePath, "<value omitted>", detail);
  const blocks = [...pemBlocks(bundle)];
  const malformed = blocks.flatMap((block, index) => anchorProblem(block, index) ?? []);
  if (malformed.length > 0) return malformed.map(wrong);
  if (blocks.length === 0) return [wrong("at least one trust anchor must be provided")];
  return repeated(blocks.map(({ bytes }) => bytes.toString("base64"))).map((indices) =>
    wrong(`duplicate trust anchor (indices [${indices.join(" ")}])`),
  );
}

function anchorProblem({ type, hasHeaders, bytes }: PemBlock, index: number): string | undefined {
  if (type !== "CERTIFICATE") return `entry ${index} has bad block type: ${type}`;
  if (hasHeaders) return `entry ${index} has PEM block headers`;
  try {
    return new X509Certificate(bytes).ca ? undefined : `entry ${index} does not have the CA bit set`;
  } catch {
    return `entry ${index} does not parse as X.509`;
  }
}

/** The places of values that stand in several. */
function repeated(values: readonly string[]): number[][] {
  const places = new Map<string, number[]>();
  for (const [index, value] of values.entries()) places.set(value, [...(places.get(value) ?? []), index]);
  return [...places.values()].filter((indices) => indices.length > 1);
}
