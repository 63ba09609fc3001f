import type { Clock, Closer, Logger } from "@tskube/base";
import { boolean, type OptionValues, openTlsFiles, path } from "@tskube/component";
import type { AggregationOptions } from "./open-aggregation.ts";

/** The flags of the way to extension API servers, under upstream's names. */
export const aggregationFlags = {
  proxyClientCertFile: path("The certificate by which extension API servers believe this server who a user is"),
  proxyClientKeyFile: path("The key of --proxy-client-cert-file"),
  enableAggregatorRouting: boolean("Reaches extension API servers at endpoints of their services", { default: false }),
  aggregatorRejectForwardingRedirect: boolean("Keeps redirects of extension API servers from clients", {
    default: true,
  }),
};

type Flags = OptionValues<typeof aggregationFlags>;

export function validateAggregationFlags({ proxyClientCertFile, proxyClientKeyFile }: Flags): string | undefined {
  if ((proxyClientCertFile === undefined) === (proxyClientKeyFile === undefined)) return undefined;
  return "--proxy-client-cert-file and --proxy-client-key-file go together";
}

/** Opens what the flags name; `closer` closes it. */
export function aggregationOptions(
  flags: Flags,
  deps: { readonly clock: Clock; readonly logger: Logger },
  closer: Closer,
): AggregationOptions {
  const { proxyClientCertFile: certFile, proxyClientKeyFile: keyFile } = flags;
  const proxyClient = certFile && keyFile ? openTlsFiles({ certFile, keyFile }, deps) : undefined;
  if (proxyClient) closer.add(() => proxyClient.close());
  return {
    ...(proxyClient && { proxyClient }),
    routesToEndpoints: flags.enableAggregatorRouting,
    rejectRedirects: flags.aggregatorRejectForwardingRedirect,
  };
}
