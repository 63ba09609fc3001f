import type { Machine } from "../node/machine.ts";
import type { RuntimePod } from "../runtime/model.ts";
import type { NodeUsage, PodUsage } from "./usage.ts";

type Labels = Readonly<Record<string, string>>;

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly samples: readonly { readonly labels: Labels; readonly value: number; readonly timeMs?: number }[];
}

const perSecond = 1e9;

/** `/metrics/resource`: what metrics-server reads. */
export function resourceMetrics(
  node: NodeUsage,
  pods: readonly PodUsage[],
  runtimePod: (uid: string) => RuntimePod | undefined,
): string {
  const containers = pods.flatMap((pod) =>
    pod.containers.map((usage) => ({
      usage,
      labels: { container: usage.name, namespace: pod.namespace, pod: pod.name },
      uid: pod.uid,
    })),
  );
  const podSamples = (value: (pod: PodUsage) => number) =>
    pods.map((pod) => ({
      labels: { namespace: pod.namespace, pod: pod.name },
      value: value(pod),
      timeMs: Math.max(0, ...pod.containers.map(({ timeMs }) => timeMs)),
    }));
  const startedAt = (uid: string, id: string) =>
    (runtimePod(uid)?.containers.find((each) => each.id === id)?.startedAtMs ?? 0) / 1000;
  return render([
    {
      name: "container_cpu_usage_seconds_total",
      type: "counter",
      help: "[STABLE] Cumulative cpu time consumed by the container in core-seconds",
      samples: containers.map(({ usage, labels }) => ({
        labels,
        value: usage.cpuNanoseconds / perSecond,
        timeMs: usage.timeMs,
      })),
    },
    {
      name: "container_memory_working_set_bytes",
      type: "gauge",
      help: "[STABLE] Current working set of the container in bytes",
      samples: containers.map(({ usage, labels }) => ({
        labels,
        value: usage.memory.workingSet,
        timeMs: usage.timeMs,
      })),
    },
    {
      name: "container_start_time_seconds",
      type: "gauge",
      help: "[STABLE] Start time of the container since unix epoch in seconds",
      samples: containers.map(({ usage, labels, uid }) => ({ labels, value: startedAt(uid, usage.id) })),
    },
    {
      name: "node_cpu_usage_seconds_total",
      type: "counter",
      help: "[STABLE] Cumulative cpu time consumed by the node in core-seconds",
      samples: [{ labels: {}, value: node.cpuNanoseconds / perSecond, timeMs: node.timeMs }],
    },
    {
      name: "node_memory_working_set_bytes",
      type: "gauge",
      help: "[STABLE] Current working set of the node in bytes",
      samples: [{ labels: {}, value: node.memoryBytes - node.availableMemoryBytes, timeMs: node.timeMs }],
    },
    {
      name: "pod_cpu_usage_seconds_total",
      type: "counter",
      help: "[STABLE] Cumulative cpu time consumed by the pod in core-seconds",
      samples: podSamples((pod) => pod.containers.reduce((sum, usage) => sum + usage.cpuNanoseconds, 0) / perSecond),
    },
    {
      name: "pod_memory_working_set_bytes",
      type: "gauge",
      help: "[STABLE] Current working set of the pod in bytes",
      samples: podSamples((pod) => pod.containers.reduce((sum, usage) => sum + usage.memory.workingSet, 0)),
    },
    {
      name: "resource_scrape_error",
      type: "gauge",
      help: "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise",
      samples: [{ labels: {}, value: 0 }],
    },
  ]);
}

/** `/metrics/cadvisor`: the figures that dashboards of containers are built on. */
export function cadvisorMetrics(
  machine: Machine,
  pods: readonly PodUsage[],
  runtimePod: (uid: string) => RuntimePod | undefined,
): string {
  const containers = pods.flatMap((pod) =>
    pod.containers.map((usage) => {
      const image = runtimePod(pod.uid)?.containers.find(({ id }) => id === usage.id)?.image ?? "";
      return {
        usage,
        labels: {
          container: usage.name,
          id: `/kubepods/pod${pod.uid}/${usage.id}`,
          image,
          name: usage.id,
          namespace: pod.namespace,
          pod: pod.name,
        },
      };
    }),
  );
  const family = (
    name: string,
    type: Family["type"],
    help: string,
    value: (usage: (typeof containers)[number]["usage"]) => number,
  ): Family => ({
    name,
    type,
    help,
    samples: containers.map(({ usage, labels }) => ({ labels, value: value(usage), timeMs: usage.timeMs })),
  });
  return render([
    family(
      "container_cpu_usage_seconds_total",
      "counter",
      "Cumulative cpu time consumed in seconds.",
      (usage) => usage.cpuNanoseconds / perSecond,
    ),
    family("container_memory_usage_bytes", "gauge", "Current memory usage in bytes.", (usage) => usage.memory.usage),
    family(
      "container_memory_working_set_bytes",
      "gauge",
      "Current working set in bytes.",
      (usage) => usage.memory.workingSet,
    ),
    family("container_memory_rss", "gauge", "Size of RSS in bytes.", (usage) => usage.memory.rss),
    family(
      "container_fs_usage_bytes",
      "gauge",
      "Number of bytes that are consumed by the container on this filesystem.",
      (usage) => usage.writableLayerBytes,
    ),
    {
      name: "machine_cpu_cores",
      type: "gauge",
      help: "Number of logical CPU cores.",
      samples: [{ labels: {}, value: machine.cpus }],
    },
    {
      name: "machine_memory_bytes",
      type: "gauge",
      help: "Amount of memory installed on the machine.",
      samples: [{ labels: {}, value: machine.memoryBytes }],
    },
  ]);
}

/** The Prometheus text format; families without samples are left out. */
function render(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(
        ({ labels, value, timeMs }) => `${name}${renderLabels(labels)} ${value}${timeMs ? ` ${timeMs}` : ""}`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("\n")}\n`;
    })
    .join("");
}

function renderLabels(labels: Labels): string {
  const entries = Object.entries(labels);
  return entries.length === 0 ? "" : `{${entries.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}}`;
}
