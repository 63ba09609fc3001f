import type { CriError } from "../../error.ts";
import type { RuntimeService } from "../../runtime.ts";

export interface RecordedRuntime {
  readonly recorded: RuntimeService;
  readonly calls: readonly string[];
  failNext(method: keyof RuntimeService, error: CriError): void;
}

/** The same runtime, but it notes each call and fails where a test wants it to. */
export function recordCalls(runtime: RuntimeService): RecordedRuntime {
  const calls: string[] = [];
  const failures = new Map<string, CriError>();
  const recorded = new Proxy(runtime, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== "function" || typeof name !== "string") return method;
      return (...args: unknown[]) => {
        calls.push(name);
        const failure = failures.get(name);
        failures.delete(name);
        return failure ? Promise.reject(failure) : Reflect.apply(method, target, args);
      };
    },
  });
  return { recorded, calls, failNext: (method, error) => failures.set(method, error) };
}
