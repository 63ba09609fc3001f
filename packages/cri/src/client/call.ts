import { type ClientUnaryCall, type CallOptions as GrpcCallOptions, Metadata, type ServiceError } from "@grpc/grpc-js";
import { CriError } from "../error.ts";
import type { CallOptions } from "../runtime.ts";

/** One method of a generated client, as grpc-js has it. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<GrpcCallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/**
 * Makes one call and settles with its answer or a CriError. `defaultTimeoutMs` applies when the caller names no limit of its own; 0 means none.
 */
export function callUnary<Request, Response>(
  method: UnaryMethod<Request, Response>,
  request: Request,
  defaultTimeoutMs: number,
  options: CallOptions = {},
): Promise<Response> {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new CriError("CANCELLED", "call was given up before it was sent"));
    const callOptions = timeoutMs > 0 ? { deadline: Date.now() + timeoutMs } : {};
    const call = method(request, new Metadata(), callOptions, (error, response) => {
      signal?.removeEventListener("abort", cancel);
      if (error) reject(CriError.from(error));
      else resolve(response);
    });
    const cancel = () => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
  });
}
