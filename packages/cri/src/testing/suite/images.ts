import { expect } from "chai";
import { ImageSpec } from "../../types.ts";
import type { RuntimeUnderTest } from "./describe-runtime.ts";

export function describeImages(under: () => RuntimeUnderTest): void {
  const images = () => under().client.images;
  const spec = (image: string) => ImageSpec.fromPartial({ image });

  describe("images", () => {
    it("knows an image by its name and by its id", async () => {
      const { image } = await images().imageStatus(spec(under().image));
      expect(image?.id).to.match(/^sha256:[0-9a-f]{64}$/);
      const again = await images().imageStatus(spec(image?.id ?? ""));
      expect(again.image?.id).to.equal(image?.id);
      const listed = (await images().listImages()).map(({ id }) => id);
      expect(listed).to.include(image?.id);
    });

    it("answers without an image for a name that it does not know", async () => {
      const { image } = await images().imageStatus(spec("localhost/no-such-image:1"));
      expect(image).to.equal(undefined);
    });

    it("removes what is not there without complaint", () => images().removeImage(spec("localhost/no-such-image:1")));

    it("says where its files are", async () => {
      const { imageFilesystems } = await images().imageFsInfo();
      expect(imageFilesystems[0]?.fsId?.mountpoint).to.match(/^\//);
    });
  });
}
