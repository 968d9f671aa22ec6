import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import type { CallOptions, HttpClient } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Step } from '../../core/runbook/document.ts';
import { expectationAfter } from '../../core/runbook/expectationAfter.ts';
import { fill } from '../../core/runbook/fill.ts';
import type { Instruction, Operation } from '../../core/runbook/operation.ts';
import { terminalLine } from '../../core/runbook/terminalLine.ts';
import type { ResultEvent } from '../../core/sql/result.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Documents } from '../../host/documents.ts';
import type { ResultsView } from '../../host/results.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { riskWord } from './describe.ts';
import { answerForSignature, runHttp } from './runHttp.ts';
import { valueOf } from './values.ts';

export interface RunNeeds {
  readonly session: Session;
  readonly commands: CommandRegistry;
  readonly documents: Documents;
  readonly results: ResultsView;
  readonly ui: Ui;
  /** For hosts that are not the project's. */
  readonly http: HttpClient;
  /** What the commands of a step mean for the project and place that are active. */
  readonly interpret: (step: Step) => Promise<readonly Instruction[]>;
}

/** Asks for what is still open, then does what the instruction means, by the same services as the views. */
export async function runInstruction(needs: RunNeeds, step: Step, instruction: Instruction): Promise<void> {
  const answers = new Map<string, string>();
  for (const placeholder of instruction.placeholders) {
    if (!answers.has(placeholder.text)) {
      answers.set(
        placeholder.text,
        answerForSignature(instruction, placeholder) ??
        (await needs.ui.ask({
          title: visible(instruction.text.split('\n')[0] ?? ''),
          prompt: l10n.t('Value for {0}', visible(placeholder.label)),
          placeholder: visible(placeholder.text),
          secret: placeholder.secret,
          check: (text) => (text.trim() === '' ? l10n.t('A value is needed.') : undefined),
        })),
      );
    }
  }
  await runOperation(needs, step, fill(instruction, answers));
}

// One branch per operation: the table of what running means.
async function runOperation(needs: RunNeeds, step: Step, instruction: Instruction): Promise<void> {
  const { commands, session } = needs;
  const { operation } = instruction;
  switch (operation.kind) {
    case 'sql':
      return commands.run('sql.runStatement', { statement: operation.statement, title: step.title, risk: instruction.risk, at: { uri: step.documentUri, lines: step.lines, start: instruction.range.start, written: instruction.text }, ...(operation.file ? { file: operation.file } : {}) });
    case 'http':
      return runHttp(needs, { step, operation, instruction, expects: expectationAfter(await needs.interpret(step), instruction) });
    case 'logs':
      return commands.run('logs.tail', tailRequest(operation));
    case 'functions.list':
      return showList(needs, instruction, l10n.t('Functions'), ['slug', 'version', 'status', 'updated', 'verify_jwt'], async (connection, options) => {
        session.forget(connection, 'functions');
        return (await connection.data.functions(options)).map((fn) => [fn.slug, String(fn.version), fn.status, new Date(fn.updatedAt).toISOString(), fn.verifyJwt === undefined ? null : String(fn.verifyJwt)]);
      });
    case 'functions.deploy':
      return commands.run(operation.slugs === '*' ? 'functions.deployAll' : 'functions.deploy', { slugs: operation.slugs === '*' ? '*' : operation.slugs.map(valueOf), noVerifyJwt: operation.noVerifyJwt, intent: operation.intent });
    case 'functions.rollback':
      return commands.run('functions.rollback', { slug: valueOf(operation.slug), commit: valueOf(operation.commit) });
    case 'secrets.list':
      return showList(needs, instruction, l10n.t('Secrets'), ['name', 'set'], async (connection, options) => {
        session.forget(connection, 'secrets');
        return (await connection.data.secrets(options))
          .filter((secret) => operation.grep === undefined || secret.name.includes(operation.grep))
          .map((secret) => [secret.name, secret.updatedAt === undefined ? null : new Date(secret.updatedAt).toISOString()]);
      });
    case 'secrets.set':
      return commands.run('secrets.set', {
        secrets: operation.secrets.map(({ name, source }) => ({ name, ...(source.kind === 'offer' ? { value: source.value } : source.kind === 'random' ? { value: randomText(source.bytes, source.encoding) } : source.template ? { template: source.template } : {}) })),
      });
    case 'database.inspect':
    case 'database.analyze':
      return commands.run('diagnostics.runAll');
    case 'database.stats':
    case 'health':
      return commands.run('health.report');
    case 'migrations.list':
      return showList(needs, instruction, l10n.t('Migrations applied'), ['version', 'name'], async (connection, options) =>
        (await need(connection.management, l10n.t('Listing migrations')).migrations(connection.project.ref, options)).map((migration) => [migration.version, migration.name ?? null]),
      );
    case 'functions.serve':
      return 'connection' in session.state && session.state.connection.project.kind === 'local' ? commands.run('functions.serve') : openTerminal(needs, operation.command, instruction, session);
    case 'gitLog':
      return commands.run('functions.showWhatChanged', { command: operation.command });
    case 'login':
      return commands.run('account.signIn');
    case 'link':
      return commands.run('project.select');
    case 'migrations.rollback':
    case 'restore':
      return refuseAsWritten(needs, instruction);
    case 'note':
    case 'changeFolder':
      return operation.kind === 'note' && operation.page !== undefined ? commands.run('project.openDashboard', operation.page) : undefined;
    case 'migrations.new':
    case 'migrations.push':
    case 'cliUpdate':
    case 'tlsCheck':
    case 'backup':
    case 'frontendRollback':
    case 'terminal':
      return openTerminal(needs, operation.command, instruction, session);
    default:
      return operation satisfies never;
  }
}

function tailRequest(operation: Extract<Operation, { readonly kind: 'logs' }>): Record<string, unknown> {
  return {
    ...(operation.functions === undefined ? { services: operation.services } : { functions: operation.functions === '*' ? '*' : operation.functions.map(valueOf) }),
    ...(operation.level === undefined ? {} : { level: operation.level }),
    ...(operation.grep === undefined || operation.statistics ? {} : { text: operation.grep }),
    ...(operation.sinceMinutes === undefined ? {} : { sinceMinutes: operation.sinceMinutes }),
    ...(operation.limit === undefined ? {} : { limit: operation.limit }),
  };
}

function randomText(bytes: number, encoding: 'base64' | 'hex'): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return encoding === 'hex' ? Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('') : btoa(String.fromCharCode(...random));
}

/** A list as it is now, not as a view learned it a while ago. */
async function showList(needs: RunNeeds, instruction: Instruction, title: string, names: readonly string[], read: (connection: Connection, options: CallOptions) => Promise<readonly (readonly (string | null)[])[]>): Promise<void> {
  const connection = needs.session.connection();
  await needs.results.show({
    title: `${title} · ${connection.project.name}`,
    statement: instruction.text,
    target: `${connection.project.name} · ${connection.project.environment}`,
    async *run (signal): AsyncGenerator<ResultEvent> {
      const begun = performance.now();
      const rows = await read(connection, { signal, priority: 'user' });
      yield { kind: 'columns', columns: names.map((name) => ({ name, type: 'text', category: name === 'version' ? 'number' : 'text' })) };
      yield { kind: 'rows', rows };
      yield { kind: 'done', command: '', rowCount: rows.length, truncated: false, durationMs: performance.now() - begun };
    },
  });
}

/** What would destroy what it is meant to mend is never run as written; the plan says why and what serves instead. */
async function refuseAsWritten({ ui }: RunNeeds, instruction: Instruction): Promise<void> {
  await ui.consent({
    question: l10n.t('{0} is never run as written.', visible(instruction.text)),
    detail: [instruction.remark ?? l10n.t('It rebuilds the database: all rows are lost.'), ...(instruction.reason === '' ? [] : [visible(instruction.reason)])],
    action: l10n.t('Copy Command'),
  });
  await ui.copy(instruction.text);
}

/** The command is shown first, and typed into a terminal of the place only in a trusted folder (SAFETY 5). */
async function openTerminal({ ui }: RunNeeds, command: string, instruction: Instruction, session: Session): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    throw new OpsError('untrusted', { what: l10n.t('Running a command in the terminal') });
  }
  const targeted = terminalLine(command, hostedRef(session));
  await ui.consent({
    question: l10n.t('Run this in a terminal?'),
    detail: [targeted, '', l10n.t('This command {0}.', riskWord(instruction.risk)), ...(instruction.remark === undefined ? [] : [instruction.remark])],
    action: l10n.t('Open Terminal'),
  });
  const terminal = vscode.window.createTerminal({ name: 'Opsbook', ...(session.place ? { cwd: vscode.Uri.parse(session.place.id, true) } : {}) });
  terminal.show();
  terminal.sendText(targeted, true);
}

function hostedRef({ state }: Session): string | undefined {
  return 'connection' in state && state.connection.project.kind === 'hosted' ? state.connection.project.ref : undefined;
}
