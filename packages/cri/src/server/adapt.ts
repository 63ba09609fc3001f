import type { handleUnaryCall } from "@grpc/grpc-js";
import { CriError } from "../error.ts";
import type { CallOptions } from "../runtime.ts";

/** A gRPC handler from a promise; the signal it gets aborts when the caller goes away or its deadline passes. */
export function unary<Request, Response>(
  handle: (request: Request, options: Required<Pick<CallOptions, "signal">>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort());
    handle(call.request, { signal: gone.signal }).then(
      (response) => callback(null, response),
      (error: unknown) => callback(CriError.from(error).toGrpc()),
    );
  };
}

/** A message field that CRI demands. */
export function demand<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new CriError("INVALID_ARGUMENT", `${name} must be given`);
  return value;
}
