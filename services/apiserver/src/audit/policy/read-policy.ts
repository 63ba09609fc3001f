import { field } from "@tskube/apimachinery";
import type { Policy } from "./policy.ts";
import { validatePolicy } from "./validate-policy.ts";
import { readWrittenPolicy } from "./written-policy.ts";

/** The policy that a file's text holds. Throws all that is wrong with it: a server must not run with another policy than the one written. */
export function readPolicy(source: string, warn: (problem: string) => void = () => {}): Policy {
  const written = readWrittenPolicy(source, warn);
  const errors = validatePolicy(written);
  if (errors.length > 0) throw new Error(field.aggregateMessage(errors));
  if (written.rules.length === 0) throw new Error("loaded illegal policy with 0 rules");
  return written as Policy; // validated: levels and stages are known ones
}
