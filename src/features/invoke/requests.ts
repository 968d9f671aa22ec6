import type { SentRequest } from '../../core/http/history.ts';
import { slugOf } from '../../core/http/prepare.ts';
import { parseRequests, type RequestText } from '../../core/http/requestDocument.ts';
import { roles } from '../../core/http/directives.ts';
import { signatureTemplates } from '../../core/http/signature.ts';
import { neededVariables, prepareRequest } from '../../core/http/prepare.ts';
import { shellMark, toCurl } from '../../core/http/curlText.ts';
import { expand, keyOf, makeValues, substitute } from '../../core/http/variables.ts';
import { OpsError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { refuseFaults, type RequestToSend } from './send.ts';
import { roleWords } from './words.ts';

/** What the editor of a function holds at first: its last request, else one to begin with. */
export function draftText(slug: string, last: SentRequest | undefined): string {
  if (last) {
    return last.text;
  }
  return [
    `# ${l10n.t('Roles: {0}. Keys are asked for and never written here.', roles.join(', '))}`,
    '# role: anon',
    `POST /functions/v1/${slug}`,
    'Content-Type: application/json',
    '',
    '{}',
    '',
  ].join('\n');
}

/** The last request to a function of a project; its text is the start of the next. */
export function lastRequest(entries: readonly SentRequest[], ref: string, slug: string): SentRequest | undefined {
  return entries.find((entry) => entry.ref === ref && slugOf(entry.url) === slug);
}

/** A sent request as something to send; throws `notFound` when its text holds none. */
export function sentAgain(entry: Pick<SentRequest, 'text' | 'values'>): RequestToSend {
  const document = parseRequests(entry.text);
  const [request] = document.requests;
  if (!request) {
    throw new OpsError('notFound', { what: l10n.t('A request') });
  }
  return { text: entry.text, document, request, values: entry.values };
}

/** Lets choose among the requests that were sent to this project. */
export async function pickSent({ ui, clock }: { ui: Ui; clock: Clock }, entries: readonly SentRequest[], ref: string): Promise<SentRequest> {
  const own = entries.filter((entry) => entry.ref === ref);
  if (own.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A request that was sent to this project from here') });
  }
  return ui.pick(
    l10n.t('Send which request again?'),
    own.map(
      (entry): Choice<SentRequest> => ({
        label: visible(`${entry.method} ${entry.url.replace(/^\/functions\/v1\//, '')}`),
        description: [entry.role, entry.status === undefined ? l10n.t('no answer') : `${entry.status}`, l10n.t('{0} ago', age(entry.time, clock.now()))].join(' · '),
        detail: visible(bodyOf(entry)),
        icon: 'history',
        value: entry,
      }),
    ),
  );
}

/** The first line of the body, to tell requests apart. */
function bodyOf({ text }: SentRequest): string {
  return (parseRequests(text).requests[0]?.body ?? '').replace(/\s+/g, ' ').slice(0, 120);
}

/** The request as a shell command, with environment variables for credentials. */
export async function curlOf({ ui, clock, lastValue }: { ui: Ui; clock: Clock; lastValue: (name: string) => string | undefined }, toSend: RequestToSend, origin: string): Promise<string> {
  refuseFaults(toSend);
  const { request, document } = toSend;
  const values = makeValues({ now: clock.now(), uuid: () => crypto.randomUUID(), random: Math.random });
  const secrets: string[] = [];
  for (const variable of neededVariables(request, document)) {
    const { kind, name } = variable;
    if (kind === 'secret') {
      values.set(keyOf(variable), shellMark(secrets.push(name) - 1));
    } else if (kind === 'value') {
      values.set(keyOf(variable), await ui.ask({ title: l10n.t('Copy as curl'), prompt: l10n.t('Value of {0}', name), value: lastValue(name) ?? '' }));
    }
  }
  const prepared = prepareRequest(request, document, values);
  const fill = (text: string) => substitute(expand(text, document.definitions), values);
  const { signature, role } = request;
  return toCurl({ ...prepared, origin, role, secrets, ...(signature ? { signature: { ...signature, format: fill(signature.format), payload: fill(signature.payload) } } : {}) });
}

/** The lines to put in front of a request, and among its headers, so that it is signed as a sender does it. */
export async function pickSignature(ui: Ui): Promise<{ readonly comments: string; readonly headers: string }> {
  const chosen = await ui.pick(
    l10n.t('Sign the request as which sender does?'),
    signatureTemplates.map((template) => ({ label: template.sender, description: template.directives[0]?.replace(/^sign: /, '') ?? '', icon: 'key', value: template })),
  );
  const lines = (list: readonly string[]) => list.map((line) => `${line}\n`).join('');
  return { comments: lines(chosen.directives.map((directive) => `# ${directive}`)), headers: lines(chosen.headers) };
}

/** What stands above a request: `Send as service to acme (production)`. */
export function lensTitle({ role }: RequestText, project: { readonly name: string; readonly environment: string } | undefined): { readonly title: string; readonly tooltip: string } {
  const title = project === undefined ? l10n.t('Send as {0}', role) : l10n.t('Send as {0} to {1} ({2})', role, visible(project.name), project.environment);
  return { title: title.replaceAll('$(', '$ ('), tooltip: roleWords(role) };
}
