import { isJsonObject } from "@tskube/apimachinery";
import { admissionRequest, type ShownWrite } from "../matching/shown-write.ts";
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

/** The text of an AdmissionRequest without its uid. */
export function requestText(write: ShownWrite): string {
  return JSON.stringify({
    ...admissionRequest(write),
    object: write.object ?? null,
    oldObject: write.oldObject ?? null,
  });
}

/** The version of AdmissionReview to speak with a webhook; undefined when there is none that both know. */
export function reviewVersion(accepted: readonly string[]): string | undefined {
  const found = accepted.find((version) => spoken.includes(version));
  return found && `admission.k8s.io/${found}`;
}

/** A whole AdmissionReview; the request's text can serve several webhooks, which differ in the uid. */
export function reviewText(apiVersion: string, uid: string, request: string): string {
  return `{"kind":"AdmissionReview","apiVersion":"${apiVersion}","request":{"uid":"${uid}",${request.slice(1)}}`;
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
    auditAnnotations: texts(response.auditAnnotations),
  };
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (typeof one === "string" ? [[key, one]] : [])),
  );
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
