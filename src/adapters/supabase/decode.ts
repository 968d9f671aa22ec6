/**
 * Reads answers from outside: liberal in what may be missing, null, new or written otherwise, strict in what is needed. Each
 * failure is a `badAnswer` that names the field: `[3].slug is missing`.
 */
import { OpsError } from '../../core/errors.ts';

/** Epoch milliseconds beyond which there is no `Date`. */
const lastDay = 8.64e15;

/** A value of an answer, and where it stands in it. */
export class Field {
  readonly value: unknown;
  private readonly operation: string;
  private readonly path: string;

  constructor(value: unknown, operation: string, path = '') {
    this.value = value;
    this.operation = operation;
    this.path = path;
  }

  /** Absent and null mean the same. */
  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  list(): Field[] {
    if (!Array.isArray(this.value)) {
      throw this.bad('a list');
    }
    return this.value.map((value, index) => new Field(value, this.operation, `${this.path}[${index}]`));
  }

  /** A member of an object; one that is not there holds `undefined`. */
  at(name: string): Field {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) {
      throw this.bad('an object');
    }
    const path = this.path === '' ? name : `${this.path}.${name}`;
    return new Field((this.value as Record<string, unknown>)[name], this.operation, path);
  }

  /** All members, as they are. */
  object(): Readonly<Record<string, unknown>> {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value) ? (this.value as Record<string, unknown>) : this.fail('an object');
  }

  text(): string {
    return this.optionalText() ?? this.fail('a text');
  }

  number(): number {
    return this.optionalNumber() ?? this.fail('a number');
  }

  time(): number {
    return this.optionalTime() ?? this.fail('a time');
  }

  /** `undefined` also for what is of another kind: whoever can do without it does. */
  optionalText(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  optionalBoolean(): boolean | undefined {
    return typeof this.value === 'boolean' ? this.value : undefined;
  }

  /** From a number, or a text that is one: 64-bit integers come either way. */
  optionalNumber(): number | undefined {
    const text = this.optionalText()?.trim();
    const number = text === undefined || text === '' ? this.value : Number(text);
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }

  /** Epoch milliseconds, from a number of them or from an ISO text, which without a zone is UTC. */
  optionalTime(): number | undefined {
    const text = this.optionalText();
    if (text === undefined || /^\d+$/.test(text)) {
      const number = this.optionalNumber();
      return number !== undefined && Math.abs(number) <= lastDay ? number : undefined;
    }
    const zoned = /(?:Z|[+-]\d\d(?::?\d\d)?)$/i.test(text) ? text : `${text}Z`;
    const time = Date.parse(zoned.replace(' ', 'T'));
    return Number.isNaN(time) ? undefined : time;
  }

  private fail(kind: string): never {
    throw this.bad(kind);
  }

  private bad(kind: string): OpsError {
    const problem = this.present ? `is not ${kind}` : 'is missing';
    return new OpsError('badAnswer', { operation: this.operation, problem: `${this.path === '' ? 'it' : this.path} ${problem}` });
  }
}
