/**
 * X.509 certificates for loopback servers: a certificate authority of one's own, and server certificates signed by it.
 *
 * Written out in DER because Node has keys and signatures but no certificates, and openssl is not on every machine.
 * Structure and object identifiers: RFC 5280; ECDSA with SHA-256 over P-256: RFC 5758.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface Authority {
  readonly certificatePem: string;
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly keyId: Buffer;
}

export interface ServerCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface ServerCertificateRequest {
  /** DNS names and IPv4 addresses; the first one is the common name. */
  hosts: string[];
  /** Default: in one year. A test of expiry passes what it needs. */
  notAfter?: Date;
}

const DAY = 24 * 60 * 60 * 1000;
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const keyId = keyIdentifier(publicKey);
  const extensions = [
    extension('551d13', true, sequence(der(0x01, Buffer.from([0xff])))), // basicConstraints: CA
    extension('551d0f', true, der(0x03, Buffer.from([0x01, 0x06]))), // keyUsage: certificate and CRL signing
    extension('551d0e', false, der(0x04, keyId)), // subjectKeyIdentifier
  ];
  const certificatePem = certificate({ subject: name, issuer: name, publicKey, signer: privateKey, extensions });
  return { certificatePem, name, privateKey, keyId };
}

export function issueServerCertificate(authority: Authority, request: ServerCertificateRequest): ServerCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const extensions = [
    extension('551d13', true, sequence()), // basicConstraints: no CA
    extension('551d0f', true, der(0x03, Buffer.from([0x07, 0x80]))), // keyUsage: digital signature
    extension('551d25', false, sequence(oid('2b06010505070301'))), // extendedKeyUsage: server
    extension('551d11', false, sequence(...request.hosts.map(alternativeName))),
    extension('551d23', false, sequence(der(0x80, authority.keyId))), // authorityKeyIdentifier
  ];
  const certificatePem = certificate({
    subject: request.hosts[0] ?? 'localhost',
    issuer: authority.name,
    publicKey,
    signer: authority.privateKey,
    extensions,
    ...(request.notAfter === undefined ? {} : { notAfter: request.notAfter }),
  });
  return { certificatePem, privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface CertificateParts {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  signer: KeyObject;
  extensions: Buffer[];
  notAfter?: Date;
}

function certificate(parts: CertificateParts): string {
  const now = Date.now();
  // A day back: the clock of a test that jumps, or of a container, may lag.
  const notBefore = new Date(Math.min(now, parts.notAfter?.getTime() ?? now) - DAY);
  const notAfter = parts.notAfter ?? new Date(now + 365 * DAY);
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3
    der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(15)])), // serial number, positive
    ecdsaWithSha256,
    commonName(parts.issuer),
    sequence(time(notBefore), time(notAfter)),
    commonName(parts.subject),
    parts.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...parts.extensions)),
  );
  const signature = sign('sha256', toBeSigned, parts.signer);
  const whole = sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function der(tag: number, content: Buffer): Buffer {
  const length = content.length;
  if (length < 0x80) {
    return Buffer.concat([Buffer.from([tag, length]), content]);
  }
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...items: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(items));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(id), ...flag, der(0x04, value));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name, 'utf8')))));
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host, 'latin1'));
}

/** GeneralizedTime is required from 2050 on and UTCTime before it (RFC 5280 §4.1.2.5). */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1').update(publicKey.export({ type: 'spki', format: 'der' })).digest();
}
