import { isJsonObject } from "@tskube/apimachinery";
import type { AdmissionAttributes } from "../plugin.ts";
import type { ServedVersion } from "../served-version.ts";
import type { WebhookResult } from "./errors.ts";

/** The versions of AdmissionReview that are spoken here; the first a webhook names decides. */
const spoken = ["v1", "v1beta1"];

export interface WebhookAnswer {
  readonly allowed: boolean;
  readonly result: WebhookResult;
  readonly patch: unknown;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** `admission.k8s.io` AdmissionRequest without its uid, of a write that is shown in `version`. */
export function admissionRequest(attributes: AdmissionAttributes, version: ServedVersion) {
  const { group, resource, subresource, kind, object, oldObject, user, options } = attributes;
  const isOwnKind = version.resource === resource && kind !== version.kind;
  const shownKind = { group: version.group, version: version.version, kind: isOwnKind ? kind : version.kind };
  const shownResource = { group: version.group, version: version.version, resource: version.resource };
  return {
    kind: shownKind,
    resource: shownResource,
    ...(subresource && { subResource: subresource }),
    requestKind: { group, version: attributes.version, kind },
    requestResource: { group, version: attributes.version, resource },
    ...(subresource && { requestSubResource: subresource }),
    ...(attributes.name && { name: attributes.name }),
    ...(attributes.namespace && { namespace: attributes.namespace }),
    operation: attributes.operation,
    userInfo: {
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: user.groups,
      ...(user.extra && { extra: user.extra }),
    },
    object: object ? version.toServed(object) : null,
    oldObject: oldObject ? version.toServed(oldObject) : null,
    dryRun: attributes.dryRun,
    options: Object.keys(options).length > 0 ? options : null,
  };
}

/** The version of AdmissionReview to speak with a webhook; undefined when there is none that both know. */
export function reviewVersion(accepted: readonly string[]): string | undefined {
  const found = accepted.find((version) => spoken.includes(version));
  return found && `admission.k8s.io/${found}`;
}

/** A whole AdmissionReview; the request's text can serve several webhooks, which differ in the uid. */
export function reviewText(apiVersion: string, uid: string, requestText: string): string {
  return `{"kind":"AdmissionReview","apiVersion":"${apiVersion}","request":{"uid":"${uid}",${requestText.slice(1)}}`;
}

/** Reads a webhook's answer; throws for one that does not answer this request. */
export function readAnswer(body: string, apiVersion: string, uid: string): WebhookAnswer {
  const review: unknown = JSON.parse(body);
  if (!isJsonObject(review)) throw new Error("webhook response is no object");
  if (review.kind !== "AdmissionReview" || review.apiVersion !== apiVersion) {
    throw new Error(
      `expected webhook response of ${apiVersion}, Kind=AdmissionReview, got ${review.apiVersion ?? ""}, Kind=${review.kind ?? ""}`,
    );
  }
  const { response } = review;
  if (!isJsonObject(response)) throw new Error("webhook response was absent");
  if (response.uid !== uid && !apiVersion.endsWith("beta1")) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? "")}`);
  }
  return {
    allowed: response.allowed === true,
    result: isJsonObject(response.status) ? (response.status as WebhookResult) : {},
    patch: readPatch(response),
    warnings: Array.isArray(response.warnings) ? response.warnings.filter((one) => typeof one === "string") : [],
    auditAnnotations: isJsonObject(response.auditAnnotations)
      ? (response.auditAnnotations as Record<string, string>)
      : {},
  };
}

function readPatch({ patch, patchType }: Readonly<Record<string, unknown>>): unknown {
  if (patch === undefined || patch === null || patch === "") {
    if (patchType) throw new Error("webhook returned response.patchType but not response.patch");
    return undefined;
  }
  if (!patchType) throw new Error("webhook returned response.patch but not response.patchType");
  if (patchType !== "JSONPatch")
    throw new Error(`webhook returned invalid response.patchType of ${JSON.stringify(patchType)}`);
  return JSON.parse(Buffer.from(String(patch), "base64").toString());
}
