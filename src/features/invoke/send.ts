import { OpsError, isOpsError } from '../../core/errors.ts';
import { credentialHeaders, credentialProblem, roleCredentials, writtenCredentials, type RequestCredentials } from '../../core/http/credentials.ts';
import type { Role } from '../../core/http/directives.ts';
import type { RequestHistory } from '../../core/http/history.ts';
import { neededVariables, prepareRequest, type PreparedRequest } from '../../core/http/prepare.ts';
import type { RequestDocument, RequestText } from '../../core/http/requestDocument.ts';
import { secretName, sign } from '../../core/http/signature.ts';
import { expand, keyOf, makeValues, substitute, type Values } from '../../core/http/variables.ts';
import type { Clock, Gateway, GatewayRequest, HttpAnswer } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { SendingConsent } from './sendingConsent.ts';
import { credentialProblemWords, credentialWords, problemWords } from './words.ts';

export interface SendNeeds {
  readonly session: Pick<Session, 'connection'>;
  readonly ui: Ui;
  readonly clock: Clock;
  readonly consent: SendingConsent;
  readonly credentials: RequestCredentials;
  readonly history: RequestHistory;
}

/** A request as it stands in a text, with that text's definitions. */
export interface RequestToSend {
  readonly text: string;
  readonly document: RequestDocument;
  readonly request: RequestText;
  /** Values that need no question: those of a request that is sent again. */
  readonly values?: Readonly<Record<string, string>>;
}

/** What was sent, with asterisks for credentials, and what came back. */
export interface Exchange {
  readonly connection: Connection;
  readonly request: PreparedRequest;
  readonly role: Role;
  readonly answer: HttpAnswer;
  /** Epoch milliseconds. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** The platform ends a call itself after 150 s without a byte and 400 s in all. */
const longestCallMs = 410_000;

/** Asks for what is open, for consent where it needs one, and sends. Whatever was sent is in the history, answered or not. */
export async function sendRequest(needs: SendNeeds, toSend: RequestToSend): Promise<Exchange> {
  const { request, document } = toSend;
  const connection = needs.session.connection();
  const gateway = need(connection.gateway, l10n.t('Calling a function'));
  refuseFaults(toSend);
  const values = await askValues(needs, gateway, toSend);
  const prepared = prepareRequest(request, document, values.all);
  const shown = prepareRequest(request, document, values.shown);
  refuseOtherHost(prepared, gateway);
  const authorized = await authorize(needs, gateway, request.role, prepared);
  const signed = await addSignature(needs, gateway, { request, document, values: values.all }, authorized);
  await needs.consent.ask(connection.project, { request: shown, role: request.role, asWritten: identityOf(toSend, values) });
  return exchange(needs, { connection, gateway, toSend, shown, values }, signed);
}

interface Sending {
  readonly connection: Connection;
  readonly gateway: Gateway;
  readonly toSend: RequestToSend;
  readonly shown: PreparedRequest;
  readonly values: AskedValues;
}

async function exchange({ clock, history, ui }: SendNeeds, { connection, gateway, toSend, shown, values }: Sending, request: GatewayRequest): Promise<Exchange> {
  const { project } = connection;
  const { role } = toSend.request;
  const sentAt = clock.now();
  const sent = { time: sentAt, ref: project.ref, project: project.name, method: shown.method, url: shown.url, role, text: textOf(toSend), values: Object.fromEntries(values.remembered) };
  try {
    const answer = await ui.progress(`${shown.method} ${visible(shown.url)}`, async (signal) => gateway.request(request, { signal, priority: 'user' }));
    await history.add({ ...sent, status: answer.status, durationMs: Math.round(answer.timings.total) });
    return { connection, request: shown, role, answer, sentAt, answeredAt: clock.now() };
  } catch (error) {
    // It may have arrived all the same.
    if (isOpsError(error, 'timedOut', 'badAnswer')) {
      await history.add(sent);
    }
    throw withoutAddress(error, `${shown.method} ${shown.url}`);
  }
}

/** Errors name the address, which may hold a credential, and errors are logged. */
function withoutAddress(error: unknown, operation: string): unknown {
  if (isOpsError(error, 'timedOut')) {
    return new OpsError('timedOut', { ...error.facts, operation });
  }
  return isOpsError(error, 'badAnswer') ? new OpsError('badAnswer', { ...error.facts, operation }) : error;
}

/** The same for a request that is sent again, whatever time or random number it carries this time. */
function identityOf({ request, document }: RequestToSend, { remembered }: AskedValues): string {
  const { method, target, headers, body, signature } = request;
  return JSON.stringify([method, target, headers.map(({ name, value }) => [name, value]), body, signature, [...document.definitions], [...remembered]]);
}

/** The request alone, with the definitions that its document has. */
export function textOf({ text, document, request }: Pick<RequestToSend, 'text' | 'document' | 'request'>): string {
  const own = text.slice(request.block.start, request.block.end).replace(/\r\n?/g, '\n').trim();
  const definitions = [...document.definitions].map(([name, value]) => `@${name} = ${value}`).filter((line) => !own.includes(line));
  return `${[...definitions, own].join('\n')}\n`;
}

/** Nothing is sent that cannot be read as it was meant, and no credential that stands in a document (SAFETY 10). */
export function refuseFaults({ text, request, document }: Pick<RequestToSend, 'text' | 'request' | 'document'>): void {
  const [problem] = request.problems;
  if (problem) {
    throw new OpsError('notSent', { because: problemWords(problem) });
  }
  const [written] = writtenCredentials(textOf({ text, request, document }));
  if (written) {
    throw new OpsError('notSent', { because: credentialWords(written) });
  }
}

function refuseOtherHost({ url }: PreparedRequest, gateway: Gateway): void {
  if (!url.startsWith('/') && (!URL.canParse(url) || new URL(url).origin !== gateway.origin)) {
    throw new OpsError('notSent', { because: l10n.t('the request leads to {0}. Requests of this editor go to {1} alone; write the path.', visible(url), gateway.origin) });
  }
}

interface AskedValues {
  readonly all: Values;
  /** The same with asterisks for credentials. */
  readonly shown: Values;
  /** What may be kept: no credential, nothing made for this request alone. */
  readonly remembered: Values;
}

async function askValues(needs: SendNeeds, gateway: Gateway, { request, document, values: given = {} }: RequestToSend): Promise<AskedValues> {
  const { clock, history } = needs;
  const made = makeValues({ now: clock.now(), uuid: () => crypto.randomUUID(), random: Math.random });
  const remembered = new Map<string, string>();
  const secrets = new Map<string, string>();
  for (const variable of neededVariables(request, document)) {
    const { kind, name } = variable;
    if (kind === 'secret') {
      secrets.set(keyOf(variable), await keptOrAsked(needs, gateway, { name, prompt: l10n.t('Value of {0}', name) }));
    } else if (kind === 'value') {
      const value = given[name] ?? (await needs.ui.ask({ title: l10n.t('Send Request'), prompt: l10n.t('Value of {0}', name), value: history.lastValue(name) ?? '' }));
      await history.remember(name, value);
      remembered.set(name, value);
    }
  }
  const open = [...made, ...remembered];
  return { all: new Map([...open, ...secrets]), shown: new Map([...open, ...[...secrets.keys()].map((key) => [key, '***'] as const)]), remembered };
}

interface CredentialQuestion {
  readonly name: string;
  readonly prompt: string;
  /** What is wrong with a value, also with a kept one. */
  readonly problem?: (value: string) => string | undefined;
}

/** From secret storage, or from a password box into it. It is bound to the address that it was given for. */
async function keptOrAsked({ credentials, ui }: SendNeeds, gateway: Gateway, { name, prompt, problem = () => undefined }: CredentialQuestion): Promise<string> {
  const kept = await credentials.get(gateway.origin, name);
  if (kept !== undefined && problem(kept) === undefined) {
    return kept;
  }
  const value = await ui.ask({
    title: l10n.t('Send Request'),
    prompt: `${prompt}. ${l10n.t('Kept in the editor’s secret storage, for {0} alone.', gateway.origin)}`,
    secret: true,
    check: (text) => (text.trim() === '' ? l10n.t('A value is needed.') : problem(text.trim())),
  });
  await credentials.keep(gateway.origin, name, value.trim());
  return value.trim();
}

/** What the headers say themselves is stronger than the role. */
async function authorize(needs: SendNeeds, gateway: Gateway, role: Role, prepared: PreparedRequest): Promise<GatewayRequest> {
  const name = roleCredentials[role];
  const key = role === 'publishable' || role === 'none' ? { key: role } : {};
  if (name === undefined) {
    return { ...prepared, ...key, timeoutMs: longestCallMs };
  }
  const credential = await keptOrAsked(needs, gateway, {
    name,
    prompt: role === 'service' ? l10n.t('Service key of the project (sb_secret_… or the legacy service_role key)') : l10n.t('Access token (JWT) of a signed-in user'),
    problem: (value) => credentialProblemWords(credentialProblem(role, value, needs.clock.now())),
  });
  const own = new Set(Object.keys(prepared.headers).map((header) => header.toLowerCase()));
  const added = Object.entries(credentialHeaders(role, credential)).filter(([header]) => !own.has(header));
  return { ...prepared, headers: { ...Object.fromEntries(added), ...prepared.headers }, timeoutMs: longestCallMs };
}

async function addSignature(needs: SendNeeds, gateway: Gateway, { request, document, values }: { request: RequestText; document: RequestDocument; values: Values }, ready: GatewayRequest): Promise<GatewayRequest> {
  const { signature } = request;
  if (!signature || signature.header === '') {
    return ready;
  }
  const { header, encoding } = signature;
  const secret = await keptOrAsked(needs, gateway, {
    name: secretName(signature),
    prompt: l10n.t('Secret that signs {0}', header),
    problem: (value) => (encoding === 'base64' && !/^(?:whsec_)?[A-Za-z0-9+/]+={0,2}$/.test(value) ? l10n.t('This is no base64.') : undefined),
  });
  const filled = { ...signature, format: substitute(expand(signature.format, document.definitions), values), payload: substitute(expand(signature.payload, document.definitions), values) };
  const others = Object.entries(ready.headers).filter(([name]) => name.toLowerCase() !== header.toLowerCase());
  return { ...ready, headers: { ...Object.fromEntries(others), [header]: await sign(filled, ready.body ?? '', secret) } };
}
