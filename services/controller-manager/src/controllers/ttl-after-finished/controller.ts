import type { Job } from "@tskube/api";
import { isConflict, isNotFound, parseTime } from "@tskube/apimachinery";
import { after, type Controller, type ControllerFactory, type Deps, done, self } from "@tskube/controller";

/** Deletes Jobs that ended longer ago than their `ttlSecondsAfterFinished`, with their pods. */
export function ttlAfterFinishedController(workers: number): ControllerFactory {
  return (deps) => createController(workers, deps);
}

function createController(workers: number, { client, clock, listers }: Deps): Controller {
  const { jobs } = listers;
  return {
    name: "ttl-after-finished",
    workers,
    wakeOn: { Job: (job) => (expiryOf(job) === undefined ? undefined : self(job)) },
    async reconcile(key) {
      const cached = jobs.get(key);
      const expiry = cached && expiryOf(cached);
      if (!cached || expiry === undefined) return done;
      if (expiry > clock.now()) return after(expiry - clock.now());
      await deleteExpired(cached);
      return done;
    },
  };

  /** The time may have been prolonged where the cache does not show it yet: only the job as the server has it is deleted. */
  async function deleteExpired({ metadata: { name, namespace } }: Job): Promise<void> {
    const where = client.jobs(namespace);
    try {
      const { metadata, ...rest } = await where.get(name);
      const expiry = expiryOf({ metadata, ...rest });
      if (expiry === undefined || expiry > clock.now()) return;
      const { uid = "", resourceVersion = "" } = metadata;
      await where.delete(name, { propagationPolicy: "Foreground", preconditions: { uid, resourceVersion } });
    } catch (error) {
      // Gone is what was wanted; a changed job wakes this again.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

/** When a job may go: nothing while it runs, without a time to live, or once it is being deleted. */
function expiryOf({ metadata, spec, status }: Job): number | undefined {
  if (metadata.deletionTimestamp || spec.ttlSecondsAfterFinished === undefined) return undefined;
  const end = status?.conditions?.find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  const endedAt = parseTime(end?.lastTransitionTime ?? "");
  return endedAt === undefined ? undefined : endedAt + spec.ttlSecondsAfterFinished * 1_000;
}
