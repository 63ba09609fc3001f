/** Server CPU per operation in milliseconds that a scenario should stay under, on two cores shared with etcd and the clients. */
const aims: Readonly<Record<string, number>> = {
  "create pod": 1.2,
  "get pod": 0.12,
  "list 2,000": 7,
  "list 2,000, rv=0": 7,
  "list 2,000, label": 2,
  "list 10,000": 35,
  "list 10,000, rv=0": 35,
  "list 10,000, label": 8,
  "patch status": 1.2,
  "watch, 50 watchers: delivery": 0.025,
  "watch, 200 watchers: delivery": 0.012,
  "delete pod": 1.2,
};

export function aimOf(scenario: string): number | undefined {
  return Object.hasOwn(aims, scenario) ? aims[scenario] : undefined;
}
