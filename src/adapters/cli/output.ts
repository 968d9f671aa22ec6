import { maskSecrets } from '../../core/secrets/mask.ts';
import { visible } from '../../util/visible.ts';

/** Splits text that arrives in chunks into lines; `end` gives what follows the last line feed. */
export class Lines {
  private pending = '';
  private readonly onLine: (line: string) => void;

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine;
  }

  feed(text: string): void {
    const lines = (this.pending + text).split('\n');
    this.pending = lines.pop() ?? '';
    lines.forEach((line) => this.onLine(line.replace(/\r$/, '')));
  }

  end(): void {
    if (this.pending !== '') {
      this.onLine(this.pending);
      this.pending = '';
    }
  }
}

/** A line as it may be shown and kept: without this token, without what looks like a secret, control characters visible. */
export function presentable(line: string, token: string): string {
  const withoutToken = token === '' ? line : line.replaceAll(token, 'sbp_…');
  return visible(maskSecrets(withoutToken));
}

/** The CLI's own reason: `{"_tag":"Error","error":{"code","message","suggestion?"}}` on standard output, else its last words. */
export function reasonOf(stdout: string, lastLines: readonly string[]): string {
  return errorMessage(stdout) ?? lastLines.filter((line) => line.trim() !== '').slice(-5).join('\n');
}

function errorMessage(stdout: string): string | undefined {
  try {
    const value: unknown = JSON.parse(stdout);
    const error = isRecord(value) && isRecord(value['error']) ? value['error'] : undefined;
    const message = error?.['message'];
    const suggestion = error?.['suggestion'];
    return typeof message === 'string' ? [message, ...(typeof suggestion === 'string' ? [suggestion] : [])].join('\n') : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
