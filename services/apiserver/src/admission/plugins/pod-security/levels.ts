export const levels = ["privileged", "baseline", "restricted"] as const;
export type Level = (typeof levels)[number];

export interface LevelVersion {
  readonly level: Level;
  /** `latest` or `v1.N`. */
  readonly version: string;
}

export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

export const modes = ["enforce", "audit", "warn"] as const;
export type Mode = (typeof modes)[number];

const prefix = "pod-security.kubernetes.io/";
const versionPattern = /^v1\.(0|[1-9]\d*)$/;

export interface LabelError {
  readonly label: string;
  readonly value: string;
  readonly message: string;
}

/** Reads a namespace's labels. A wrong enforce level counts as restricted, as nobody knows what was meant; a wrong one of the others as privileged. */
export function policyOf(labels: Readonly<Record<string, string>> = {}): { policy: Policy; errors: LabelError[] } {
  const errors: LabelError[] = [];
  const read = (mode: Mode): LevelVersion => {
    const level = labels[prefix + mode];
    const version = labels[`${prefix}${mode}-version`];
    return {
      level: readLevel(prefix + mode, level, mode === "enforce" ? "restricted" : "privileged", errors),
      version: readVersion(`${prefix}${mode}-version`, version, errors),
    };
  };
  return { policy: { enforce: read("enforce"), audit: read("audit"), warn: read("warn") }, errors };
}

function readLevel(label: string, value: string | undefined, whenWrong: Level, errors: LabelError[]): Level {
  if (value === undefined) return "privileged";
  const known = levels.find((level) => level === value);
  if (known) return known;
  errors.push({ label, value, message: `must be one of ${levels.join(", ")}` });
  return whenWrong;
}

function readVersion(label: string, value: string | undefined, errors: LabelError[]): string {
  if (value === undefined || value === "latest") return "latest";
  if (versionPattern.test(value)) return value;
  errors.push({ label, value, message: 'must be "latest" or "v1.x"' });
  return "latest";
}

/** The minor version a policy asks for; `latest` is above all. */
export function minorVersion({ version }: LevelVersion): number {
  return version === "latest" ? Number.POSITIVE_INFINITY : Number(versionPattern.exec(version)?.[1]);
}
