const capSysResource = 24n;

/**
 * Whether a process with this `/proc/PID/status` may lower oom_score_adj (CAP_SYS_RESOURCE is within its bounds). Where it may not,
 * containers must not ask for it, or the runtime cannot start them.
 */
export function mayLowerOomScore(status: string): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${bounding}`) >> capSysResource) & 1n) === 1n;
}
