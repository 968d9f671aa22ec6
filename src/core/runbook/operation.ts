/**
 * What a command or statement of a manual means. Everything that Opsbook runs, from a row, the palette or a document, is one of
 * these; its {@link Risk} is known before it runs.
 */
import type { LogLevel, LogService } from '../logs/log.ts';
import type { TextRange } from './document.ts';

/** From harmless to grave; `secret` changes a secret or signs in, `destroys` loses rows or objects. */
export type Risk = 'none' | 'reads' | 'writes' | 'destroys' | 'deploys' | 'secret';

/** A value that a manual leaves open: it is asked for, and nothing with one left is sent. */
export interface Placeholder {
  /** As written: `<function_name>`, `your_production_key`. */
  readonly text: string;
  /** For the question: `function name`. */
  readonly label: string;
  /** Within the step's `text`; the first place of several. */
  readonly range: TextRange;
  /** The answer is a credential: typed in a password box and never remembered. */
  readonly secret: boolean;
}

/** A word of a manual that may still be open. */
export type Argument = { readonly kind: 'value'; readonly value: string } | { readonly kind: 'placeholder'; readonly placeholder: Placeholder };

export type SecretSource =
  /** The value is typed into a form and never stands in the operation; `template` is the literal text around it (`…?api-key=YOUR_KEY`). */
  | { readonly kind: 'ask'; readonly template?: { readonly before: string; readonly after: string } }
  /** A literal that is no placeholder (`ALERT_EMAIL=ops@example.com`): offered as the value. */
  | { readonly kind: 'offer'; readonly value: string }
  /** `$(openssl rand -base64 32)`: made natively. */
  | { readonly kind: 'random'; readonly bytes: number; readonly encoding: 'base64' | 'hex' };

export type HttpTarget =
  /** A function of the selected project, however the manual spells its host; `path` is what follows the slug. */
  | { readonly kind: 'function'; readonly slug: Argument; readonly path: string }
  /** A path on the selected project's gateway, such as `/rest/v1/health`. */
  | { readonly kind: 'project'; readonly path: string }
  | { readonly kind: 'url'; readonly url: Argument };

/** What a manual says must come back: the status, and JSON whose fixed words and booleans must match (times and numbers by type). */
export interface Expectation {
  readonly status?: number;
  readonly json?: string;
}

export type StatementKind = 'read' | 'write' | 'ddl' | 'export' | 'unknown';

export type Operation =
  /** One statement without its semicolon. */
  | {
      readonly kind: 'sql';
      readonly statement: string;
      readonly statementKind: StatementKind;
      /** `COPY (query) TO 'file' CSV HEADER`: `statement` is the query alone, and the file is written on the user's side. */
      readonly file?: { readonly name: string; readonly format: 'csv' | 'text'; readonly header: boolean };
    }
  | {
      readonly kind: 'http';
      readonly method: string;
      readonly target: HttpTarget;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
      /** `curl -w …`: a table of timings is wanted. */
      readonly timings: boolean;
    }
  | {
      readonly kind: 'logs';
      readonly services: readonly LogService[];
      /** Slugs; `*` for all functions; absent for services' logs. */
      readonly functions?: readonly Argument[] | '*';
      readonly follow: boolean;
      readonly level?: LogLevel;
      readonly grep?: string;
      readonly limit?: number;
      readonly sinceMinutes?: number;
      /** The manual wants execution times: `grep "execution time"`. */
      readonly statistics: boolean;
    }
  | { readonly kind: 'functions.list' }
  | {
      readonly kind: 'functions.deploy';
      readonly slugs: readonly Argument[] | '*';
      readonly noVerifyJwt: boolean;
      /** `restart`: redeploy what is live, never the working tree. */
      readonly intent: 'deploy' | 'restart';
    }
  | { readonly kind: 'functions.rollback'; readonly slug: Argument; readonly commit: Argument }
  | { readonly kind: 'secrets.list'; readonly grep?: string }
  | { readonly kind: 'secrets.set'; readonly secrets: readonly { readonly name: string; readonly source: SecretSource }[] }
  | { readonly kind: 'database.inspect' }
  | { readonly kind: 'database.stats' }
  | { readonly kind: 'database.analyze'; readonly slowQueries: boolean }
  | { readonly kind: 'health'; readonly scope: 'project' | 'database' }
  | { readonly kind: 'migrations.list' }
  /**
   * Known here, run by the terminal (shown first) or refused with the reason until their own view exists. A `command` that starts
   * with `supabase` names no target: whoever runs it adds `--project-ref` of the selected project, which both CLI majors accept.
   */
  | { readonly kind: 'migrations.new' | 'migrations.push' | 'functions.serve' | 'login' | 'cliUpdate' | 'gitLog'; readonly command: string }
  | { readonly kind: 'link'; readonly ref: Argument; readonly command: string }
  /** Down to a version, or the last `last` migrations; neither when the manual does not say. */
  | { readonly kind: 'migrations.rollback'; readonly command: string; readonly to?: Argument; readonly last?: number }
  | { readonly kind: 'backup'; readonly command: string; readonly file?: string; readonly table?: string }
  | { readonly kind: 'restore'; readonly command: string; readonly file?: string }
  | { readonly kind: 'tlsCheck'; readonly host: Argument; readonly port: number; readonly command: string }
  | { readonly kind: 'changeFolder'; readonly folder: Argument }
  | { readonly kind: 'frontendRollback'; readonly command: string }
  | { readonly kind: 'terminal'; readonly command: string }
  /** Comments, expected answers, code of other languages: shown, never run. */
  | {
      readonly kind: 'note';
      readonly text: string;
      /** A dashboard page that the text names, for `dashboardUrl`. */
      readonly page?: string;
      /** What the text says must come back from the instruction before it. */
      readonly expects?: Expectation;
      /** What Opsbook can do itself for what the text asks of a person. */
      readonly offers?: Operation;
    };

export type OperationKind = Operation['kind'];

/** One command or statement of a step with its meaning; a step holds one or several, in order. */
export interface Instruction {
  /** Offsets within the step's `text`. */
  readonly range: TextRange;
  /** As written, continuation lines included. */
  readonly text: string;
  /** The comment above it, else the heading, which is part of its meaning and shown as the reason. */
  readonly reason: string;
  readonly operation: Operation;
  readonly risk: Risk;
  /** What must be filled in before it runs, see `fill.ts`. Values of secrets are not among them: {@link SecretSource} asks. */
  readonly placeholders: readonly Placeholder[];
  /** What Opsbook does instead and why, when it differs from what was written; for the user. */
  readonly remark?: string;
}
