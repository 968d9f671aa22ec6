import type { Argument, Instruction, Operation, Risk } from '../../core/runbook/operation.ts';
import { maskSecrets } from '../../core/secrets/mask.ts';
import type { RowIcon } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

/** Notes and folder changes are shown and never run. */
export function isRunnable({ operation }: Instruction): boolean {
  return operation.kind !== 'note' && operation.kind !== 'changeFolder';
}

/** The sign of a risk, the same in rows, lenses and plans. */
export function riskIcon(risk: Risk): RowIcon {
  switch (risk) {
    case 'none':
      return { name: 'note' };
    case 'reads':
      return { name: 'eye' };
    case 'writes':
      return { name: 'edit' };
    case 'destroys':
      return { name: 'flame' };
    case 'deploys':
      return { name: 'cloud-upload' };
    case 'secret':
      return { name: 'key' };
    default:
      return risk satisfies never;
  }
}

export function riskWord(risk: Risk): string {
  switch (risk) {
    case 'none':
      return l10n.t('changes nothing');
    case 'reads':
      return l10n.t('reads');
    case 'writes':
      return l10n.t('writes');
    case 'destroys':
      return l10n.t('destroys');
    case 'deploys':
      return l10n.t('deploys');
    case 'secret':
      return l10n.t('changes a secret');
    default:
      return risk satisfies never;
  }
}

const named = (argument: Argument): string => (argument.kind === 'value' ? argument.value : argument.placeholder.text);

function namedAll(list: readonly Argument[] | '*'): string {
  return list === '*' ? l10n.t('all functions') : list.map(named).join(', ');
}

/** A query is known by its text, and so is what runs in the terminal; of all else the meaning tells more than the command. */
export function isKnownByText({ operation }: Instruction): boolean {
  return operation.kind === 'sql' || operation.kind === 'note' || 'command' in operation;
}

/** What an instruction does, in a few words: `tail mint-token`, `deploy all functions`. */
export function describeOperation({ operation }: Instruction): string {
  return visibleLine(words(operation));
}

/** Text of a manual without the values of secrets that it sets, and without what looks like a credential (SAFETY 10). */
export function withoutSecretValues(text: string, instructions: readonly Instruction[]): string {
  const names = new Set(instructions.flatMap(({ operation }) => (operation.kind === 'secrets.set' ? operation.secrets.map(({ name }) => name) : [])));
  const assignment = /\b([A-Za-z_]\w*)=(?:"[^"]*"|'[^']*'|\$\([^)]*\)|[^\s"']+)/g;
  return maskSecrets(text.replace(assignment, (whole, name: string) => (names.has(name) ? `${name}=…` : whole)));
}

// One wording per operation: the table of what a manual can mean.
function words(operation: Operation): string {
  switch (operation.kind) {
    case 'sql':
      return operation.statementKind === 'read' ? l10n.t('run query') : operation.statementKind === 'export' ? l10n.t('export as file') : l10n.t('run SQL that changes something');
    case 'http':
      return `${operation.method} ${operation.target.kind === 'function' ? named(operation.target.slug) : operation.target.kind === 'project' ? operation.target.path : named(operation.target.url)}`;
    case 'logs':
      return l10n.t('tail {0}', operation.functions ? namedAll(operation.functions) : operation.services.join(', '));
    case 'functions.list':
      return l10n.t('list functions');
    case 'functions.deploy':
      return operation.intent === 'restart' ? l10n.t('redeploy what is live of {0}', namedAll(operation.slugs)) : l10n.t('deploy {0}', namedAll(operation.slugs));
    case 'functions.rollback':
      return l10n.t('roll back {0}', named(operation.slug));
    case 'secrets.list':
      return l10n.t('list secrets');
    case 'secrets.set':
      return l10n.t('set {0}', operation.secrets.map((secret) => secret.name).join(', '));
    case 'database.inspect':
    case 'database.analyze':
      return l10n.t('run all diagnostics and ask Supabase’s advisors');
    case 'database.stats':
    case 'health':
      return l10n.t('check health');
    case 'migrations.list':
      return l10n.t('list migrations');
    case 'migrations.new':
    case 'migrations.push':
    case 'functions.serve':
    case 'cliUpdate':
    case 'frontendRollback':
    case 'terminal':
    case 'tlsCheck':
    case 'backup':
      return l10n.t('run in the terminal');
    case 'gitLog':
      return l10n.t('show what changed');
    case 'login':
      return l10n.t('sign in');
    case 'link':
      return l10n.t('select project');
    case 'migrations.rollback':
    case 'restore':
      return l10n.t('never run as written');
    case 'changeFolder':
      return l10n.t('change folder');
    case 'note':
      return l10n.t('note');
    default:
      return operation satisfies never;
  }
}
