export { type TestAuthority, type TestCertificate, testAuthority } from "./certificates.ts";
