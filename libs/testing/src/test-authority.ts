import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate authority of a test's own. No program of the machine is needed for it. */
export interface TestAuthority {
  /** The file of its certificate. */
  file: string;
  /** A server's certificate for this host name, and its key, as PEM. */
  issue(host: string): { certificate: string; key: string };
}

interface Certificate {
  subject: string;
  issuer: string;
  signer: KeyObject;
  publicKey: KeyObject;
  extension: Buffer;
}

const dayMs = 86_400_000;

export function createTestAuthority({ folder, name }: { folder: string; name: string }): TestAuthority {
  const own = newKeys();
  const signed = (certificate: Omit<Certificate, 'issuer' | 'signer'>) =>
    toPem(encode({ ...certificate, issuer: name, signer: own.privateKey }));
  const file = join(folder, `${name}.pem`);
  writeFileSync(file, signed({ subject: name, publicKey: own.publicKey, extension: isAuthority }));
  return {
    file,
    issue(host) {
      const { publicKey, privateKey } = newKeys();
      return {
        certificate: signed({ subject: host, publicKey, extension: namesHost(host) }),
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

// What follows is X.509 (RFC 5280 §4.1) in DER.

const oid = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
};

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

const sequence = (...contents: Buffer[]) => der(0x30, ...contents);
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const octets = (content: Buffer) => der(0x04, content);
const bits = (content: Buffer) => der(0x03, Buffer.from([0]), content);
const yes = der(0x01, Buffer.from([0xff]));

const commonName = (text: string) =>
  sequence(der(0x31, sequence(objectId(oid.commonName), der(0x0c, Buffer.from(text)))));
const utcTime = (at: number) =>
  der(0x17, Buffer.from(`${new Date(at).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

const isAuthority = sequence(objectId(oid.basicConstraints), yes, octets(sequence(yes)));
const namesHost = (host: string) =>
  sequence(objectId(oid.subjectAltName), octets(sequence(der(0x82, Buffer.from(host)))));

function encode({ subject, issuer, signer, publicKey, extension }: Certificate): Buffer {
  const algorithm = sequence(objectId(oid.ecdsaWithSha256));
  const toSign = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1]), randomBytes(8)),
    algorithm,
    commonName(issuer),
    sequence(utcTime(Date.now() - dayMs), utcTime(Date.now() + dayMs)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  return sequence(toSign, algorithm, bits(sign('sha256', toSign, signer)));
}

const toPem = (certificate: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
