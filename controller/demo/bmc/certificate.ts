import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';

/** A key and its self-signed certificate. */
export interface Certificate {
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  /** `sha256:` and 64 lower-case hex digits of the DER certificate. */
  readonly fingerprint: string;
}

let shared: Promise<Certificate> | undefined;

/** One certificate for all simulated BMCs of this process, made once: a key costs more than a server. */
export function sharedCertificate(): Promise<Certificate> {
  shared ??= newCertificate();
  return shared;
}

/** A new certificate for 127.0.0.1, localhost and `testhost`, the name that bmcweb's own carries. */
export async function newCertificate(): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: 'testhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'testhost' },
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const digest = new X509Certificate(made.cert).fingerprint256;
  return {
    key: made.private,
    certificate: made.cert,
    fingerprint: `sha256:${digest.replaceAll(':', '').toLowerCase()}`,
  };
}
