import { parseArgs } from "node:util";

export const targetNames = ["floor", "embedded", "etcd"] as const;
export type TargetName = (typeof targetNames)[number];

export interface Options {
  readonly targets: readonly TargetName[];
  readonly http: 1 | 2;
  readonly concurrency: number;
  /** Only scenarios whose names match are reported; what fills the server runs always. */
  readonly only: RegExp;
  /** Also fills the server with 10,000 pods. */
  readonly isLarge: boolean;
  /** Where the server's CPU profile goes. */
  readonly profileDir: string | undefined;
}

export const usage = `usage: npm run bench -- [options]
  --target NAME      floor, embedded or etcd; repeat for several (default: all that this machine has)
  --http 1|2         protocol of the clients (default 1)
  --concurrency N    requests under way at once (default 32)
  --only PATTERN     scenarios whose names match
  --small            stop at 2,000 pods
  --profile DIR      write a CPU profile of the server there`;

/** Reads the command line; throws with the usage when it makes no sense. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: "string", multiple: true },
      http: { type: "string", default: "1" },
      concurrency: { type: "string", default: "32" },
      only: { type: "string", default: "" },
      small: { type: "boolean", default: false },
      profile: { type: "string" },
    },
  });
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new Error(usage);
  if (values.http !== "1" && values.http !== "2") throw new Error(usage);
  return {
    targets: (values.target ?? targetNames).map(targetName),
    http: values.http === "2" ? 2 : 1,
    concurrency,
    only: new RegExp(values.only),
    isLarge: !values.small,
    profileDir: values.profile,
  };
}

function targetName(text: string): TargetName {
  const name = targetNames.find((one) => one === text);
  if (!name) throw new Error(usage);
  return name;
}
