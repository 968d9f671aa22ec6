import type { Logger } from '../../src/core/ports.ts';

/** Keeps what was logged: `warn the message {"fact":1}`. */
export class FakeLogger implements Logger {
  readonly lines: string[] = [];

  debug(message: string, facts?: Record<string, unknown>): void {
    this.write('debug', message, facts);
  }

  info(message: string, facts?: Record<string, unknown>): void {
    this.write('info', message, facts);
  }

  warn(message: string, facts?: Record<string, unknown>): void {
    this.write('warn', message, facts);
  }

  error(message: string, facts?: Record<string, unknown>): void {
    this.write('error', message, facts);
  }

  private write(level: string, message: string, facts: Record<string, unknown> | undefined): void {
    this.lines.push([level, message, ...(facts ? [JSON.stringify(facts)] : [])].join(' '));
  }
}
