import { Server, ServerCredentials } from "@grpc/grpc-js";
import { kms } from "@tskube/proto-gen";

/** A KMS plugin behind a unix socket that "encrypts" by turning bytes over, under whatever key it is told to have. */
export interface KmsPlugin {
  keyId: string;
  healthz: string;
  readonly calls: { status: number; encrypt: number; decrypt: number };
  close(): void;
}

export async function openKmsPlugin(socket: string): Promise<KmsPlugin> {
  const server = new Server();
  const flip = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0xff));
  const plugin: KmsPlugin = {
    keyId: "key-1",
    healthz: "ok",
    calls: { status: 0, encrypt: 0, decrypt: 0 },
    close: () => server.forceShutdown(),
  };
  const service: kms.KeyManagementServiceServer = {
    status(_call, answer) {
      plugin.calls.status++;
      answer(null, { version: "v2", healthz: plugin.healthz, keyId: plugin.keyId });
    },
    encrypt({ request }, answer) {
      plugin.calls.encrypt++;
      const annotations = { "version.encryption.example.com": Buffer.from("1") };
      answer(null, { ciphertext: flip(request.plaintext), keyId: plugin.keyId, annotations });
    },
    decrypt({ request }, answer) {
      plugin.calls.decrypt++;
      answer(null, { plaintext: flip(request.ciphertext) });
    },
  };
  server.addService(kms.KeyManagementServiceService, service);
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return plugin;
}
