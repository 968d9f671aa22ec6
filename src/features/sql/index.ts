import * as vscode from 'vscode';
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { CallOptions, Database, SqlGrammar, StatementRequest, Storage } from '../../core/ports.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import { bindValues } from '../../core/sql/placeholders.ts';
import type { Cell } from '../../core/sql/result.ts';
import type { InspectedStatement } from '../../core/sql/run.ts';
import { splitStatements, statementAt } from '../../core/sql/split.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import type { ResultsView, RunEnd } from '../../host/results.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { createErrorMarks, registerSqlEditors, type ErrorMarks } from './editors.ts';

export interface SqlNeeds {
  readonly session: Session;
  readonly commands: CommandRegistry;
  readonly consent: Consent;
  readonly results: ResultsView;
  readonly settings: SettingsSource;
  readonly grammar: SqlGrammar;
  /** Of the workspace: what parameters were given last. */
  readonly storage: Storage;
  readonly ui: Ui;
}

/** A statement to run: from a manual, or from an editor, where an error is marked at its place. */
interface Wanted {
  readonly statement: string;
  readonly title: string;
  readonly place?: { readonly document: vscode.TextDocument; readonly start: number };
}

export function registerSql(needs: SqlNeeds): Disposable {
  const owned = new DisposableStore();
  const marks = owned.add(createErrorMarks());
  owned.add(registerSqlEditors(needs.settings, needs.session));
  owned.add(needs.commands.register('sql.newQuery', newQuery));
  owned.add(
    needs.commands.register('sql.runStatement', async (argument) => {
      await runStatement(needs, marks, wantedOf(argument));
    }),
  );
  return owned;
}

async function newQuery(): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'sql', content: '' }));
}

function wantedOf(argument: unknown): Wanted {
  if (typeof argument === 'object' && argument !== null && 'statement' in argument && typeof argument.statement === 'string') {
    return { statement: argument.statement, title: 'title' in argument && typeof argument.title === 'string' && argument.title !== '' ? argument.title : l10n.t('SQL') };
  }
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new OpsError('notFound', { what: l10n.t('An editor with SQL') });
  }
  const { document } = editor;
  const title = document.uri.path.split('/').at(-1) ?? l10n.t('SQL');
  if (typeof argument === 'number') {
    return atOffset(document, argument, title);
  }
  if (!editor.selection.isEmpty) {
    return { statement: document.getText(editor.selection), title, place: { document, start: document.offsetAt(editor.selection.start) } };
  }
  return atOffset(document, document.offsetAt(editor.selection.active), title);
}

function atOffset(document: vscode.TextDocument, offset: number, title: string): Wanted {
  const statement = statementAt(splitStatements(document.getText()), offset);
  if (!statement) {
    throw new OpsError('notFound', { what: l10n.t('A statement at the cursor') });
  }
  return { statement: statement.text, title, place: { document, start: statement.range.start } };
}

/** Reads go to a connection that the server keeps read-only; whatever else is asked about first, with what it would do. */
async function runStatement(needs: SqlNeeds, marks: ErrorMarks, wanted: Wanted): Promise<RunEnd> {
  const { session, results, settings } = needs;
  const connection = session.connection();
  const database = need(connection.database, l10n.t('Running SQL'));
  const { document } = wanted.place ?? {};
  marks.clear(document);
  const statements = splitStatements(wanted.statement);
  const [only] = statements;
  if (!only || statements.length > 1) {
    throw new OpsError('notReadOnly', { statement: visible(wanted.statement), because: l10n.t('it holds {0} statements; one is run at a time', statements.length) });
  }
  const placed = wanted.place && { ...wanted.place, start: wanted.place.start + only.range.start, text: only.text };
  const inspected = await inspect(needs, database, only.text, marks, placed);
  const values = await askValues(needs, inspected);
  const mode = await chooseMode(needs, connection, inspected);
  const request: StatementRequest = {
    text: inspected.text,
    values,
    mode,
    rowLimit: settings.current['opsbook.sql.rowLimit'],
    timeoutMs: settings.current['opsbook.sql.timeoutSeconds'] * 1000,
    background: false,
  };
  const end = await results.show({
    title: wanted.title,
    statement: only.text,
    target: `${connection.project.name} · ${connection.project.environment}, ${database.address}${mode === 'read' ? '' : ` · ${l10n.t('with the right to write')}`}`,
    run: (runSignal) => database.run(request, { signal: runSignal, priority: 'user' } satisfies CallOptions),
  });
  if (end.kind === 'failed' && end.error.code === 'queryFailed') {
    marks.show(placed, end.error.facts as OpsError<'queryFailed'>['facts']);
  }
  return end;
}

/** A fault that the grammar finds is marked where it stands, and nothing is sent. */
async function inspect({ grammar }: SqlNeeds, database: Database, statement: string, marks: ErrorMarks, placed: Parameters<ErrorMarks['show']>[0]): Promise<InspectedStatement> {
  const { inspectStatement } = await import('../../core/sql/run.ts');
  try {
    return await inspectStatement({ grammar, database }, statement, { signal: AbortSignal.timeout(20_000), priority: 'user' });
  } catch (error) {
    if (isOpsError(error, 'sqlSyntax')) {
      marks.show(placed, error.facts);
    }
    throw error;
  }
}

/** Asked with the values of last time; what they are is remembered per name, and never put into the text. */
async function askValues({ ui, storage }: SqlNeeds, { placeholders }: InspectedStatement): Promise<Cell[]> {
  const values = new Map<string, Cell>();
  for (const { name } of placeholders) {
    const key = `parameter ${name}`;
    const value = await ui.ask({ title: l10n.t('Value of {0}', visible(name)), prompt: l10n.t('Sent as a bound parameter.'), value: storage.get<string>(key) ?? '' });
    await storage.set(key, value);
    values.set(name, value);
  }
  return bindValues(placeholders, values);
}

async function chooseMode({ ui, consent }: SqlNeeds, connection: Connection, { statement, classification }: InspectedStatement): Promise<'read' | 'write'> {
  const { kind, risk, why, heldByReadOnly } = classification;
  if (kind === 'read') {
    return 'read';
  }
  if (kind === 'transaction' || kind === 'session') {
    throw new OpsError('notReadOnly', { statement: visible(statement), because: why || l10n.t('each statement is run by itself, so transaction control and settings have no effect') });
  }
  const readOnly = await ui.pick(l10n.t('This statement {0}.', visible(why)), [
    { label: l10n.t('Run…'), icon: 'edit', description: l10n.t('shows what it will do, and asks'), value: false },
    // What acts in spite of a read-only transaction cannot be held by one.
    ...(heldByReadOnly ? [{ label: l10n.t('Run read-only anyway'), icon: 'eye', description: l10n.t('the server refuses whatever writes'), value: true }] : []),
  ]);
  if (readOnly) {
    return 'read';
  }
  await consent.ask(
    connection.project,
    {
      question: l10n.t('Run this on {0}?', visible(connection.project.name)),
      detail: [l10n.t('It {0}.', visible(why)), '', visible(statement).slice(0, 1000), '', l10n.t('What it changes is not undone by Opsbook.')],
      action: l10n.t('Run'),
    },
    risk,
  );
  return 'write';
}
