import { credentials, Metadata } from "@grpc/grpc-js";
import { kms } from "@tskube/proto-gen";

/** What of a plugin is asked. All reject when it does not answer in time. */
export interface KmsClient {
  status(): Promise<kms.StatusResponse>;
  encrypt(plaintext: Buffer, uid: string): Promise<kms.EncryptResponse>;
  decrypt(request: kms.DecryptRequest): Promise<Buffer>;
  close(): void;
}

type Done<T> = (error: Error | null, answer: T) => void;

/** A connection to the plugin behind a unix socket; made when first used. */
export function kmsClient(endpoint: string, timeoutMs: number): KmsClient {
  const client = new kms.KeyManagementServiceClient(endpoint, credentials.createInsecure());
  const call = <T>(act: (options: { readonly deadline: Date }, done: Done<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const deadline = new Date(Date.now() + timeoutMs);
      act({ deadline }, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  const none = new Metadata();
  return {
    status: () => call((options, done) => client.status({}, none, options, done)),
    encrypt: (plaintext, uid) => call((options, done) => client.encrypt({ plaintext, uid }, none, options, done)),
    async decrypt(request) {
      const { plaintext } = await call<kms.DecryptResponse>((options, done) =>
        client.decrypt(request, none, options, done),
      );
      return Buffer.from(plaintext);
    },
    close: () => client.close(),
  };
}
