import type { Container } from "@tskube/api";

/** The number of a port given by number, digits or the name of one of the container's ports. */
export function resolvePort(port: string | number, container: Container): number {
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? Number(port);
  if (named === undefined && (!Number.isInteger(number) || port === "")) {
    throw new Error(`couldn't find port: ${JSON.stringify(port)} in ${container.name}`);
  }
  if (number < 1 || number > 65535) throw new Error(`invalid port number: ${number}`);
  return number;
}
