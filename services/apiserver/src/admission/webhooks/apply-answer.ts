import { applyJsonPatch, internalError } from "@tskube/apimachinery";
import type { ShownWrite } from "../matching/shown-write.ts";
import { changeWrite } from "../replace-object.ts";
import type { WebhookAnswer } from "./review.ts";

/** Changes the write as the webhook wants, which speaks of the object as it was shown; resolves with whether it is another now. */
export async function applyAnswer(write: ShownWrite, { patch }: WebhookAnswer): Promise<boolean> {
  if (patch === undefined || (Array.isArray(patch) && patch.length === 0)) return false;
  const { object } = write;
  if (!object)
    throw internalError("admission webhook attempted to modify the object, which is not supported for this operation");
  try {
    return await changeWrite(write, applyJsonPatch(object, patch));
  } catch (error) {
    throw internalError(error);
  }
}
