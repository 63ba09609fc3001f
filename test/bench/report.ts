import { aimOf } from "./aims.ts";
import type { Measured } from "./measure.ts";

const columns = [
  ["target", 9],
  ["scenario", 44],
  ["count", 7],
  ["ops/s", 9],
  ["p50 ms", 9],
  ["p99 ms", 9],
  ["CPU ms/op", 10],
  ["aim", 7],
  ["x floor", 8],
  ["RSS MB", 7],
] as const;

export function heading(): string {
  return row(columns.map(([name]) => name));
}

/** `floorCpuMs` is what Node alone needs for a GET of 3 KB in this run, so that rows of different machines compare. */
export function line(target: string, name: string, measured: Measured, floorCpuMs: number | undefined): string {
  const aim = aimOf(name);
  return row([
    target,
    name,
    String(measured.operations),
    measured.perSecond.toFixed(measured.perSecond < 100 ? 1 : 0),
    measured.p50Ms.toFixed(1),
    measured.p99Ms.toFixed(1),
    measured.cpuMs.toFixed(3),
    aim === undefined ? "" : String(aim),
    floorCpuMs === undefined ? "" : (measured.cpuMs / floorCpuMs).toFixed(1),
    measured.residentMb.toFixed(0),
  ]);
}

function row(cells: readonly string[]): string {
  const padded = cells.map((cell, i) => {
    const width = columns[i]?.[1] ?? 0;
    return i < 2 ? cell.padEnd(width) : cell.padStart(width);
  });
  return `| ${padded.join(" | ")} |`;
}
