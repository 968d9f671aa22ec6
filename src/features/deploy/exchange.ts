import { OpsError } from '../../core/errors.ts';
import { teamDeploys } from '../../core/functions/sharedLedger.ts';
import type { CommitNotes, ProgramCall } from '../../core/ports.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { shareOwnDeploys } from './share.ts';

/** Pushes are refused when a colleague was faster: then their notes are fetched and merged again, so often at most. */
const mostRounds = 3;

/**
 * Fetches the team's notes and pushes own ones. Both are the user's own git in a terminal, shown before: it may ask for a passphrase and
 * runs whatever credential helper or SSH command the user has set up, which Opsbook never does behind anybody's back. Between them the
 * notes are merged here.
 */
export async function exchangeLedger(needs: DeployFeatureNeeds): Promise<void> {
  const { ui, isTrusted } = needs;
  const connection = needs.session.connection();
  const { place, project } = connection;
  if (!isTrusted()) {
    throw new OpsError('untrusted', { what: l10n.t('Running git') });
  }
  if (!place) {
    throw new OpsError('notFound', { what: l10n.t('A folder with supabase/functions') });
  }
  const { ledger } = await needs.records(project.ref);
  await shareOwnDeploys(needs, connection, ledger);
  const { notes, remotes } = await ui.progress(l10n.t('Reading the repository’s notes'), async (signal) => {
    const found = await needs.notes(place, signal);
    return { notes: found, remotes: (await found?.remotes(signal)) ?? [] };
  });
  const [first] = remotes;
  if (!notes || !first) {
    throw new OpsError('notFound', { what: l10n.t('A remote of this repository') });
  }
  const remote = remotes.length === 1 ? first : await ui.pick(l10n.t('Exchange deploys through which remote?'), remotes.map((one) => ({ label: visibleLine(one.name), icon: 'repo', description: withoutPassword(one.url), value: one })));
  await consent(needs, notes, remote, project.ref);
  const told = await deploysIn(notes, project.ref);
  await exchange(needs, notes, remote.name);
  needs.session.forget(connection, 'functions');
  const come = (await deploysIn(notes, project.ref)) - told;
  ui.tell(l10n.t('Deploys are exchanged with {0}: {1} came.', visibleLine(remote.name), come), { label: l10n.t('Show Deploys'), run: async () => needs.commands.run('functions.showLedger') });
}

async function deploysIn(notes: CommitNotes, ref: string): Promise<number> {
  return teamDeploys(await notes.read(AbortSignal.timeout(30_000)), ref, []).length;
}

async function consent({ ui }: DeployFeatureNeeds, notes: CommitNotes, { name, url }: { readonly name: string; readonly url: string }, ref: string): Promise<void> {
  const unsent = teamDeploys(await notes.unsent(name, AbortSignal.timeout(30_000)), ref, []);
  await ui.consent({
    question: l10n.t('Exchange deploys with {0}?', visibleLine(name)),
    detail: [
      `${visibleLine(name)}: ${withoutPassword(url)}`,
      unsent.length === 0 ? l10n.t('Nothing of this project is to be sent.') : l10n.t('Sent ({0}): function, versions, time, account and reason of each deploy; whoever may read the repository can read them.', unsent.length),
      l10n.t('In a terminal, with your own git and its credentials:'),
      ...[notes.fetchCommand(name), notes.pushCommand(name)].map(commandText),
      l10n.t('Between them the notes of both sides are merged. Your files, index and branches are not touched.'),
    ],
    action: l10n.t('Exchange'),
  });
}

async function exchange({ ui, runInTerminal }: DeployFeatureNeeds, notes: CommitNotes, remote: string): Promise<void> {
  for (let round = 1; ; round++) {
    if ((await runInTerminal(l10n.t('Fetch deploys'), notes.fetchCommand(remote))) !== 0) {
      throw refusal('fetch');
    }
    const { came, left } = await ui.progress(l10n.t('Merging notes'), async (signal) => ({ came: await notes.merge(remote, signal), left: (await notes.unsent(remote, signal)).size }));
    if (left === 0) {
      return;
    }
    // Refused, and nobody was faster: asking again would be refused again.
    if (round === mostRounds || (round > 1 && !came)) {
      throw refusal('push');
    }
    if ((await runInTerminal(l10n.t('Push deploys'), notes.pushCommand(remote))) === 0) {
      await notes.pushed(remote, AbortSignal.timeout(30_000));
      return;
    }
  }
}

function refusal(command: 'fetch' | 'push'): OpsError {
  return new OpsError('gitFailed', { command, message: l10n.t('the terminal has its words') });
}

function commandText({ args }: ProgramCall): string {
  return visibleLine(['git', ...args].join(' '));
}

/** An address may hold a token. */
function withoutPassword(url: string): string {
  return visibleLine(url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1…@'));
}
