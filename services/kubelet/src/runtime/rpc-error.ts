import { errorMessage } from "@tskube/base";
import { CriError } from "@tskube/cri";

/** What the runtime said, without the way it came. */
export function runtimeMessage(error: unknown): string {
  return error instanceof CriError ? error.message : errorMessage(error);
}

/** A failed call of the runtime as Go prints it: `rpc error: code = NotFound desc = …`. */
export function rpcErrorText(error: unknown): string {
  if (!(error instanceof CriError)) return errorMessage(error);
  const code = error.code.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `rpc error: code = ${code} desc = ${error.message}`;
}
