export {
  behavioursByName,
  type FakeBehaviour,
  type FakeBehaviours,
  type FakeExecResult,
  type FakeLogLine,
} from "./fake/behaviour.ts";
export { createFakeCri, type FakeCri, type FakeCriOptions } from "./fake/create.ts";
export { createFakeImages, type FakeImageOptions, type FakeImages } from "./fake/images.ts";
export type { FakeContainer, FakeSandbox } from "./fake/records.ts";
export {
  busyboxImage,
  dockerArchive,
  type ImageSpecForTar,
  type LayerFile,
  manifestType,
  type OciImage,
  ociArchive,
  ociImage,
  tarOf,
} from "./image-tar.ts";
export { describeRuntime, type RuntimeUnderTest, suitePrograms } from "./suite/describe-runtime.ts";
export { eventually, type SuitePod, startPod } from "./suite/pod.ts";
