/** The variables that `docker-compose.yml` gives to its containers; `changes` shows what matters to a test. */
export function aComposeEnvironment(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    TSKUBE_NODE_SUBNET: "172.30.40.0/24",
    TSKUBE_CONTROL_PLANE_ADDRESS: "172.30.40.10",
    TSKUBE_WORKERS: "worker-1=172.30.40.21,worker-2=172.30.40.22",
    ...changes,
  };
}
