import { status as grpcStatus } from "@grpc/grpc-js";

/** gRPC codes that runtimes answer with, by name. */
export type CriCode =
  | "OK"
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** Whatever a runtime refuses or fails at, on either side of the socket. */
export class CriError extends Error {
  readonly code: CriCode;

  constructor(code: CriCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "CriError";
    this.code = code;
  }

  /** Turns anything thrown into a CriError: gRPC errors keep their code, all else is UNKNOWN. */
  static from(error: unknown): CriError {
    if (error instanceof CriError) return error;
    if (isGrpcError(error)) return new CriError(codeName(error.code), error.details || error.message, { cause: error });
    return new CriError("UNKNOWN", error instanceof Error ? error.message : String(error), { cause: error });
  }

  /** What grpc-js sends for it. The wording after `desc =` is what upstream's kubelet prints. */
  toGrpc(): { code: number; details: string } {
    return { code: grpcStatus[this.code], details: this.message };
  }
}

export const notFound = (what: string): CriError => new CriError("NOT_FOUND", `${what}: not found`);
export const invalidArgument = (message: string): CriError => new CriError("INVALID_ARGUMENT", message);
export const failedPrecondition = (message: string): CriError => new CriError("FAILED_PRECONDITION", message);
export const unimplemented = (what: string): CriError => new CriError("UNIMPLEMENTED", `${what} is not implemented`);

/** Whether `error` has `code`. */
export function hasCriCode(error: unknown, code: CriCode): boolean {
  return error instanceof CriError && error.code === code;
}

export const isNotFound = (error: unknown): boolean => hasCriCode(error, "NOT_FOUND");
export const isUnimplemented = (error: unknown): boolean => hasCriCode(error, "UNIMPLEMENTED");

function isGrpcError(error: unknown): error is Error & { code: number; details: string } {
  return error instanceof Error && "code" in error && typeof error.code === "number" && "details" in error;
}

function codeName(code: number): CriCode {
  const name = grpcStatus[code];
  return name === undefined ? "UNKNOWN" : (name as CriCode);
}
