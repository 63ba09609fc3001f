/** Who a request speaks for (authentication.k8s.io UserInfo). */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const anonymousUser: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** The apiserver's own identity for what it writes itself. */
export const apiserverUser: User = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };
