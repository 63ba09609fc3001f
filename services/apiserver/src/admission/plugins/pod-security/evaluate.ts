import type { Pod } from "@tskube/api";
import { baselineChecks } from "./baseline-checks.ts";
import type { Check, Violation } from "./check.ts";
import { type LevelVersion, minorVersion } from "./levels.ts";
import { restrictedChecks } from "./restricted-checks.ts";

/** In upstream's order, which messages follow. */
const allChecks = [...baselineChecks, ...restrictedChecks].sort((a, b) => (a.id < b.id ? -1 : 1));

/** What a pod does that the level does not allow. */
export function violations(pod: Pick<Pod, "metadata" | "spec">, wanted: LevelVersion): Violation[] {
  const minor = minorVersion(wanted);
  return checksFor(wanted).flatMap((check) => check.run(pod, minor) ?? []);
}

function checksFor(wanted: LevelVersion): readonly Check[] {
  if (wanted.level === "privileged") return [];
  const minor = minorVersion(wanted);
  const inForce = allChecks.filter(
    ({ level, since = 0 }) => since <= minor && (level === "baseline" || wanted.level === "restricted"),
  );
  const overridden = new Set(inForce.map((check) => check.overrides));
  return inForce.filter((check) => !overridden.has(check.id));
}

/** `privileged (container "c" must not …), hostPort (…)`. */
export function describeViolations(found: readonly Violation[]): string {
  return found.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(", ");
}
