export interface CertificateRequestSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** Whom a certificate request (base64 of PEM) asks for; undefined if it cannot be read, which validation refuses. */
export async function certificateRequestSubject(base64Pem: string): Promise<CertificateRequestSubject | undefined> {
  // Loaded when first needed: it would add to the start of every apiserver.
  await import("reflect-metadata"); // what @peculiar/x509 wires itself up with
  const { Pkcs10CertificateRequest } = await import("@peculiar/x509");
  try {
    const { subjectName } = new Pkcs10CertificateRequest(Buffer.from(base64Pem, "base64").toString("utf8"));
    // Of several the last counts, as it does for authentication.
    return { commonName: subjectName.getField("CN").at(-1) ?? "", organizations: subjectName.getField("O") };
  } catch {
    return undefined;
  }
}
