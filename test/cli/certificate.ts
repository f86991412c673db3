import { makeCertificate } from '../../examples/certificate.ts';

/** PEM texts for tests that serve https. `cert` holds its authority too: who trusts it trusts the host. */
export function selfSigned(host: string): { readonly cert: string; readonly key: string } {
  const { cert, key } = makeCertificate([host]);
  return { cert, key };
}
