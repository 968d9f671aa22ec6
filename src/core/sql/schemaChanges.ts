import type { CallOptions, Database, HeldTransaction, SqlGrammar, StatementRequest } from '../ports.ts';
import { effectsOf } from './effects/effectsOf.ts';
import { StatementTree } from './lint/statementTree.ts';
import { disturbanceOf } from './prepared/disturbance.ts';
import type { ResultEvent } from './result.ts';

/** They change nothing that names mean, and what is told of names: policies, comments. */
const described: ReadonlySet<string> = new Set(['CreatePolicyStmt', 'AlterPolicyStmt', 'DropStmt', 'CommentStmt']);

/**
 * The same database, which says when something that was run over it and stays may have changed what its catalog says: at once where it is
 * committed by itself, else with the transaction.
 */
export function tellSchemaChanges({ database, grammar, changed }: { readonly database: Database; readonly grammar: SqlGrammar; readonly changed: () => void }): Database {
  async function* watched(way: Pick<Database, 'run'>, request: StatementRequest, options: CallOptions, tell: () => void): AsyncGenerator<ResultEvent, void, undefined> {
    if (request.mode === 'read' || request.rolledBack === true) {
      yield* way.run(request, options);
      return;
    }
    let isDone = false;
    try {
      for await (const event of way.run(request, options)) {
        isDone ||= event.kind === 'done';
        yield event;
      }
    } finally {
      // A signal that was aborted since says nothing of what was done.
      if (isDone && (await mayChange(request.text, grammar))) {
        tell();
      }
    }
  }
  const begin = async (idleMs: number, options: CallOptions): Promise<HeldTransaction> => {
    const held = await database.begin(idleMs, options);
    let isChanged = false;
    return {
      run: (request, within) => watched(held, request, within, () => (isChanged = true)),
      keepOpen: (longer) => held.keepOpen(longer),
      commit: async () => {
        await held.commit();
        if (isChanged) {
          changed();
        }
      },
      rollBack: () => held.rollBack(),
      lost: held.lost,
    };
  };
  return {
    capabilities: database.capabilities,
    address: database.address,
    run: (request, options) => watched(database, request, options, changed),
    parameterTypes: (text, options) => database.parameterTypes(text, options),
    begin,
    close: () => database.close(),
  };
}

async function mayChange(text: string, grammar: SqlGrammar): Promise<boolean> {
  const parsed = await grammar.parse(text, new AbortController().signal);
  if (parsed.kind === 'invalid') {
    return false;
  }
  const statement = new StatementTree(text, parsed.tree);
  return described.has(statement.type) || disturbanceOf(statement, effectsOf(statement)).kind !== 'nothing';
}
