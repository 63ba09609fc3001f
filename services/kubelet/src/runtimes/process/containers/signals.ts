import { constants } from "node:os";
import { cri } from "@tskube/proto-gen";

const defaultSignal = "SIGTERM";
const names = new Map<number, string>(Object.entries(cri.Signal).map(([name, value]) => [value, name]));

/** The stop signal of a container: what the pod says, else the image (a name with or without SIG, or a number), else SIGTERM. */
export function stopSignalOf(asked: cri.Signal, ofImage: string | undefined): string {
  if (asked !== cri.Signal.RUNTIME_DEFAULT) return names.get(asked) ?? defaultSignal;
  if (!ofImage) return defaultSignal;
  return /^\d+$/.test(ofImage) || ofImage.startsWith("SIG") ? ofImage : `SIG${ofImage}`;
}

/** The number of a signal on this machine; SIGTERM's for names that it does not know. */
export function signalNumber(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  const realTime = /^SIGRT(MIN|MAX)(?:(PLUS|MINUS|\+|-)(\d+))?$/.exec(name);
  if (realTime) return realTimeSignal(realTime[1] === "MIN", Number(realTime[3] ?? 0));
  return constants.signals[name as NodeJS.Signals] ?? constants.signals.SIGTERM;
}

const firstRealTime = 34;
const lastRealTime = 64;
const realTimeSignal = (fromMin: boolean, distance: number) =>
  fromMin ? firstRealTime + distance : lastRealTime - distance;

/** A signal as CRI spells it; what CRI does not know is the runtime's default. */
export function criSignal(name: string): cri.Signal {
  for (const [value, known] of names) if (known === name) return value as cri.Signal;
  return cri.Signal.RUNTIME_DEFAULT;
}
