/** The programs that the suite runs, as command lines for a POSIX shell; a fake runtime declares a behaviour for each. */
export const suitePrograms = {
  /** Runs until it is told to stop, and then ends with 0 at once; says `listening` when it has come so far. */
  obedient: ["sh", "-c", 'trap "exit 0" TERM; echo listening; while :; do sleep 0.05; done'],
  /** Does not listen to the stop signal. */
  stubborn: ["sh", "-c", 'trap "" TERM; while :; do sleep 0.05; done'],
  succeeds: ["sh", "-c", "exit 0"],
  fails: ["sh", "-c", "exit 3"],
  /** Writes one line to each stream and ends. */
  speaks: ["sh", "-c", "echo to stdout; echo to stderr >&2"],
  missing: ["no-such-program"],
} as const satisfies Record<string, readonly string[]>;

export type SuitePrograms = keyof typeof suitePrograms;
