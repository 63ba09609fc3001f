import { type Command, Option } from "commander";
import { stringify } from "yaml";
import { requireCluster } from "../cluster/cluster.ts";
import { type ClusterOverview, type NodeOverview, overviewOf, type ProgramOverview } from "../cluster/overview.ts";
import type { CommandContext } from "../command.ts";
import { formatAge, formatMebibytes, formatTable } from "../text/table.ts";

export function defineStatus(program: Command, context: CommandContext): void {
  program
    .command("status")
    .description("show nodes, programs and pods at a glance")
    .option("--name <name>", "the cluster's name", "tskube")
    .addOption(new Option("-o, --output <format>", "how to print it").choices(["json", "yaml", "wide"]))
    .action(async (options: { readonly name: string; readonly output?: string }) => {
      const overview = await overviewOf(requireCluster(options.name, context));
      context.print(format(overview, options.output, context.now()));
      if (!overview.isRunning) context.setExitCode(3);
    });
}

function format(overview: ClusterOverview, output: string | undefined, nowMs: number): string {
  if (output === "json") return JSON.stringify(overview, null, 2);
  if (output === "yaml") return stringify(overview).trimEnd();
  if (!overview.isRunning) return `Cluster "${overview.name}" is stopped. Its data is kept; tskube up starts it.`;
  return [
    `Cluster "${overview.name}": ${overview.store} store, ${overview.runtime} runtime, API server ${overview.apiserver}`,
    "",
    formatTable(["NODE", "ROLE", "ADDRESS", "POWER", "CONDITION", "PODS"], overview.nodes.map(nodeRow)),
    "",
    programTable(overview.programs, output === "wide", nowMs),
  ].join("\n");
}

function nodeRow(node: NodeOverview): string[] {
  const pods = Object.entries(node.podsByPhase).map(([phase, count]) => `${count} ${phase}`);
  return [node.name, node.role, node.address, node.power, node.condition ?? "<unknown>", pods.join(", ") || "none"];
}

function programTable(programs: readonly ProgramOverview[], isWide: boolean, nowMs: number): string {
  const header = ["PROGRAM", "PHASE", "PID", "RESTARTS", "UP", "MEMORY", ...(isWide ? ["CPU", "LAST END"] : [])];
  const rows = programs.map(({ name, phase, pid, restarts, startedAtMs, figures, lastEnd }) => [
    name,
    phase,
    pid === undefined ? "-" : String(pid),
    String(restarts),
    pid === undefined || startedAtMs === undefined ? "-" : formatAge(nowMs - startedAtMs),
    figures ? formatMebibytes(figures.residentBytes) : "-",
    ...(isWide ? [figures ? `${figures.cpuSeconds.toFixed(1)}s` : "-", lastEnd ?? "-"] : []),
  ]);
  return formatTable(header, rows);
}
