import { isOpsError, type AbsenceReason, type ErrorCode, type OpsError } from '../core/errors.ts';
import { commandId, type CommandKey } from '../contributions.ts';
import { maskSecrets } from '../core/secrets/mask.ts';
import { l10n } from '../util/l10n.ts';
import { visible } from '../util/visible.ts';

export interface NextStep {
  readonly label: string;
  readonly command: string;
  readonly arguments: readonly unknown[];
}

export interface ErrorMessage {
  /** One sentence, in one line, that names the thing; outside text in it has its control characters made visible and credentials masked. */
  readonly message: string;
  /** Beside trying again, which is always offered. */
  readonly next: readonly NextStep[];
}

type AnyOpsError = { [C in ErrorCode]: OpsError<C> }[ErrorCode];

/** The one place where an error gets its words and its next steps. */
export function errorMessage(error: unknown): ErrorMessage {
  if (!isOpsError(error)) {
    const text = error instanceof Error ? error.message || error.name : String(error);
    return { message: inOneLine(l10n.t('Something unexpected happened: {0}', text)), next: [showLog()] };
  }
  return { message: inOneLine(word(error as AnyOpsError)), next: nextSteps(error as AnyOpsError) };
}

/** No outside text can begin a line of its own, where the message stands among others. */
function inOneLine(text: string): string {
  return visible(maskSecrets(text.replace(/\s*[\n\r\v\f\u0085\u2028\u2029]\s*/g, ' ')));
}

const step = (label: string, key: CommandKey, ...values: unknown[]): NextStep => ({ label, command: commandId(key), arguments: values });
const showLog = () => step(l10n.t('Show Log'), 'showLog');
const manageTrust = (): NextStep => ({ label: l10n.t('Manage Trust'), command: 'workbench.trust.manage', arguments: [] });
const openSetting = (label: string, setting: string): NextStep => ({ label, command: 'workbench.action.openSettings', arguments: [setting] });

function nextSteps(error: AnyOpsError): NextStep[] {
  switch (error.code) {
    case 'notSignedIn':
    case 'tokenRejected':
    case 'tokenMalformed':
      return [step(l10n.t('Sign In'), 'account.signIn')];
    case 'permissionMissing':
      return [step(l10n.t('Sign In with Another Token'), 'account.signIn')];
    case 'noProject':
    case 'projectNotFound':
      return [step(l10n.t('Select Project'), 'project.select')];
    case 'databaseRefused':
    case 'tlsRefused':
      return [step(l10n.t('Set Connection String'), 'project.setConnectionString'), openSetting(l10n.t('Open Settings'), 'opsbook.database')];
    case 'unreachable':
      // The direct database host has no IPv4 address (SAFETY 8).
      return /^db\./.test(error.facts.host) && ['ENETUNREACH', 'ENOTFOUND', 'EHOSTUNREACH'].includes(error.facts.reason) ? [step(l10n.t('Use the Pooler'), 'project.connectThroughPooler')] : [];
    case 'absent':
      return waysAround(error.facts.reason);
    case 'untrusted':
      return [manageTrust()];
    case 'transactionOpen':
    case 'notInTransaction':
      return [step(l10n.t('Commit…'), 'sql.commitTransaction'), step(l10n.t('Roll Back'), 'sql.rollBackTransaction')];
    case 'notFound':
      return [step(l10n.t('Refresh'), 'refresh')];
    case 'allowanceExhausted':
      return [step(l10n.t('Open Dashboard'), 'project.openDashboard')];
    case 'bodyNotKept':
      return [step(l10n.t('Choose a Commit'), 'functions.rollback', error.facts.slug)];
    case 'alreadyPaused':
      return [step(l10n.t('Resume'), 'functions.resume', error.facts.slug)];
    case 'notPaused':
      return [step(l10n.t('Refresh'), 'refresh')];
    case 'gitMissing':
      return [openSetting(l10n.t('Open Settings'), 'opsbook.gitPath')];
    case 'cliMissing':
    case 'cliUnsupported':
      return [openSetting(l10n.t('Open Settings'), 'opsbook.cliPath')];
    case 'serviceFailed':
    case 'badAnswer':
    case 'cliFailed':
    case 'gitFailed':
    case 'deployUnverified':
      return [showLog()];
    default:
      return [];
  }
}

/** What gives a project the way that it lacks. */
function waysAround(reason: AbsenceReason): NextStep[] {
  switch (reason) {
    case 'noManagementApi':
    case 'noGatewayKey':
      return [step(l10n.t('Select Project'), 'project.select')];
    case 'noDatabaseConnection':
      return [step(l10n.t('Set Connection String'), 'project.setConnectionString')];
    case 'noLogStore':
      return [step(l10n.t('Set Key of Log Store'), 'logs.setStoreKey')];
    case 'untrustedWorkspace':
      return [manageTrust()];
    case 'noGitHistory':
      return [openSetting(l10n.t('Open Settings'), 'opsbook.gitPath')];
    case 'noCli':
      return [openSetting(l10n.t('Open Settings'), 'opsbook.cliPath')];
    default:
      return reason satisfies never;
  }
}

/** A token that is only being tried belongs to no account yet. */
function tokenOf(account: string): string {
  return account === '' ? l10n.t('this access token') : l10n.t('the access token of {0}', account);
}

function absence(reason: AbsenceReason): string {
  switch (reason) {
    case 'noManagementApi':
      return l10n.t('a local or self-hosted project has no Management API');
    case 'noDatabaseConnection':
      return l10n.t('it needs a database connection string');
    case 'noGatewayKey':
      return l10n.t('it needs an API key of the project');
    case 'noLogStore':
      return l10n.t('its log store (Logflare) is switched off, or the key of it was not given');
    case 'untrustedWorkspace':
      return l10n.t('the workspace is not trusted');
    case 'noGitHistory':
      return l10n.t('the folder is no git repository, or git was not found');
    case 'noCli':
      return l10n.t('it needs the Supabase CLI');
    default:
      return reason satisfies never;
  }
}

// The exhaustive table of wordings: long because there are many codes, not because anything in it is involved.
function word(error: AnyOpsError): string {
  switch (error.code) {
    case 'notSignedIn':
      return l10n.t('You are not signed in to Supabase.');
    case 'noProject':
      return l10n.t('No project is selected.');
    case 'absent':
      return l10n.t('{0} is not available here: {1}.', error.facts.what, absence(error.facts.reason));
    case 'untrusted':
      return l10n.t('{0} needs a trusted workspace: nothing of an untrusted folder is executed.', error.facts.what);
    case 'tokenRejected':
      return l10n.t('{0} does not accept {1}: it was mistyped, revoked or has expired. Sign in again with a new one.', error.facts.origin, tokenOf(error.facts.account));
    case 'tokenMalformed':
      return l10n.t('This is no Supabase access token: it starts with sbp_ and has 40 hexadecimal digits. Nothing was sent.');
    case 'permissionMissing':
      return error.facts.account === ''
        ? l10n.t('This token may not {0}. Give it that permission, or use a token that has it.', error.facts.operation)
        : l10n.t('The token of {1} may not {0}. Give it that permission, or sign in with a token that has it.', error.facts.operation, error.facts.account);
    case 'projectNotFound':
      return l10n.t('There is no project {0} in this account. Select another project, or sign in with the account that owns it.', error.facts.ref);
    case 'notFound':
      return l10n.t('{0} does not exist.', error.facts.what);
    case 'allowanceExhausted':
      return l10n.t('The plan’s allowance is used up, so Supabase refused to {0}: {1}. Raise it in the dashboard, or wait for the next period.', error.facts.operation, sentence(error.facts.message));
    case 'rateLimited':
      return l10n.t('Supabase limits how often this may be asked; it can {0} again in {1} s.', error.facts.operation, Math.ceil(error.facts.retryAfterSeconds));
    case 'serviceFailed':
      return l10n.t('Supabase could not {0} (status {1}): {2}.', error.facts.operation, error.facts.status, sentence(error.facts.message));
    case 'badAnswer':
      return l10n.t('The answer to “{0}” could not be read: {1}. Try again.', error.facts.operation, sentence(error.facts.problem));
    case 'unreachable':
      return l10n.t('{0} cannot be reached ({1}). Check the network and try again.', error.facts.host, error.facts.reason);
    case 'addressRefused':
      return l10n.t('{0} is this machine or its own link ({1}); requests there have to be allowed first. Nothing was sent.', error.facts.host, error.facts.address);
    case 'tlsRefused':
      return l10n.t('The identity of {0} could not be verified ({1}). Set the CA certificate in the setting opsbook.database.caFile.', error.facts.host, error.facts.reason);
    case 'timedOut':
      if (error.facts.statement !== undefined) {
        return error.facts.statement === 'run'
          ? l10n.t('The statement was ended at the server after {0} s, and what it did was taken back. It gets more time by the setting opsbook.sql.timeoutSeconds.', error.facts.seconds)
          : l10n.t('The statement was ended at the server after {0} s: what is only tried has no more time. Nothing of it stays.', error.facts.seconds);
      }
      return l10n.t('There was no answer within {1} s while trying to {0}. Try again.', error.facts.operation, error.facts.seconds);
    case 'cancelled':
      return l10n.t('Cancelled.');
    case 'queryFailed':
      return l10n.t('{0} (SQLSTATE {1}){2}', error.facts.message, error.facts.sqlState, error.facts.hint ? ` ${l10n.t('Hint: {0}', error.facts.hint)}` : '');
    case 'notReadOnly':
      return l10n.t('“{0}” is not run as a read: {1}. Nothing was sent.', firstWords(error.facts.statement), sentence(error.facts.because));
    case 'databaseRefused':
      return error.facts.sqlState === '53300'
        ? l10n.t('{0} has no connection left: {1}. Those who hold them: the diagnostics “Connections in use” and “Connections of one client”.', error.facts.host, sentence(error.facts.message))
        : l10n.t('{0} refused the connection: {1}. Check the connection string.', error.facts.host, sentence(error.facts.message));
    case 'connectionLost':
      return l10n.t('The connection to {0} was lost. Whether a statement that was running took effect is not known; nothing is run again by itself.', error.facts.host);
    case 'transactionLost':
      return error.facts.reason === ''
        ? l10n.t('The connection to {0} was lost, and the server rolled the open transaction back: nothing of it took effect.', error.facts.host)
        : l10n.t('The open transaction was ended by {0} and rolled back ({1}): nothing of it took effect.', error.facts.host, sentence(error.facts.reason));
    case 'commitUnknown':
      return l10n.t('The connection to {0} was lost while the transaction was committed. Whether it was is not known here; the server can be asked.', error.facts.host);
    case 'transactionOpen':
      return l10n.t('A transaction is open on {0} already. Commit it or roll it back first.', error.facts.project);
    case 'notInTransaction':
      return l10n.t('“{0}” cannot run inside a transaction, and one is open. Commit it or roll it back, then run the statement alone. Nothing was sent.', firstWords(error.facts.statement));
    case 'sqlSyntax':
      return l10n.t('Syntax error at character {0}: {1}. Correct the statement; nothing was sent.', error.facts.position, sentence(error.facts.message));
    case 'gitMissing':
      return l10n.t('git was not found. Install it, or set its path in the setting opsbook.gitPath.');
    case 'notARepository':
      return l10n.t('{0} is no git repository, so there is no history to deploy from or to roll back to. Open the folder of a repository, or run git init.', error.facts.folder);
    case 'gitFailed':
      return l10n.t('git {0} failed: {1}.', error.facts.command, sentence(error.facts.message));
    case 'commitNotFound':
      return l10n.t('The commit {0} is not in this repository. Fetch it, or choose another one.', error.facts.commit);
    case 'commitNotWhole':
      return l10n.t('This partial clone does not hold all files of the commit {0}, and Opsbook fetches nothing by itself. Fetch them (git backfill, or check the commit out once elsewhere), or choose another one.', error.facts.commit);
    case 'cliMissing':
      return l10n.t('The Supabase CLI was not found. Install it, or set its path in the setting opsbook.cliPath.');
    case 'cliUnsupported':
      return l10n.t('Supabase CLI {0} is not known to Opsbook, which works with {1}. Install one of these, or set its path in the setting opsbook.cliPath.', error.facts.version, error.facts.supported);
    case 'cliFailed':
      return l10n.t('{0} failed (exit code {1}): {2}.', error.facts.command, error.facts.exitCode, sentence(error.facts.message));
    case 'functionMissing':
      return l10n.t('The function {0} does not exist in {1}. Choose another commit, or another function.', error.facts.slug, error.facts.commit === '' ? l10n.t('the working tree') : error.facts.commit);
    case 'entrypointMissing':
      return l10n.t('The entrypoint {1} of {0} does not exist. Add the file, or correct supabase/config.toml.', error.facts.slug, error.facts.path);
    case 'importMissing':
      return l10n.t('{0} imports {1} in {2}, which does not exist. Add the file, or correct the import.', error.facts.slug, error.facts.path, error.facts.importedFrom);
    case 'deployUnverified':
      return l10n.t('{0} was sent, but what is live is not what was meant: {1}. Deploy again, or roll back.', error.facts.slug, sentence(error.facts.problem));
    case 'deployRunning':
      return l10n.t('A deploy of {0} is already running, perhaps in another window. Wait until it has ended.', error.facts.slug);
    case 'bodyNotKept':
      return l10n.t('The body of {0} version {1} is not kept on this machine. Roll back to a commit instead.', error.facts.slug, error.facts.version);
    case 'alreadyPaused':
      return l10n.t('{0} is paused already, by {1}. Resume it to bring the code of before back.', error.facts.slug, error.facts.by);
    case 'notPaused':
      return l10n.t('{0} is not paused: what is live is no pause of Opsbook’s.', error.facts.slug);
    case 'changedMeanwhile':
      return l10n.t('{0} changed meanwhile, so nothing was written. Run the command again to see them as they are now.', error.facts.files.join(', '));
    case 'badPath':
      return l10n.t('The path {0} leads out of its folder, or is no name for a file everywhere, and is refused. Rename it.', error.facts.path);
    case 'storageFailed':
      return l10n.t('Opsbook cannot keep its own files in {0} ({1}). Free some space or make the folder writable, then try again.', error.facts.path, error.facts.reason);
    case 'fileNotWritten':
      return notWrittenWords(error.facts);
    case 'badDocument':
      return l10n.t('{0} cannot be read: {1}. Correct it and try again.', error.facts.document, sentence(error.facts.problem));
    case 'badFilter':
      return error.facts.problem;
    case 'notSent':
      return l10n.t('Not sent: {0}', error.facts.because);
    case 'badConfig':
      return l10n.t('{0} is not valid: {1}. Correct it and try again.', error.facts.file, sentence(error.facts.problem));
    case 'placeholdersLeft':
      return l10n.t('Not run: {0} still has to be filled in.', error.facts.names.join(', '));
    default:
      return error satisfies never;
  }
}

function notWrittenWords({ path, reason }: OpsError<'fileNotWritten'>['facts']): string {
  const known: Readonly<Record<string, string>> = {
    ENOSPC: l10n.t('the disk is full'),
    EDQUOT: l10n.t('the disk is full'),
    EFBIG: l10n.t('the file would be too large for the disk'),
    EACCES: l10n.t('it may not be written'),
    EPERM: l10n.t('it may not be written'),
    EROFS: l10n.t('the disk is read-only'),
    EISDIR: l10n.t('it is a folder'),
    ENOENT: l10n.t('its folder is not there'),
    ENOTDIR: l10n.t('its folder is not there'),
  };
  return l10n.t('{0} was not written: {1}. What was there before is unchanged; export to another place.', path, known[reason] ?? reason);
}

/** Outside text before a full stop of ours. */
function sentence(text: string): string {
  return text.trim().replace(/\.+$/, '');
}

/** `alter role`: enough to name a statement, and none of its values. */
function firstWords(statement: string): string {
  return /^[A-Za-z]+(?:\s+[A-Za-z]+)?/.exec(statement.trim())?.[0] ?? l10n.t('The statement');
}
