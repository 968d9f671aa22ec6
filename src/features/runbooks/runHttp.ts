import { answerText } from '../../core/http/answerText.ts';
import { judgeAnswer, type Difference, type JsonType, type Judgement, type Strictness } from '../../core/http/expectation.ts';
import { defaultSignature, sign } from '../../core/http/signature.ts';
import type { CallOptions, HttpAnswer, HttpClient, HttpRequest } from '../../core/ports.ts';
import { need } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Step } from '../../core/runbook/document.ts';
import type { Expectation, Instruction, Operation, Placeholder } from '../../core/runbook/operation.ts';
import type { Documents } from '../../host/documents.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { riskWord } from './describe.ts';
import { valueOf } from './values.ts';

type HttpOperation = Extract<Operation, { kind: 'http' }>;

export interface HttpNeeds {
  readonly session: Pick<Session, 'connection'>;
  readonly documents: Pick<Documents, 'showReport'>;
  readonly ui: Ui;
  /** For hosts that are not the project's. */
  readonly http: HttpClient;
}

export interface HttpStep {
  readonly step: Step;
  readonly operation: HttpOperation;
  readonly instruction: Instruction;
  /** What the manual says must come back. */
  readonly expects: Expectation | undefined;
}

/** The project's own hosts get its key; any other host gets nothing of ours. A request that acts is shown first. */
export async function runHttp(needs: HttpNeeds, { step, operation, instruction, expects }: HttpStep): Promise<void> {
  const { ui, documents } = needs;
  const { url, send } = route(needs, operation);
  if (instruction.risk !== 'reads' && instruction.risk !== 'none') {
    await ui.consent({
      question: l10n.t('{0} {1}?', operation.method, visible(url)),
      detail: [l10n.t('This request {0}.', riskWord(instruction.risk)), ...(operation.body === undefined ? [] : [visible(operation.body)]), ...(instruction.remark === undefined ? [] : [instruction.remark])],
      action: l10n.t('Send'),
    });
  }
  const headers = await signedHeaders(ui, operation);
  const request = { method: operation.method, url, headers, ...(operation.body === undefined ? {} : { body: operation.body }) };
  const answer = await ui.progress(`${operation.method} ${visible(url)}`, async (signal) => send(request, { signal, priority: 'user' }));
  const judgement = expects === undefined ? undefined : judgeAnswer(expects, answer, strictnessOf(step));
  const remarks = [...(instruction.remark === undefined ? [] : [visible(instruction.remark)]), ...(judgement === undefined ? [] : verdictLines(judgement))];
  const name = `${operation.method} ${visible(url).replace(/^\W+/, '').replace(/[^\w.-]+/g, ' ')}.http`;
  await documents.showReport(name, answerText({ method: operation.method, url, answer, remarks, timings: operation.timings }));
  if (judgement !== undefined && judgement.differences.length > 0) {
    ui.warn(l10n.t('{0} {1} did not answer as the manual says: {2}', operation.method, visible(url), judgement.differences.slice(0, 3).map(differenceWords).join('; ')));
  }
}

interface Route {
  /** A path of the project, or a whole address. */
  readonly url: string;
  readonly send: (request: HttpRequest, options: CallOptions) => Promise<HttpAnswer>;
}

function route({ session, http }: HttpNeeds, { target }: HttpOperation): Route {
  if (target.kind === 'url') {
    return { url: valueOf(target.url), send: async (request, options) => http.request(request, options) };
  }
  const gateway = need(session.connection().gateway, l10n.t('Calling the project'));
  const url = target.kind === 'function' ? `/functions/v1/${valueOf(target.slug)}${target.path}` : target.path;
  return { url, send: async (request, options) => gateway.request(request, options) };
}

/** In the place of a signature that a manual leaves open, until the body is signed. */
const openSignature = '<hex>';

/** `circle-signature: v1=your_test_signature`: nobody has a signature at hand, so it is computed, and its secret asked for instead. */
export function answerForSignature({ operation }: Instruction, { text }: Placeholder): string | undefined {
  const stands = operation.kind === 'http' && Object.entries(operation.headers).some(([name, value]) => /signature/i.test(name) && value.includes(text));
  return stands ? openSignature : undefined;
}

async function signedHeaders(ui: Ui, { headers, body = '' }: HttpOperation): Promise<Readonly<Record<string, string>>> {
  const signed: Record<string, string> = {};
  for (const [header, format] of Object.entries(headers)) {
    signed[header] =
      /signature/i.test(header) && format.includes(openSignature)
        ? await sign({ ...defaultSignature, header, format }, body, await askSecret(ui, header))
        : format;
  }
  return signed;
}

async function askSecret(ui: Ui, header: string): Promise<string> {
  return ui.ask({
    title: l10n.t('Sign {0}', visible(header)),
    prompt: l10n.t('Secret of the webhook; the body is signed with it (HMAC-SHA256, in hex), and it is kept nowhere.'),
    secret: true,
    check: (text) => (text === '' ? l10n.t('A value is needed.') : undefined),
  });
}

/** The fence's option `expect=status` or `expect=exact`. */
function strictnessOf({ options }: Step): Strictness {
  const wanted = options.other['expect'];
  return wanted === 'status' || wanted === 'exact' ? wanted : 'words';
}

function verdictLines({ differences, unreadable }: Judgement): string[] {
  return [
    differences.length === 0 ? l10n.t('As the manual expects.') : l10n.t('Not as the manual expects:'),
    ...differences.map((difference) => `  ${differenceWords(difference)}`),
    ...(unreadable ? [l10n.t('The expected JSON of the manual cannot be read; only the status was compared.')] : []),
  ];
}

function differenceWords(difference: Difference): string {
  switch (difference.kind) {
    case 'status':
      return l10n.t('status {0} was expected, and {1} came', difference.expected, difference.found);
    case 'missing':
      return l10n.t('{0} is missing', visible(difference.path));
    case 'type':
      return l10n.t('{0} is {2} and was expected to be {1}', visible(difference.path === '' ? l10n.t('the answer') : difference.path), typeWord(difference.expected), typeWord(difference.found));
    case 'value':
      return l10n.t('{0} is {2} and was expected to be {1}', visible(difference.path), visible(difference.expected), visible(difference.found));
    case 'notJson':
      return l10n.t('the answer is no JSON');
    default:
      return difference satisfies never;
  }
}

function typeWord(type: JsonType): string {
  switch (type) {
    case 'object':
      return l10n.t('an object');
    case 'list':
      return l10n.t('a list');
    case 'text':
      return l10n.t('a text');
    case 'number':
      return l10n.t('a number');
    case 'boolean':
      return l10n.t('true or false');
    case 'null':
      return 'null';
    default:
      return type satisfies never;
  }
}
