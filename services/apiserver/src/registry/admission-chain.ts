import type { AdmissionAttributes, AdmissionPlugin } from "../admission/plugin.ts";

/** The two passes of admission: plugins may change the object in the first and only refuse it in the second. */
export interface AdmissionChain {
  admit(attributes: AdmissionAttributes, signal: AbortSignal): Promise<void>;
  validate(attributes: AdmissionAttributes, signal: AbortSignal): Promise<void>;
}

/** Asks `plugins` one after the other, in their order. */
export function createAdmissionChain(plugins: readonly AdmissionPlugin[]): AdmissionChain {
  return {
    async admit(attributes, signal) {
      for (const plugin of plugins) {
        if (plugin.admit && plugin.handles(attributes)) await plugin.admit(attributes, signal);
      }
    },
    async validate(attributes, signal) {
      for (const plugin of plugins) {
        if (plugin.validate && plugin.handles(attributes)) await plugin.validate(attributes, signal);
      }
    },
  };
}
