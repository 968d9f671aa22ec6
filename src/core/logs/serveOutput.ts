import type { LogLevel, LogLine } from './log.ts';

/** What a local runtime printed as one message. */
export interface Served {
  /** The function whose request is being served, as far as the output tells. */
  readonly slug?: string;
  readonly level: LogLevel;
  readonly message: string;
}

const serving = /^serving the request with \S*?functions\/([A-Za-z][\w-]*)/;
const printed = /^\[(Debug|Log|Info|Warning|Warn|Error)\] ?(.*)$/s;
/** What the runtime says itself of a function that does not start or falls over. */
const failure = /^(?:worker boot error|event loop error|\w*Error\b|error\b|InvalidWorker\w+|WorkerRequestCancelled)/i;

const levels: Readonly<Record<string, LogLevel>> = { Debug: 'debug', Log: 'info', Info: 'info', Warning: 'warn', Warn: 'warn', Error: 'error' };

/**
 * Reads the output of `supabase functions serve` line by line: `[Info] text` is what a function prints, lines after it that belong to
 * it are indented, and the runtime names the function with each request (`serve/templates/main.ts` of the CLI).
 */
export class ServeOutput {
  private slug: string | undefined;
  private pending: Served | undefined;

  /** The messages that this line completes. */
  feed(line: string): readonly Served[] {
    const [, slug] = serving.exec(line) ?? [];
    if (slug !== undefined) {
      this.slug = slug;
      return this.flush();
    }
    if (line.trim() === '') {
      return this.flush();
    }
    if (/^\s/.test(line) && this.pending) {
      this.pending = { ...this.pending, message: `${this.pending.message}\n${line}` };
      return [];
    }
    const done = this.flush();
    const [, word, text] = printed.exec(line) ?? [];
    const level = word === undefined ? (failure.test(line) ? 'error' : 'info') : (levels[word] ?? 'info');
    this.pending = { level, message: text ?? line, ...(this.slug === undefined ? {} : { slug: this.slug }) };
    return done;
  }

  /** What was said so far, when nothing more comes for a while. */
  flush(): readonly Served[] {
    const { pending } = this;
    this.pending = undefined;
    return pending ? [pending] : [];
  }
}

/** As lines of a log; their time is that of receipt, for the output tells none. */
export function toServedLine({ slug, level, message }: Served, id: number, time: number): LogLine {
  return { id: `served-${String(id).padStart(9, '0')}`, time, service: 'functions', level, message, ...(slug === undefined ? {} : { functionId: slug }) };
}
