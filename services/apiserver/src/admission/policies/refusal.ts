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

/** What several policies have against a write, in the words of the first. As upstream, it is forbidden by its code whatever its reason. */
export function policiesRefusal(
  attributes: AdmissionAttributes,
  messages: readonly string[],
  reason: string,
): StatusError {
  const { status } = refuse(attributes, "");
  const details = { ...status.details, causes: messages.map((message) => ({ message })) };
  return new StatusError({ ...status, message: messages[0] ?? "", reason, details });
}
