export { type Endpoint, type EndpointDeps, serviceEndpoint } from "./service-endpoint.ts";
export { clientConfigErrors } from "./validate-client-config.ts";
export { type WebhookClientConfig, webhookAddress } from "./webhook-address.ts";
export {
  createWebhookClient,
  type WebhookCall,
  type WebhookClient,
  type WebhookClientOptions,
  type WebhookCredentials,
} from "./webhook-client.ts";
