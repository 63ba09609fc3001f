import { badRequest, type Status, StatusError } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";

/** A webhook could not be asked, or gave no answer that one could understand. */
export class CallFailed extends Error {
  constructor(name: string, cause: unknown) {
    super(`failed calling webhook ${JSON.stringify(name)}: ${errorMessage(cause)}`, { cause });
    this.name = "CallFailed";
  }
}

/** The Status that a webhook gives with its refusal. */
export type WebhookResult = Partial<Pick<Status, "message" | "reason" | "code" | "details">>;

/** The refusal by a webhook, with the code and reason that it wants and never a success. */
export function denied(name: string, result: WebhookResult = {}): StatusError {
  const { message, reason, code = 0, details } = result;
  const explanation = message || reason;
  const subject = `admission webhook ${JSON.stringify(name)} denied the request`;
  return new StatusError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: explanation ? `${subject}: ${explanation}` : `${subject} without explanation`,
    ...(reason && { reason }),
    ...(details && { details }),
    code: Math.max(code, 400),
  });
}

export function dryRunUnsupported(name: string): StatusError {
  return badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
}
