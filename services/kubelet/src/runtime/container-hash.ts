import type { Container } from "@tskube/api";
import { fnv1a32 } from "@tskube/apimachinery";

/**
 * Tells whether a running container still is what its spec asks for. Only name and image count: all else is immutable or, like resources,
 * changed in place. Fields that a newer API version adds must never restart containers.
 */
export function containerHash(container: Pick<Container, "name" | "image">): string {
  return fnv1a32(JSON.stringify({ image: container.image ?? "", name: container.name })).toString(16);
}
