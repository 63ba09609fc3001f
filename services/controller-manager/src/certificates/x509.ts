type X509 = typeof import("@peculiar/x509");

let loading: Promise<X509> | undefined;

/** The X.509 library, loaded when the first certificate is looked at: a cluster without requests does not pay for it. */
export function loadX509(): Promise<X509> {
  loading ??= load();
  return loading;
}

async function load(): Promise<X509> {
  await import("reflect-metadata"); // what the library wires itself up with
  return import("@peculiar/x509");
}
