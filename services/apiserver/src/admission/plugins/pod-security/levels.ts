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

export const privilegedPolicy: Policy = {
  enforce: { level: "privileged", version: "latest" },
  audit: { level: "privileged", version: "latest" },
  warn: { level: "privileged", version: "latest" },
};

/** Reads a namespace's labels; where there are none, `defaults` count. A wrong enforce level counts as restricted, as nobody knows what was meant; a wrong one of the others as privileged. */
export function policyOf(
  labels: Readonly<Record<string, string>> = {},
  defaults: Policy = privilegedPolicy,
): { policy: Policy; errors: LabelError[] } {
  const errors: LabelError[] = [];
  const read = (mode: Mode): LevelVersion => {
    const level = labels[prefix + mode];
    const version = labels[`${prefix}${mode}-version`];
    return {
      level:
        level === undefined
          ? defaults[mode].level
          : readLevel(prefix + mode, level, mode === "enforce" ? "restricted" : "privileged", errors),
      version:
        version === undefined ? defaults[mode].version : readVersion(`${prefix}${mode}-version`, version, errors),
    };
  };
  return { policy: { enforce: read("enforce"), audit: read("audit"), warn: read("warn") }, errors };
}

function readLevel(label: string, value: string, whenWrong: Level, errors: LabelError[]): Level {
  const known = levels.find((level) => level === value);
  if (known) return known;
  errors.push({ label, value, message: `must be one of ${levels.join(", ")}` });
  return whenWrong;
}

function readVersion(label: string, value: string, errors: LabelError[]): string {
  if (value === "latest") return "latest";
  if (versionPattern.test(value)) return value;
  errors.push({ label, value, message: 'must be "latest" or "v1.x"' });
  return "latest";
}

/** Reads a level and a version that configure the whole cluster; empty texts stand for `privileged` and `latest`. */
export function levelVersion(level: string, version: string, errors: LabelError[], mode: Mode): LevelVersion {
  return {
    level: level === "" ? "privileged" : readLevel(mode, level, "restricted", errors),
    version: version === "" ? "latest" : readVersion(`${mode}-version`, version, errors),
  };
}

/** The minor version a policy asks for; `latest` is above all. */
export function minorVersion({ version }: LevelVersion): number {
  return version === "latest" ? Number.POSITIVE_INFINITY : Number(versionPattern.exec(version)?.[1]);
}
