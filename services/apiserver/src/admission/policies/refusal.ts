import { reasonCodes, StatusError } from "@tskube/apimachinery";
import type { AdmissionAttributes } from "../plugin.ts";
import { refuse } from "../refuse.ts";

/** As every plugin's refusal, but with the reason that the policy gives. */
export function policyRefusal(attributes: AdmissionAttributes, who: string, why: string, reason: string): StatusError {
  const message = `${who} denied request: ${why}`;
  const { status } = refuse(attributes, message);
  const code = Object.hasOwn(reasonCodes, reason) ? reasonCodes[reason as keyof typeof reasonCodes] : 422;
  const details = { ...status.details, causes: [{ message }] };
  return new StatusError({ ...status, reason, code, details });
}
