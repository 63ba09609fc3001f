import { X509Certificate } from "node:crypto";
import type { CertificateSigningRequest } from "@tskube/api";
import { deepEqual, type FieldError, field, goQuote, Path } from "@tskube/apimachinery";
import { certificateRequestProblem } from "./certificate-request.ts";
import { pemBlocks } from "./pem.ts";
import { signerNameErrors } from "./validate-signer-name.ts";

type Condition = NonNullable<NonNullable<CertificateSigningRequest["status"]>["conditions"]>[number];

/** What one way of writing may change. */
interface Permissions {
  readonly approval?: boolean;
  readonly certificate?: boolean;
}

const spec = Path.of("spec");
const conditionsPath = Path.of("status", "conditions");
const certificatePath = Path.of("status", "certificate");

const legacySigner = "kubernetes.io/legacy-unknown";
const minExpirationSeconds = 600;

/** Sorted, as upstream lists them. */
const usages = [
  "any",
  "cert sign",
  "client auth",
  "code signing",
  "content commitment",
  "crl sign",
  "data encipherment",
  "decipher only",
  "digital signature",
  "email protection",
  "encipher only",
  "ipsec end system",
  "ipsec tunnel",
  "ipsec user",
  "key agreement",
  "key encipherment",
  "microsoft sgc",
  "netscape sgc",
  "ocsp signing",
  "s/mime",
  "server auth",
  "signing",
  "timestamping",
];

export function validateRequest(request: CertificateSigningRequest): FieldError[] {
  return objectErrors(request, undefined);
}

/** What is wrong with a change by a way of writing that has these permissions. What was wrong before may stay. */
export function validateRequestUpdate(permissions: Permissions = {}) {
  return (request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] => [
    ...objectErrors(request, old),
    ...removalErrors(request, old),
    ...(permissions.approval ? [] : approvalErrors(request, old)),
    ...certificateChangeErrors(request, old, permissions.certificate === true),
  ];
}

function objectErrors(request: CertificateSigningRequest, old: CertificateSigningRequest | undefined): FieldError[] {
  // What is absent is empty, as in Go.
  const { signerName = "", expirationSeconds, request: pem = "" } = request.spec;
  const problem = certificateRequestProblem(pem);
  const errors: FieldError[] = [];
  if (problem) errors.push(field.invalid(spec.child("request"), Buffer.from(pem, "base64"), problem));
  errors.push(...usageErrors(request.spec.usages ?? [], old?.spec.usages ?? []));
  if (signerName === legacySigner && old?.spec.signerName !== legacySigner) {
    const detail = "the legacy signerName is not allowed via this API version";
    errors.push(field.invalid(spec.child("signerName"), signerName, detail));
  } else {
    errors.push(...signerNameErrors(signerName, spec.child("signerName")));
  }
  if (typeof expirationSeconds === "number" && expirationSeconds < minExpirationSeconds) {
    const detail = "may not specify a duration less than 600 seconds (10 minutes)";
    errors.push(field.invalid(spec.child("expirationSeconds"), expirationSeconds, detail));
  }
  errors.push(...conditionErrors(conditionsOf(request), old ? conditionsOf(old) : []));
  const certificate = request.status?.certificate;
  const wrong = certificate && certificate !== old?.status?.certificate ? certificateProblem(certificate) : undefined;
  if (wrong) errors.push(field.invalid(certificatePath, "<certificate data>", wrong));
  return errors;
}

function usageErrors(wanted: readonly string[], before: readonly string[]): FieldError[] {
  const at = spec.child("usages");
  if (wanted.length === 0) return [field.required(at)];
  const isUnknown = (usage: string) => !usages.includes(usage);
  const isRepeated = (usage: string, index: number, all: readonly string[]) => all.indexOf(usage) < index;
  const unknown = before.some(isUnknown)
    ? []
    : wanted.flatMap((usage, index) => (isUnknown(usage) ? [field.notSupported(at.index(index), usage, usages)] : []));
  const repeated = before.some(isRepeated)
    ? []
    : wanted.flatMap((usage, index, all) =>
        isRepeated(usage, index, all) ? [field.duplicate(at.index(index), usage)] : [],
      );
  return [...unknown, ...repeated];
}

/** Types that say something by being there, and can only be true. */
const trueTypes = ["Approved", "Denied", "Failed"];

function conditionErrors(written: readonly Condition[], before: readonly Condition[]): FieldError[] {
  const conditions = written.map(({ type = "", status = "" }) => ({ type, status }));
  const wasBoth = hasType(before, "Approved") && hasType(before, "Denied");
  const wasRepeated = before.some(({ type }, index) => typeIndex(before, type) < index);
  const wasUnnamed = hasType(before, "");
  return conditions.flatMap(({ type, status }, index) => {
    const at = conditionsPath.index(index);
    const errors: FieldError[] = [];
    if (type === "" && !wasUnnamed) errors.push(field.required(at.child("type")));
    errors.push(...statusErrors(type, status, at.child("status")));
    const other = type === "Approved" ? "Denied" : type === "Denied" ? "Approved" : undefined;
    if (other && !wasBoth && hasType(conditions.slice(0, index), other)) {
      const detail = "Approved and Denied conditions are mutually exclusive";
      errors.push(field.invalid(at.child("type"), type, detail));
    }
    if (!wasRepeated && typeIndex(conditions, type) < index) errors.push(field.duplicate(at.child("type"), type));
    return errors;
  });
}

function statusErrors(type: string, status: string, at: Path): FieldError[] {
  const allowed = trueTypes.includes(type) ? ["True"] : ["False", "True", "Unknown"];
  if (!status) return [field.required(at)];
  return allowed.includes(status) ? [] : [field.notSupported(at, status, allowed)];
}

function removalErrors(request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const isFewer = (type: string) => ofType(request, type).length < ofType(old, type).length;
  return trueTypes
    .filter(isFewer)
    .map((type) => field.forbidden(conditionsPath, `updates may not remove a condition of type ${goQuote(type)}`));
}

/** Approving and denying is for who may write the approval. */
function approvalErrors(request: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  return ["Approved", "Denied"].flatMap((type) => {
    const [before, after] = [ofType(old, type), ofType(request, type)];
    if (after.length > before.length) {
      return [field.forbidden(conditionsPath, `updates may not add a condition of type ${goQuote(type)}`)];
    }
    if (after.length < before.length || deepEqual(before, after)) return [];
    return [field.forbidden(conditionsPath, `updates may not modify a condition of type ${goQuote(type)}`)];
  });
}

function certificateChangeErrors(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  maySet: boolean,
): FieldError[] {
  const [before = "", after = ""] = [old.status?.certificate, request.status?.certificate];
  if (before === after) return [];
  if (!maySet) return [field.forbidden(certificatePath, "updates may not set certificate content")];
  if (before === "") return [];
  return [field.forbidden(certificatePath, "updates may not modify existing certificate content")];
}

function certificateProblem(base64Pem: string): string | undefined {
  const blocks = [...pemBlocks(Buffer.from(base64Pem, "base64").toString("latin1"))];
  if (blocks.length === 0) return "must contain at least one CERTIFICATE PEM block";
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== "CERTIFICATE") return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`;
    if (hasHeaders) return "no PEM block headers are permitted";
    if (bytes.byteLength === 0) return "found CERTIFICATE PEM block containing 0 certificates";
    if (!isCertificate(bytes)) return "x509: malformed certificate";
  }
  return undefined;
}

function isCertificate(der: Buffer): boolean {
  try {
    return new X509Certificate(der).raw.byteLength > 0;
  } catch {
    return false;
  }
}

export function conditionsOf({ status }: CertificateSigningRequest): readonly Condition[] {
  return status?.conditions ?? [];
}

function ofType(request: CertificateSigningRequest, type: string): Condition[] {
  return conditionsOf(request).filter((condition) => condition.type === type);
}

function hasType(conditions: readonly Pick<Condition, "type">[], type: string): boolean {
  return typeIndex(conditions, type) >= 0;
}

function typeIndex(conditions: readonly Pick<Condition, "type">[], type: string): number {
  return conditions.findIndex((condition) => condition.type === type);
}
