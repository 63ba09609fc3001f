import { mayLowerOomScore } from "../../../cli/src/system/capabilities.ts";

/** Whether this machine withholds CAP_SYS_RESOURCE: then runc can start no container that asks for all capabilities. */
export function needsRuntimeWrapper(status: string): boolean {
  return !mayLowerOomScore(status);
}

/** A runtime for docker that strikes CAP_SYS_RESOURCE out of what a container asks for, and leaves the rest to runc. */
export function runtimeWrapper(runc: string): string {
  return `#!/bin/sh
previous= file=
for argument in "$@"; do
  case "$previous" in
    --bundle | -b) file=$argument/config.json ;;
    --process | -p) file=$argument ;;
  esac
  previous=$argument
done
if [ -n "$file" ] && [ -f "$file" ]; then
  sed -i 's/"CAP_SYS_RESOURCE",//g; s/,"CAP_SYS_RESOURCE"//g' "$file"
fi
exec ${runc} "$@"
`;
}
