import type { Role } from '../../core/http/directives.ts';
import type { PreparedRequest } from '../../core/http/prepare.ts';
import type { Clock } from '../../core/ports.ts';
import { isGuarded, type Project } from '../../core/project/project.ts';
import type { Consent } from '../../host/consent.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { roleWords } from './words.ts';

export interface Sending {
  readonly request: PreparedRequest;
  readonly role: Role;
  /** The request as its document has it: what makes it the same one again, whatever time or random number it carries. */
  readonly asWritten: string;
}

/**
 * When sending needs a modal (SAFETY 14). Functions act for real (mails, payments, rows), and nothing here can tell what one will do, so on a
 * production project every request that HTTP does not call safe is shown once before it goes; with the service key even those, since
 * no policy stands before it. Whoever debugs sends the same request many times: unchanged, it is not asked about again for 15 minutes,
 * in this window. Another body, address, role or project is another request.
 */
export interface SendingConsent {
  /** Throws `cancelled` when the person does not agree. */
  ask(project: Project, sending: Sending): Promise<void>;
}

const agreedForMs = 15 * 60_000;

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export function createSendingConsent({ consent, clock }: { consent: Pick<Consent, 'ask'>; clock: Clock }): SendingConsent {
  const agreed = new Map<string, number>();
  return {
    ask: async (project, { request, role, asWritten }) => {
      if (!isGuarded(project) || (safeMethods.has(request.method) && role !== 'service')) {
        return;
      }
      const key = [project.ref, role, asWritten].join('\n');
      const until = agreed.get(key);
      if (until === undefined || until <= clock.now()) {
        await consent.ask(project, plan(project, request, role), 'writes');
      }
      agreed.set(key, clock.now() + agreedForMs);
    },
  };
}

function plan(project: Project, { method, url, body }: PreparedRequest, role: Role) {
  return {
    question: l10n.t('{0} {1} on {2}?', method, visible(url), project.name),
    detail: [
      roleWords(role),
      ...(body === undefined ? [] : [visible(body.length > longestShown ? `${body.slice(0, longestShown)}…` : body)]),
      '',
      safeMethods.has(method) ? l10n.t('The service key passes all row-level security.') : l10n.t('The project acts on this for real: what it sends, pays or writes cannot be undone from here.'),
      l10n.t('The same request is not asked about again for 15 minutes.'),
    ],
    action: l10n.t('Send'),
  };
}

const longestShown = 400;
