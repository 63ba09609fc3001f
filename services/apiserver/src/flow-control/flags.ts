import { boolean, integer } from "@tskube/component";

/** What bounds how much the server does at once. */
export const flowControlFlags = {
  enablePriorityAndFairness: boolean("Requests have their turn by flow schemas and priority levels", { default: true }),
  maxRequestsInflight: integer(
    "Reading requests under way at once; with the writing ones, the seats of all priority levels",
    { default: 400, min: 1 },
  ),
  maxMutatingRequestsInflight: integer("Writing requests under way at once", { default: 200, min: 1 }),
};
