/**
 * Where the CLI commits while it applies migrations, and what ends with each commit. A trial commits nothing, so it does by hand what
 * later statements would notice.
 *
 * CLI 2.122.1 and 3.1.0 send all files over one session, `RESET ALL` before each. A file goes out in one pipeline, which is one
 * transaction with its row in the history. But one whose first line is {@link pragma}, or in which a statement begins or ends a transaction,
 * goes out statement by statement, with no transaction but those of its own. What refuses a transaction (VACUUM, indexes that are built
 * concurrently) goes out alone, and what stands before it is committed. Read in both programs, and held against them by
 * `test/cli/migrations.test.ts`; the sources of June 2026 (`apps/cli-go/pkg/migration/file.go`) knew the pipeline alone.
 */
import { quoteIdentifier, quoteLiteral } from '../../results/quote.ts';
import { relationOf } from '../objectNames.ts';
import { fieldsOf, listOf, stringConstant, textOf, unwrap, type Fields } from '../tree.ts';

const pragma = '-- pg-delta: transaction=false';

/** What is committed with a statement, if it is the last of a transaction: SQL that does what the commit would. */
export type Commit = readonly string[] | undefined;

export interface FileCommits {
  /** One transaction: when a statement fails, nothing of the file stays. */
  readonly isWhole: boolean;
  /** The row in the history is written as a role that the file set. A CLI that signed in with a role of its own goes back to it before. */
  readonly leavesRole: boolean;
  /** Of each statement. */
  readonly commits: readonly Commit[];
}

export class Commits {
  /** By what they are about; of the session, thus of all files that follow. */
  private readonly atEachCommit = new Map<string, string>();
  private readonly atNextCommit = new Map<string, string>();
  /** Settings that stay until the file ends, by the statement that made them. */
  private readonly ofSession = new Map<string, string>();
  /** How far the role reaches that was set last. */
  private role: 'transaction' | 'session' | undefined;

  /** `tree`: none where it is no SQL. */
  ofFile(text: string, statements: readonly { readonly text: string; readonly tree: Fields | undefined }[]): FileCommits {
    const known = statements.map(({ text: sql, tree }) => ({ sql, type: '', fields: {}, ...unwrap(tree) }));
    const isWhole = !saysPragma(text) && !known.some(({ type, fields }) => type === 'TransactionStmt' && !withinBlock.has(textOf(fields['kind'])));
    this.ofSession.clear();
    this.role = undefined;
    let isOpen = false;
    let leavesRole = false;
    const commits = known.map(({ sql, type, fields }, index) => {
      this.note(sql, type, fields);
      isOpen = type === 'TransactionStmt' ? begins.has(textOf(fields['kind'])) : isOpen;
      leavesRole = this.role === 'session' || (isWhole && this.role === 'transaction');
      return (isWhole ? index === known.length - 1 : !isOpen) ? this.commit() : undefined;
    });
    return { isWhole, leavesRole, commits };
  }

  private note(sql: string, type: string, fields: Fields): void {
    if (type === 'VariableSetStmt') {
      this.noteSetting(sql, fields);
      return;
    }
    const into = fieldsOf(fields['into'] ?? fields['intoClause']);
    const { schema, name } = relationOf(fields['relation'] ?? into['rel']);
    const table = `pg_temp.${quoteIdentifier(name)}`;
    // Only temporary tables have this clause; the schema may be written out.
    switch (textOf(fields['oncommit'] ?? into['onCommit'])) {
      case 'ONCOMMIT_DROP':
        this.atNextCommit.set(`table ${name}`, `drop table if exists ${schema === undefined ? table : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`} cascade`);
        break;
      case 'ONCOMMIT_DELETE_ROWS':
        this.atEachCommit.set(`table ${name}`, `do $opsbook$ begin if pg_catalog.to_regclass(${quoteLiteral(table)}) is not null then delete from ${table}; end if; end $opsbook$`);
        break;
      default:
    }
  }

  /** Limits are left out of a trial, so there is nothing of them to end. */
  private noteSetting(sql: string, fields: Fields): void {
    const name = textOf(fields['name']);
    const isLocal = fields['is_local'] === true;
    if (name === '' || name.endsWith('_timeout') || name.includes('transaction_')) {
      return;
    }
    if (name === 'role') {
      const [value] = listOf(fields['args']).map(stringConstant);
      this.role = value === undefined || value === 'none' ? undefined : isLocal ? 'transaction' : 'session';
    }
    if (isLocal) {
      this.atNextCommit.set(`setting ${name}`, this.ofSession.get(name) ?? resetting(name));
    } else {
      this.ofSession.set(name, sql);
      this.atNextCommit.delete(`setting ${name}`);
    }
  }

  private commit(): readonly string[] {
    const done = [...this.atNextCommit.values(), ...this.atEachCommit.values()];
    this.atNextCommit.clear();
    this.role = this.role === 'transaction' ? undefined : this.role;
    return done;
  }
}

function saysPragma(text: string): boolean {
  const [first = ''] = text.replace(/^\uFEFF/, '').split('\n', 1);
  return first.replace(/\r$/, '') === pragma;
}

/** `reset a.b`: each part quoted, as a setting of one's own may need it. */
function resetting(name: string): string {
  return name === 'session_authorization' ? 'reset session authorization' : `reset ${name.split('.').map(quoteIdentifier).join('.')}`;
}

const begins: ReadonlySet<string> = new Set(['TRANS_STMT_BEGIN', 'TRANS_STMT_START']);
const withinBlock: ReadonlySet<string> = new Set(['TRANS_STMT_SAVEPOINT', 'TRANS_STMT_RELEASE', 'TRANS_STMT_ROLLBACK_TO']);
