export {
  defaultRetryLimiter,
  exponentialPerKey,
  longestOf,
  overallBucket,
  type RetryLimiter,
} from "./limiters.ts";
export { Workqueue, type WorkqueueOptions } from "./workqueue.ts";
