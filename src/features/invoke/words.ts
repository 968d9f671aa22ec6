import type { CredentialProblem, WrittenCredential } from '../../core/http/credentials.ts';
import type { Role } from '../../core/http/directives.ts';
import type { RequestProblem } from '../../core/http/requestDocument.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

export function problemWords({ kind, text }: RequestProblem): string {
  const shown = visible(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  switch (kind) {
    case 'noRequestLine':
      return l10n.t('“{0}” is no request; write a method and a path, such as POST /functions/v1/name.', shown);
    case 'notAHeader':
      return l10n.t('“{0}” is no header; an empty line parts headers and body.', shown);
    case 'unknownRole':
      return l10n.t('“{0}”: a role is anon, publishable, service, user or none.', shown);
    case 'badSignature':
      return l10n.t('“{0}” does not say how to sign; an example is # sign: circle-signature: v1=<hex>.', shown);
    case 'bodyFromFile':
      return l10n.t('“{0}”: bodies are not read from files; write the body itself.', shown);
    default:
      return kind satisfies never;
  }
}

export function credentialWords({ shown }: WrittenCredential): string {
  return l10n.t('a credential ({0}) stands in the document, which is no place for one. Write “# role: service” or “# role: user”, or {1} in its place: it is asked for and kept in secret storage.', visible(shown), '{{secret name}}');
}

export function credentialProblemWords(problem: CredentialProblem | undefined): string | undefined {
  switch (problem) {
    case undefined:
      return undefined;
    case 'notAServiceKey':
      return l10n.t('This is no service key: it starts with sb_secret_, or is the legacy JWT.');
    case 'publicKey':
      return l10n.t('This is a public key; for it the role is anon or publishable.');
    case 'notAJwt':
      return l10n.t('This is no JWT.');
    case 'expired':
      return l10n.t('This JWT has expired.');
    default:
      return problem satisfies never;
  }
}

export function roleWords(role: Role): string {
  switch (role) {
    case 'anon':
      return l10n.t('As a visitor, with the public keys.');
    case 'publishable':
      return l10n.t('As a visitor, with the publishable key alone.');
    case 'service':
      return l10n.t('With the service key, past all row-level security.');
    case 'user':
      return l10n.t('As the signed-in user whose JWT was pasted.');
    case 'none':
      return l10n.t('Without any key.');
    default:
      return role satisfies never;
  }
}
