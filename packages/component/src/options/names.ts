/** `tlsCertFile` → `tls-cert-file`: how an option is written as a flag and in files. */
export function flagName(option: string): string {
  return option
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();
}

/** `TSKUBE_KUBE_PROXY_TLS_CERT_FILE`: the environment variable of a program's option. */
export function variableName(program: string, option: string): string {
  return `TSKUBE_${program}_${flagName(option)}`.replaceAll("-", "_").toUpperCase();
}
