import type { CallLog } from '../../core/http/executionLogs.ts';
import { formatLine } from '../../core/logs/format.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

export interface LogFormatting {
  readonly slug: string;
  readonly executionId: string | undefined;
  /** Cut credentials down to their kind. */
  readonly mask: boolean;
}

/** The part beneath the answer: the lines of that call, how they were found, and whether more are waited for. */
export function logText(log: CallLog | 'waiting', { slug, executionId, mask }: LogFormatting): string {
  const heading = executionId === undefined ? l10n.t('Log of {0} at that time', visible(slug)) : l10n.t('Log of execution {0}', visible(executionId));
  if (log === 'waiting') {
    return `### ${heading}\n# ${l10n.t('Lines arrive some seconds late…')}\n`;
  }
  const lines = log.lines.map((line) => formatLine(line, { names: new Map(line.functionId === undefined ? [] : [[line.functionId, slug]]), mask }));
  return [`### ${heading}`, ...lines, ...remarks(log, executionId).map((remark) => `# ${remark}`), ''].join('\n');
}

function remarks({ lines, by, requests, state, error }: CallLog, executionId: string | undefined): string[] {
  const found: string[] = [];
  if (error) {
    found.push(visible(errorMessage(error).message));
  }
  if (by === 'time' && lines.length > 0) {
    found.push(
      executionId === undefined
        ? l10n.t('The answer names no execution: these are all lines of the function while it ran.')
        : l10n.t('No line names this execution yet: these are all lines of the function while it ran.'),
    );
  }
  if (by === 'execution' && requests > 1) {
    found.push(l10n.t('The execution answered {0} requests since then; their lines cannot be told apart.', requests));
  }
  if (state === 'waiting') {
    found.push(l10n.t('Lines arrive some seconds late…'));
  } else if (lines.length === 0 && !error) {
    found.push(l10n.t('No line has arrived. Logs can be late: read them again above.'));
  }
  return found;
}
