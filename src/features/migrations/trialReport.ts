import type { TextRange } from '../../core/runbook/document.ts';
import { statementMs, totalMs, type Outcome, type TriedMigration } from '../../core/sql/trial/run.ts';
import { unknowableWords } from '../../core/sql/trial/words.ts';
import { plainMarkdown, plainMessage } from '../../host/plainText.ts';
import { markdownTable } from '../../host/reportTables.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

export interface Trial {
  readonly tried: readonly TriedMigration[];
  readonly project: string;
  readonly address: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Versions that are applied there, and of which there is no file. */
  readonly unfiled: readonly string[];
}

/** One sentence or two, for a message. */
export function summaryOf(tried: readonly TriedMigration[], project: string): string {
  const ran = tried.filter(({ outcome }) => outcome.kind === 'ran').length;
  const stopped = tried.find(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'unknown');
  const name = stopped === undefined ? '' : nameOf(stopped);
  switch (stopped?.outcome.kind) {
    case 'failed':
      return plainMessage(l10n.t('Tried on {0} and rolled back: {1} fails ({2}). {3} before it ran, {4} after it were not tried.', project, name, visibleLine(stopped.outcome.facts.message), ran, tried.length - ran - 1));
    case 'unknown':
      return plainMessage(l10n.t('Tried on {0} and rolled back: {1} ran. From {2} on it cannot be known: {3}.', project, ran, name, unknowableWords(stopped.outcome.because)));
    default:
      return plainMessage(l10n.t('Tried on {0} and rolled back: all {1} pending migrations run there.', project, ran));
  }
}

export function trialReport({ tried, project, address, at, unfiled }: Trial): string {
  const rows = tried.map((each) => [plainMarkdown(nameOf(each)), outcomeWords(each), `${each.ran}/${each.migration.statements.length}`, each.outcome.kind === 'notTried' ? '' : `${each.durationMs} ms`]);
  const warnings = tried.flatMap((each) => each.warnings.map((warning) => `- ${plainMarkdown(nameOf(each))}: ${plainMarkdown(warning)}`));
  const names = (is: (migration: TriedMigration['migration']) => boolean): string => tried.filter(({ migration }) => is(migration)).map((each) => plainMarkdown(nameOf(each))).join(', ');
  const late = names(({ outOfOrder }) => outOfOrder === true);
  const torn = names(({ isWhole }) => !isWhole);
  const asRole = names(({ leavesRole }) => leavesRole);
  return [
    `# ${l10n.t('Migrations tried on {0}', plainMarkdown(project))}`,
    '',
    `${new Date(at).toISOString()} · ${plainMarkdown(address)}`,
    '',
    `**${plainMarkdown(summaryOf(tried, project))}**`,
    '',
    ...markdownTable([l10n.t('migration'), l10n.t('outcome'), l10n.t('statements'), l10n.t('took')], rows),
    ...(late === '' ? [] : ['', l10n.t('Newer ones were applied before, so that the CLI asks for `--include-all`: {0}.', late)]),
    ...(unfiled.length === 0 ? [] : ['', l10n.t('Applied there, and without a file here, so that the CLI pushes nothing until the files are back or `supabase migration repair` says that they are not applied: {0}.', unfiled.map(plainMarkdown).join(', '))]),
    ...(torn === '' ? [] : ['', l10n.t('Begin and end transactions of their own, or ask for none, so that the CLI adds none: what ran before a failure stays applied, without a row in the history: {0}.', torn)]),
    ...(asRole === '' ? [] : ['', l10n.t('Leave another role set at their end. With a database password the CLI writes its history as that role, and fails if it may not; `reset role` at the end mends it: {0}.', asRole)]),
    ...(warnings.length === 0 ? [] : ['', `## ${l10n.t('Warnings of the server')}`, '', ...warnings]),
    '',
    `## ${l10n.t('What this says, and what it does not')}`,
    '',
    `- ${l10n.t('All of them ran in one transaction, with the schema and the rows of this database and as its role; others may have other rows and rights.')}`,
    `- ${l10n.t('Each statement had {0} seconds, and waited a tenth of one for locks; all together had {1} seconds.', statementMs / 1000, totalMs / 1000)}`,
    `- ${l10n.t('Bodies of PL/pgSQL functions were checked for their syntax alone.')}`,
    `- ${l10n.t('BEGIN and COMMIT within a file, and its own timeouts, were left out. What a commit checks and ends (deferred constraints, temporary tables, settings of a transaction) was done where the CLI commits.')}`,
    `- ${l10n.t('Sequences keep the values that they were moved to, and what code did elsewhere (dblink, http) was done.')}`,
    '',
  ].join('\n');
}

function outcomeWords({ outcome, migration: { text } }: TriedMigration): string {
  const line = (range: TextRange): string => l10n.t('line {0}', text.slice(0, range.start).split('\n').length);
  switch (outcome.kind) {
    case 'ran':
      return l10n.t('ran');
    case 'failed':
      return `**${l10n.t('fails')}**, ${line(outcome.at)}: ${plainMarkdown(failureWords(outcome))}`;
    case 'unknown':
      return `${l10n.t('not known')}, ${l10n.t('from {0} on', line(outcome.at))}: ${plainMarkdown([unknowableWords(outcome.because), outcome.message].filter((part) => part !== '').join(' — '))}`;
    case 'notTried':
      return l10n.t('not tried');
    default:
      return outcome satisfies never;
  }
}

function failureWords({ facts: { message, detail = '', hint = '', sqlState } }: Extract<Outcome, { kind: 'failed' }>): string {
  return [`${message} (${sqlState})`, detail, hint].filter((part) => part !== '').join(' — ');
}

function nameOf({ migration }: TriedMigration): string {
  return visibleLine(migration.path.split('/').at(-1) ?? migration.path);
}
