import { goQuote } from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { isMap, type JsonMap } from "../schema/structure.ts";

export interface ConversionReview {
  readonly apiVersion: string;
  readonly kind: "ConversionReview";
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly JsonMap[] };
}

/** The question that a webhook is asked. */
export function reviewOf(objects: readonly JsonMap[], desiredAPIVersion: string, version: string): ConversionReview {
  const request = { uid: crypto.randomUUID(), desiredAPIVersion, objects };
  return { apiVersion: `apiextensions.k8s.io/${version}`, kind: "ConversionReview", request };
}

/** What an answer says the objects are. Throws, in upstream's words, for one that is none to that question or no success. */
export function readReview(text: string, { apiVersion, kind, request }: ConversionReview): readonly unknown[] {
  const answer = parse(text);
  const isStrict = apiVersion.endsWith("/v1");
  if (isStrict && (answer["apiVersion"] !== apiVersion || answer["kind"] !== kind)) {
    const found = `${answer["apiVersion"] ?? "/"}, Kind=${answer["kind"] ?? ""}`;
    throw new Error(`expected webhook response of ${apiVersion}, Kind=${kind}, got ${found}`);
  }
  const { response } = answer;
  if (!isMap(response)) throw new Error("no response provided");
  if (isStrict && response["uid"] !== request.uid) {
    throw new Error(`expected response.uid=${goQuote(request.uid)}, got ${goQuote(String(response["uid"] ?? ""))}`);
  }
  const result = isMap(response["result"]) ? response["result"] : {};
  if (result["status"] !== "Success") {
    throw new Error(
      String(result["message"] || `response.result.status was '${result["status"] ?? ""}', not 'Success'`),
    );
  }
  const { convertedObjects } = response;
  return Array.isArray(convertedObjects) ? convertedObjects : [];
}

function parse(text: string): JsonMap {
  try {
    const value: unknown = JSON.parse(text);
    return isMap(value) ? value : {};
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${errorMessage(error)}`);
  }
}
