/** The command that has every statement of the active document prepared by the connected server, whichever that is. */
import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import { need } from '../../core/project/connection.ts';
import { isForTrying, type Project } from '../../core/project/project.ts';
import type { LeftOut } from '../../core/sql/prepared/preparable.ts';
import { askAbout, type Answers } from '../../core/sql/prepared/serverQuestions.ts';
import type { Consent } from '../../host/consent.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { requestFor, type RequestNeeds } from './request.ts';

export interface CheckOnServerNeeds extends RequestNeeds {
  readonly ui: Ui;
  readonly consent: Consent;
}

const mostAtOnce = 2_000;

/** `answered`: what is marked in the document may be other now. Throws `notFound`, `absent`, and what keeps the server from answering. */
export async function checkOnServer(needs: CheckOnServerNeeds, answered: (document: vscode.TextDocument) => void): Promise<void> {
  const { session, catalogs, analyst, consent, ui } = needs;
  const { project, ...connection } = session.connection();
  const database = need(connection.database, l10n.t('Checking statements on the server'));
  const document = vscode.window.activeTextEditor?.document;
  const name = visibleLine(project.name);
  if (!database.capabilities.prepares) {
    throw new OpsError('absent', { what: l10n.t('Checking statements on the server'), reason: 'noDatabaseConnection' });
  }
  const { found, catalog } = await ui.progress(l10n.t('Looking for statements'), async (signal) => {
    await catalogs.ready(signal);
    const asked = document && (await requestFor(document, needs));
    const known = asked?.request.catalog;
    if (asked === undefined || known === undefined) {
      throw new OpsError('notFound', { what: l10n.t('SQL of {0} in the active editor, with a catalog that could be read,', name) });
    }
    return { found: await analyst.preparable(asked.request, { most: mostAtOnce }, signal), catalog: known };
  });
  const { statements, left } = found;
  if (statements.length === 0) {
    ui.tell([l10n.t('There is nothing to ask the server.'), ...leftWords(left), ...(leftWords(left).length === 0 ? [l10n.t('Of migrations that were applied, or where it is not known which were, nothing is asked.')] : [])].join(' '));
    return;
  }
  if (!isForTrying(project)) {
    await consent.ask(project, planFor(project, statements.length), 'reads');
  }
  try {
    const answers = await ui.progress(l10n.t('Checking statements on {0}', name), async (signal, report) =>
      askAbout(statements, { database, catalog, analyst }, { signal, priority: 'user' }, (done) => report(l10n.t('{0} of {1}', done + 1, statements.length))),
    );
    const message = [answerWords(name, answers), ...leftWords(left), ...(statements.length === mostAtOnce ? [l10n.t('These were the first {0}: run it again for the others.', mostAtOnce)] : [])].join(' ');
    if (answers.refused > 0) {
      ui.warn(message);
    } else {
      ui.tell(message);
    }
  } finally {
    if (document !== undefined) {
      answered(document);
    }
  }
}

function planFor(project: Project, statements: number) {
  return {
    question: statements === 1 ? l10n.t('Have {0} prepare 1 statement?', visibleLine(project.name)) : l10n.t('Have {0} prepare {1} statements?', visibleLine(project.name), statements),
    detail: [
      l10n.t('The server looks up their names and types, one statement after the other. None of them is run.'),
      l10n.t('For each it locks the tables that the statement names (ACCESS SHARE; ROW EXCLUSIVE where it would write), until ROLLBACK at once. Nobody’s reading or writing waits for that; ALTER TABLE and the like do, and whoever queues behind them, as long as it takes.'),
      l10n.t('It waits at most a tenth of a second for a lock that somebody else has, and works at most 2 seconds on each.'),
      l10n.t('What it refuses stands in its log as an error.'),
    ],
    action: l10n.t('Prepare'),
  };
}

function answerWords(project: string, { accepted, refused, unsaid, unknown }: Answers): string {
  const open = unsaid + unknown;
  return open === 0
    ? l10n.t('Prepared on {0} and not run: {1} accepted, {2} refused.', project, accepted, refused)
    : l10n.t('Prepared on {0} and not run: {1} accepted, {2} refused, {3} not known (a lock or a value is wanting).', project, accepted, refused, open);
}

function leftWords({ known, syntaxOnly, open, dependent, faulty }: LeftOut): string[] {
  const parts = [
    known > 0 ? l10n.t('{0} that the server has answered already', known) : '',
    syntaxOnly > 0 ? l10n.t('{0} of which it would check the syntax alone (CREATE, ALTER, …)', syntaxOnly) : '',
    dependent > 0 ? l10n.t('{0} that name what is made or changed before them', dependent) : '',
    open > 0 ? l10n.t('{0} with a name or more left open', open) : '',
    faulty > 0 ? l10n.t('{0} with a syntax error', faulty) : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [l10n.t('Not asked about: {0}.', parts.join(', '))];
}
