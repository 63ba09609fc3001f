import type { NodeCondition } from "@tskube/api";
import { formatTime } from "@tskube/apimachinery";
import { diskEvictionShare, inodeEvictionShare, memoryEvictionBytes } from "./capacity.ts";
import type { Machine, MachineLoad } from "./machine.ts";

export interface ConditionInputs {
  readonly machine: Machine;
  readonly load: MachineLoad;
  /** Why the node cannot run pods; empty when it can. */
  readonly problems: readonly string[];
  readonly known: readonly NodeCondition[];
  readonly nowMs: number;
}

type Draft = Pick<NodeCondition, "type" | "status" | "reason" | "message">;

/** The four conditions of a node, in the order in which `kubectl describe` shows them. */
export function nodeConditions({ machine, load, problems, known, nowMs }: ConditionInputs): NodeCondition[] {
  const now = formatTime(nowMs);
  const drafts = [memoryPressure(load), diskPressure(load), pidPressure(machine, load), ready(problems)];
  return drafts.map((draft) => {
    const before = known.find(({ type }) => type === draft.type);
    const lastTransitionTime =
      before?.status === draft.status && before.lastTransitionTime ? before.lastTransitionTime : now;
    return { ...draft, lastHeartbeatTime: now, lastTransitionTime };
  });
}

function memoryPressure({ availableMemoryBytes }: MachineLoad): Draft {
  return availableMemoryBytes < memoryEvictionBytes
    ? pressure("MemoryPressure", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
    : noPressure("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available");
}

function diskPressure(load: MachineLoad): Draft {
  const lacksSpace = load.diskAvailableBytes < load.diskCapacityBytes * diskEvictionShare;
  const lacksInodes = load.inodes > 0 && load.inodesFree < load.inodes * inodeEvictionShare;
  return lacksSpace || lacksInodes
    ? pressure("DiskPressure", "KubeletHasDiskPressure", "kubelet has disk pressure")
    : noPressure("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure");
}

function pidPressure(machine: Machine, { pids }: MachineLoad): Draft {
  return pids > machine.maxPids * 0.9
    ? pressure("PIDPressure", "KubeletHasInsufficientPID", "kubelet has insufficient PID available")
    : noPressure("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available");
}

function ready(problems: readonly string[]): Draft {
  return problems.length === 0
    ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
    : {
        type: "Ready",
        status: "False",
        reason: "KubeletNotReady",
        message: problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`,
      };
}

function pressure(type: string, reason: string, message: string): Draft {
  return { type, status: "True", reason, message };
}

function noPressure(type: string, reason: string, message: string): Draft {
  return { type, status: "False", reason, message };
}

/** The event that tells of a condition's new value. */
export function conditionEvent(node: string, condition: Draft): { readonly reason: string; readonly message: string } {
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    MemoryPressure: ["NodeHasInsufficientMemory", "NodeHasSufficientMemory"],
    DiskPressure: ["NodeHasDiskPressure", "NodeHasNoDiskPressure"],
    PIDPressure: ["NodeHasInsufficientPID", "NodeHasSufficientPID"],
    Ready: ["NodeReady", "NodeNotReady"],
  };
  const [whenTrue, whenFalse] = reasons[condition.type] ?? [condition.type, condition.type];
  const reason = condition.status === "True" ? whenTrue : whenFalse;
  return { reason, message: `Node ${node} status is now: ${reason}` };
}
