import { type KubeObject, parseBody, schemaOf } from "@tskube/api";
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  badRequest,
  type TypeName,
  unsupportedMediaType,
} from "@tskube/apimachinery";
import { errorMessage } from "@tskube/base";
import { goText } from "./go-text.ts";
import type { DecodeRequest, Describe } from "./kind-codec.ts";

export const applyPatchType = "application/apply-patch+yaml";
const strategicType = "application/strategic-merge-patch+json";

type Merge = (original: unknown, patch: unknown, type: TypeName) => unknown;

const merges: Readonly<Record<string, Merge>> = {
  "application/json-patch+json": applyJsonPatch,
  "application/merge-patch+json": applyMergePatch,
  [strategicType]: (original, patch, type) => applyStrategicMergePatch(schemaOf, type, original, patch),
};

/** A patch that has been read and waits for an object. */
export interface Patch {
  /** As it was sent. */
  readonly value: unknown;
  readonly duplicates: readonly string[];
  /** How complaints about what it made show it. */
  readonly describe: Describe;
  /** What the patch makes of the object, not yet read as its type. */
  apply(original: KubeObject): unknown;
}

/** Reads a patch of one of the three kinds that describe a change (apply describes a wish and goes another way). */
export function readPatch(mediaType: string, body: Buffer, type: TypeName, request: DecodeRequest): Patch {
  const merge = Object.hasOwn(merges, mediaType) ? merges[mediaType] : undefined;
  if (!merge) throw unsupportedMediaType([...Object.keys(merges), applyPatchType]);
  const parsed = parsePatch(body, request);
  const isStrategic = mediaType === strategicType;
  return {
    value: parsed.value,
    duplicates: parsed.duplicates,
    describe: (patched) => (isStrategic ? goText(parsed.value) : JSON.stringify(patched)),
    apply: (original) => merge(original, parsed.value, type),
  };
}

function parsePatch(body: Buffer, request: DecodeRequest) {
  try {
    return parseBody(body, { format: "json", fieldValidation: request.fieldValidation });
  } catch (error) {
    throw badRequest(`error decoding patch: ${errorMessage(error)}`);
  }
}
