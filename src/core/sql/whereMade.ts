/** Which statement of which migration made an object, told by the grammar. */
import type { SqlGrammar } from '../ports.ts';
import type { Effect } from './effects/effect.ts';
import { readCode } from './effects/code.ts';
import { effectsOf, effectsOfCode } from './effects/effectsOf.ts';
import type { ObjectName } from './objectNames.ts';
import { StatementTree } from './lint/statementTree.ts';
import { splitStatements } from './split.ts';

export interface SqlFile {
  readonly path: string;
  readonly text: string;
}

export interface MadeAt {
  readonly path: string;
  /** UTF-16 offset of the statement. */
  readonly offset: number;
}

export interface SoughtObject extends ObjectName {
  readonly type?: string | undefined;
}

/**
 * Files in the order in which they are applied. The last statement that made the object counts, since what was made before was dropped or replaced;
 * an object that was renamed since is followed back to the name it was made by. `undefined` where no file makes it.
 */
export async function whereMade(files: readonly SqlFile[], sought: SoughtObject, grammar: SqlGrammar, signal: AbortSignal): Promise<MadeAt | undefined> {
  let { name, schema } = sought;
  for (const file of files.toReversed()) {
    // Unquoted names are written in any case.
    if (!file.text.toLowerCase().includes(name.toLowerCase())) {
      continue;
    }
    for (const statement of splitStatements(file.text).toReversed()) {
      if (!statement.text.toLowerCase().includes(name.toLowerCase())) {
        continue;
      }
      for (const effect of (await effectsIn(statement.text, grammar, signal)).toReversed()) {
        if (effect.kind === 'renameRelation' && effect.to === name && isSame(effect.name, { schema, name: effect.name.name })) {
          name = effect.name.name;
        } else if (effect.kind === 'moveRelation' && effect.toSchema === schema && effect.name.name === name) {
          schema = effect.name.schema;
        } else if (makes(effect, sought, { schema, name })) {
          return { path: file.path, offset: statement.range.start };
        }
      }
    }
  }
  return undefined;
}

async function effectsIn(text: string, grammar: SqlGrammar, signal: AbortSignal): Promise<Effect[]> {
  const parsed = await grammar.parse(text, signal);
  if (parsed.kind === 'invalid') {
    return [];
  }
  const statement = new StatementTree(text, parsed.tree);
  return statement.type === 'DoStmt' ? effectsOfCode(await readCode(statement, grammar, signal)) : effectsOf(statement);
}

function makes(effect: Effect, { type }: SoughtObject, wanted: ObjectName): boolean {
  switch (effect.kind) {
    case 'createRelation':
      return type !== 'function' && isSame(effect.name, wanted);
    case 'createFunction':
      return type === 'function' && isSame(effect.name, wanted);
    default:
      return false;
  }
}

/** What is written without its schema may be in any that the path names; `public` unless somebody changed it. */
function isSame(written: ObjectName, wanted: ObjectName): boolean {
  return written.name === wanted.name && (wanted.schema === undefined || (written.schema ?? 'public') === wanted.schema);
}
