import { describeRuntime } from "@tskube/cri/testing";
import { cannotRunContainerd, startContainerd } from "./containerd.ts";

const why = cannotRunContainerd();

if (why) it.skip(`containerd (${why})`);
else describeRuntime("containerd", startContainerd);
