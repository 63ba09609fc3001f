import { isJsonObject } from "../json.ts";
import type { ObjectLike } from "../meta/object-meta.ts";
import { byteLength } from "../text/byte-length.ts";
import { maxAnnotationsBytes } from "../validation/labels.ts";
import { deepClone } from "../values/deep.ts";
import { compare } from "./compare.ts";
import { extract } from "./extract.ts";
import { difference, emptySet, type FieldSet } from "./field-set.ts";
import type { Shape } from "./shape.ts";

/** Where client-side `kubectl apply` keeps what it applied last. */
export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

/** The field manager of `kubectl apply --server-side`, which alone takes over from client-side apply. */
export const kubectlManager = "kubectl";

/**
 * The fields that client-side apply owned in effect: those it applied last, as far as they still are what it applied. Taking
 * them over is no conflict. Nothing if the annotation is missing, unreadable or of another version.
 */
export function fieldsOfLastApplied(shape: Shape, live: ObjectLike, apiVersion: string): FieldSet {
  const applied = parseObject(live.metadata?.annotations?.[lastAppliedAnnotation]);
  if (!applied || applied["apiVersion"] !== apiVersion) return emptySet;
  const { added, modified, removed } = compare(shape, applied, live);
  return difference(difference(difference(extract(shape, applied), modified), added), removed);
}

function parseObject(text: string | undefined) {
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps the annotation in step where an object has it, so that going back to client-side apply works. A configuration too
 * large for an annotation takes it away.
 */
export function withLastApplied(object: ObjectLike, applied: ObjectLike): ObjectLike {
  const annotations = { ...object.metadata?.annotations };
  delete annotations[lastAppliedAnnotation];
  const text = lastAppliedText(applied);
  const bytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0);
  const fits = bytes + byteLength(text) + byteLength(lastAppliedAnnotation) <= maxAnnotationsBytes;
  if (fits) annotations[lastAppliedAnnotation] = text;
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function lastAppliedText(applied: ObjectLike): string {
  const { managedFields: _, annotations, ...metadata } = applied.metadata ?? {};
  const kept = { ...annotations };
  delete kept[lastAppliedAnnotation];
  const hasAnnotations = Object.keys(kept).length > 0;
  const object = { ...applied, metadata: { ...metadata, ...(hasAnnotations && { annotations: kept }) } };
  return `${JSON.stringify(deepClone(object))}\n`;
}
