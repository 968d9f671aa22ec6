import { OpsError } from '../errors.ts';
import { l10n } from '../../util/l10n.ts';

/**
 * What is typed into a terminal for a command of a manual, in one line; the person is shown this very text first (SAFETY 5). `hostedRef`:
 * the project shown, where it is a hosted one. Throws `notSent` for a command with anything in it that cannot be seen.
 */
export function terminalLine(command: string, hostedRef: string | undefined): string {
  const line = withTarget(command.replaceAll(/\s*\\\r?\n\s*/g, ' '), hostedRef);
  // A line break would run what looks like one command's second line; anything else invisible hides something.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line)) {
    throw new OpsError('notSent', { because: l10n.t('The command holds a line break or invisible characters, which can hide what it does. Read it in the document, and type it yourself if it is right.') });
  }
  return line;
}

/** Without a target CLI 3 takes the local stack and CLI 2 the linked project: a manual means the selected one. */
function withTarget(command: string, hostedRef: string | undefined): string {
  const takesTarget = /^supabase (db|migration list|migration repair|functions (?!serve|new)|secrets|inspect)/.test(command);
  return hostedRef !== undefined && takesTarget && !/--(project-ref|remote|linked|local|db-url)\b/.test(command) ? `${command} --project-ref ${hostedRef}` : command;
}
