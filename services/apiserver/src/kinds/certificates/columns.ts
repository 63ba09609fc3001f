import type { CertificateSigningRequest } from "@tskube/api";
import type { TableColumns } from "../../http/table-columns.ts";
import { ageColumn, ageOf, column, nameColumn, orNone, shortDuration } from "../cells.ts";
import { conditionsOf } from "./validate-request.ts";

export const certificateRequestColumns: TableColumns<CertificateSigningRequest> = {
  definitions: [
    nameColumn,
    ageColumn,
    column("SignerName", "Who is asked to sign."),
    column("Requestor", "Who asked."),
    column("RequestedDuration", "How long the certificate should be valid."),
    column("Condition", "What has become of the request."),
  ],
  cells: (request) => {
    const { spec, metadata } = request;
    const seconds = spec.expirationSeconds;
    return [
      metadata.name,
      ageOf(request),
      orNone(spec.signerName),
      spec.username ?? "",
      typeof seconds === "number" ? shortDuration(seconds * 1000) : "<none>",
      stateOf(request),
    ];
  },
};

/** `Approved,Issued` and its like. */
function stateOf(request: CertificateSigningRequest): string {
  const types = conditionsOf(request).map(({ type }) => type);
  const decision = types.includes("Denied") ? "Denied" : types.includes("Approved") ? "Approved" : "Pending";
  const failed = types.includes("Failed") ? ",Failed" : "";
  return `${decision}${failed}${request.status?.certificate ? ",Issued" : ""}`;
}
