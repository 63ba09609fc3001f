export { type ControllerTest, type ControllerTestOptions, controllerTest } from "./controller-test.ts";
export { JournalRecorder } from "./journal-recorder.ts";
