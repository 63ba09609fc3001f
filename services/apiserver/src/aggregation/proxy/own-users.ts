import type { User } from "../../auth/user.ts";

/** Whom this server asks extension servers as when nobody has asked it: one that may see all that they serve. */
export const aggregatorUser: User = { name: "system:kube-aggregator", groups: ["system:masters"] };

/** Whom it asks as for OpenAPI documents, which everybody may see. */
export const openapiUser: User = { name: "system:aggregator", groups: [] };
