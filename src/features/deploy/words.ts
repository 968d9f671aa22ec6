import type { DeployAction } from '../../core/functions/ledger.ts';
import { l10n } from '../../util/l10n.ts';

/** What an action is called where it is asked for, while it runs, and when it is done. */
export interface ActionWords {
  readonly question: (functions: string, project: string) => string;
  readonly button: string;
  readonly running: (functions: string) => string;
  readonly done: (slug: string, version: number) => string;
}

export function actionWords(action: DeployAction): ActionWords {
  switch (action) {
    case 'deploy':
      return {
        question: (functions, project) => l10n.t('Deploy {0} to {1}?', functions, project),
        button: l10n.t('Deploy'),
        running: (functions) => l10n.t('Deploying {0}', functions),
        done: (slug, version) => l10n.t('{0} is deployed: version {1} is live and verified.', slug, version),
      };
    case 'rollback':
      return {
        question: (functions, project) => l10n.t('Roll {0} back on {1}?', functions, project),
        button: l10n.t('Roll Back'),
        running: (functions) => l10n.t('Rolling {0} back', functions),
        done: (slug, version) => l10n.t('{0} is rolled back: version {1} is live and verified.', slug, version),
      };
    case 'pause':
      return {
        question: (functions, project) => l10n.t('Pause {0} on {1}?', functions, project),
        button: l10n.t('Pause'),
        running: (functions) => l10n.t('Pausing {0}', functions),
        done: (slug, version) => l10n.t('{0} is paused: version {1} answers 503 to every call.', slug, version),
      };
    case 'resume':
      return {
        question: (functions, project) => l10n.t('Resume {0} on {1}?', functions, project),
        button: l10n.t('Resume'),
        running: (functions) => l10n.t('Resuming {0}', functions),
        done: (slug, version) => l10n.t('{0} answers again: version {1} is live and verified.', slug, version),
      };
    case 'restart':
      return {
        question: (functions, project) => l10n.t('Restart {0} on {1}?', functions, project),
        button: l10n.t('Restart'),
        running: (functions) => l10n.t('Restarting {0}', functions),
        done: (slug, version) => l10n.t('{0} is restarted: version {1} holds what was live before.', slug, version),
      };
    case 'delete':
      return {
        question: (functions, project) => l10n.t('Delete {0} from {1}?', functions, project),
        button: l10n.t('Delete'),
        running: (functions) => l10n.t('Deleting {0}', functions),
        done: (slug) => l10n.t('{0} is deleted.', slug),
      };
    case 'settings':
      return {
        question: (functions, project) => l10n.t('Change whether {0} on {1} asks for a token?', functions, project),
        button: l10n.t('Change'),
        running: (functions) => l10n.t('Changing {0}', functions),
        done: (slug, version) => l10n.t('{0} is changed: version {1} is live.', slug, version),
      };
    default:
      return action satisfies never;
  }
}
