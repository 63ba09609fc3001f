import { type ChildProcess, spawn, spawnSync } from "node:child_process";

/** Network namespaces for one test, which go with everything in them when it ends. */
export class TestNetwork {
  readonly #prefix: string;
  readonly #namespaces: string[] = [];
  readonly #children: ChildProcess[] = [];

  /** `prefix` tells tests apart that run at the same time: 8 characters at most. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Runs a program to its end and returns its output; throws with what it said when it fails. */
  static exec(argv: readonly string[], input = ""): string {
    const [program = "", ...args] = argv;
    const result = spawnSync(program, args, { input, encoding: "utf8", timeout: 30_000 });
    if (result.status !== 0) throw new Error(`${argv.join(" ")}: ${result.error?.message ?? result.stderr}`);
    return result.stdout;
  }

  /** Why namespaces cannot be had here, or undefined. */
  static unavailable(): string | undefined {
    if (process.platform !== "linux") return "network namespaces are Linux's";
    if (process.getuid?.() !== 0) return "network namespaces need root";
    return undefined;
  }

  add(name: string): string {
    const namespace = `${this.#prefix}-${name}`;
    TestNetwork.exec(["ip", "netns", "add", namespace]);
    this.#namespaces.push(namespace);
    TestNetwork.exec(["ip", "-n", namespace, "link", "set", "lo", "up"]);
    return namespace;
  }

  /** `ip` in a namespace, one command a line. */
  ip(namespace: string, ...lines: readonly string[]): void {
    TestNetwork.exec(["ip", "-n", namespace, "-batch", "-"], `${lines.join("\n")}\n`);
  }

  inside(namespace: string, argv: readonly string[]): string[] {
    return ["nsenter", `--net=/run/netns/${namespace}`, ...argv];
  }

  exec(namespace: string, argv: readonly string[], input = ""): string {
    return TestNetwork.exec(this.inside(namespace, argv), input);
  }

  /** Starts a program in a namespace; it is ended with the network. */
  start(namespace: string, argv: readonly string[]): ChildProcess {
    const [program = "", ...args] = this.inside(namespace, argv);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#children.push(child);
    return child;
  }

  close(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const namespace of this.#namespaces.reverse()) spawnSync("ip", ["netns", "del", namespace]);
  }
}
