import type { CertificateSigningRequest } from "@tskube/api";

type Condition = NonNullable<NonNullable<CertificateSigningRequest["status"]>["conditions"]>[number];

/** What was decided about a request, or what became of it: the condition of that type if it is true. */
export function trueCondition(
  { status }: CertificateSigningRequest,
  type: "Approved" | "Denied" | "Failed",
): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type && condition.status === "True");
}

/** A copy of the request with one more condition. */
export function withCondition(request: CertificateSigningRequest, condition: Condition): CertificateSigningRequest {
  const conditions = [...(request.status?.conditions ?? []), condition];
  return { ...request, status: { ...request.status, conditions } };
}
