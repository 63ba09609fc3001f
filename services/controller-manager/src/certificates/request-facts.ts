import type { Pkcs10CertificateRequest } from "@peculiar/x509";
import { readSubject, type Subject } from "./subject.ts";
import { loadX509 } from "./x509.ts";

export interface AlternativeName {
  readonly type: "dns" | "ip" | "email" | "url";
  readonly value: string;
}

/** What a certificate request asks for. */
export interface RequestFacts extends Subject {
  /** Names of other kinds are nobody's to ask for. */
  readonly alternativeNames: readonly AlternativeName[];
  readonly parsed: Pkcs10CertificateRequest;
}

const nameTypes: readonly string[] = ["dns", "ip", "email", "url"];

/** Reads `spec.request` (base64 of PEM); throws for what is none. The API server has checked that its sender holds the key. */
export async function readRequest(base64Pem: string): Promise<RequestFacts> {
  const { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } = await loadX509();
  const parsed = new Pkcs10CertificateRequest(Buffer.from(base64Pem, "base64").toString("utf8"));
  const extension = parsed.extensions.find((one) => one instanceof SubjectAlternativeNameExtension);
  const names = extension?.names.items.map(({ type, value }) => ({ type, value })) ?? [];
  return {
    ...readSubject(parsed.subjectName),
    alternativeNames: names.filter(({ type }) => nameTypes.includes(type)) as AlternativeName[],
    parsed,
  };
}
