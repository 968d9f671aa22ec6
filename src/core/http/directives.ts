import { defaultSignature, type Signature } from './signature.ts';

/**
 * With whose rights a request is sent. `anon`: as a visitor, with the public keys that the project has. `publishable`: with the new
 * public key alone, which is no JWT. `service`: past all row-level security. `user`: with a signed-in user's JWT. `none`: without
 * any key, as a webhook of somebody else's.
 */
export type Role = (typeof roles)[number];

export const roles = ['anon', 'publishable', 'service', 'user', 'none'] as const;

/** What comments of a request say. */
export interface Directives {
  readonly role: Role;
  /** `# sign: circle-signature: v1=<hex>`, with `# sign-payload`, `# sign-algorithm`, `# sign-secret` for what differs. */
  readonly signature?: Signature;
}

export type DirectiveReading = { readonly kind: 'read'; readonly directives: Directives } | { readonly kind: 'problem'; readonly problem: 'unknownRole' | 'badSignature' };

/** Reads a comment without its `#`; one that is no directive changes nothing. */
export function readDirective(comment: string, before: Directives): DirectiveReading {
  const [, name = '', value = ''] = /^\s*@?(role|sign(?:-\w+)?)\s*:\s*(.*?)\s*$/i.exec(comment) ?? [];
  switch (name.toLowerCase()) {
    case '':
      return { kind: 'read', directives: before };
    case 'role': {
      const role = roles.find((known) => known === value.toLowerCase());
      return role === undefined ? { kind: 'problem', problem: 'unknownRole' } : { kind: 'read', directives: { ...before, role } };
    }
    default: {
      const signature = readSignature(name.toLowerCase(), value, before.signature ?? defaultSignature);
      return signature === undefined ? { kind: 'problem', problem: 'badSignature' } : { kind: 'read', directives: { ...before, signature } };
    }
  }
}

function readSignature(name: string, value: string, before: Signature): Signature | undefined {
  switch (name) {
    case 'sign': {
      const [, header, format] = /^([\w-]+)\s*:\s*(.*<(?:hex|base64)>.*)$/.exec(value) ?? [];
      return header === undefined || format === undefined ? undefined : { ...before, header, format };
    }
    case 'sign-payload':
      return value.includes('<body>') ? { ...before, payload: value } : undefined;
    case 'sign-algorithm': {
      const algorithm = (['sha256', 'sha1', 'sha512'] as const).find((known) => known === value.toLowerCase().replace(/^sha-/, 'sha'));
      return algorithm === undefined ? undefined : { ...before, algorithm };
    }
    case 'sign-secret': {
      const [, secret, encoding] = /^([\w.-]+)(?:\s+(base64))?$/.exec(value) ?? [];
      return secret === undefined ? undefined : { ...before, secret, encoding: encoding === 'base64' ? 'base64' : 'text' };
    }
    default:
      return undefined;
  }
}
