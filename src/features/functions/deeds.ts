import type { DeployAction, LedgerOrigin } from '../../core/functions/ledger.ts';
import { l10n } from '../../util/l10n.ts';

/** What was done, in the past tense. */
export function deedWord(action: DeployAction): string {
  return {
    deploy: l10n.t('Deployed'),
    rollback: l10n.t('Rolled back'),
    pause: l10n.t('Paused'),
    resume: l10n.t('Resumed'),
    restart: l10n.t('Restarted'),
    delete: l10n.t('Deleted'),
    settings: l10n.t('Settings changed'),
  }[action];
}

/** `3f2a91c`, `body of v12`; empty when it came from no commit and no record. */
export function originWord(origin: LedgerOrigin): string {
  return 'commit' in origin && origin.commit !== undefined ? origin.commit.slice(0, 7) : origin.kind === 'recorded' ? l10n.t('body of v{0}', origin.version) : '';
}
