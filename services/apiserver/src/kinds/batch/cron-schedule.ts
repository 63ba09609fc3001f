interface CronField {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const fields: readonly CronField[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];
const descriptors = new Set(["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"]);

/** Why a text is no schedule (`0 3 * * mon-fri`, `@daily`, `@every 5m`), in the words of the library that upstream reads schedules with. */
export function cronScheduleError(schedule: string): string | undefined {
  if (schedule === "") return "empty spec string";
  if (schedule.startsWith("@")) {
    if (descriptors.has(schedule) || /^@every ([0-9.]+(ns|us|µs|ms|s|m|h))+$/.test(schedule)) return undefined;
    return `unrecognized descriptor: ${schedule}`;
  }
  const parts = schedule.trim().split(/\s+/);
  if (parts.length !== fields.length) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(" ")}]`;
  for (const [index, one] of fields.entries()) {
    for (const range of (parts[index] ?? "").split(",")) {
      const error = rangeError(range, one);
      if (error) return error;
    }
  }
  return undefined;
}

function rangeError(text: string, { min, max, names = [] }: CronField): string | undefined {
  const [range = "", step, ...more] = text.split("/");
  if (more.length > 0) return `too many slashes: ${text}`;
  const bounds = range === "*" || range === "?" ? [String(min), String(max)] : range.split("-");
  if (bounds.length > 2) return `too many hyphens: ${text}`;
  const numberOf = (bound: string) => {
    const named = names.indexOf(bound.toLowerCase());
    return named < 0 ? parseNumber(bound) : named + min;
  };
  const [start, end = step === undefined ? start : max] = bounds.map(numberOf);
  for (const value of [start, end, step === undefined ? 1 : parseNumber(step)]) {
    if (typeof value === "string") return value;
  }
  const [first, last] = [Number(start), Number(end)];
  if (first < min) return `beginning of range (${first}) below minimum (${min}): ${text}`;
  if (last > max) return `end of range (${last}) above maximum (${max}): ${text}`;
  if (first > last) return `beginning of range (${first}) beyond end of range (${last}): ${text}`;
  return Number(step ?? 1) === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

/** The number, or why it is none. */
function parseNumber(text: string): number | string {
  if (/^[0-9]+$/.test(text)) return Number(text);
  if (/^-[0-9]+$/.test(text)) return `negative number (${text}) not allowed: ${text}`;
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
