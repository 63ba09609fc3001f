import { Gauge, type MetricsRegistry } from "@tskube/base";
import type { Kubelet } from "../kubelet.ts";
import type { ContainerRunState } from "../runtime/model.ts";

const states: readonly ContainerRunState[] = ["created", "running", "exited", "unknown"];

/** The kubelet's own figures under `/metrics`, taken when they are asked for. */
export function registerKubeletMetrics(registry: MetricsRegistry, { pods, view }: Kubelet, nodeName: string): void {
  const registers = [registry];
  new Gauge({
    name: "kubelet_node_name",
    help: "[ALPHA] The node's name. The count is always 1.",
    labelNames: ["node"],
    registers,
    collect() {
      this.set({ node: nodeName }, 1);
    },
  });
  new Gauge({
    name: "kubelet_desired_pods",
    help: "[ALPHA] The number of pods the kubelet is being instructed to run.",
    registers,
    collect() {
      this.set(pods.pods().length);
    },
  });
  new Gauge({
    name: "kubelet_running_pods",
    help: "[ALPHA] Number of pods that have a running pod sandbox",
    registers,
    collect() {
      this.set([...view.pods()].filter(({ sandboxes }) => sandboxes.some(({ isReady }) => isReady)).length);
    },
  });
  new Gauge({
    name: "kubelet_running_containers",
    help: "[ALPHA] Number of containers currently running",
    labelNames: ["container_state"],
    registers,
    collect() {
      const containers = [...view.pods()].flatMap((pod) => pod.containers);
      for (const state of states)
        this.set({ container_state: state }, containers.filter((each) => each.state === state).length);
    },
  });
}
