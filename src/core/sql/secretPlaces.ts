/**
 * Where a statement holds what must not be kept (SAFETY 20): literals in the places of passwords, tokens, keys and vault entries, and
 * parameters in such places. In doubt a literal counts as one.
 */
import { maskSecrets } from '../secrets/mask.ts';
import { Lexer } from './lexer.ts';
import { fieldsOf, listOf, relationName, stringNode, textOf, walk, type Fields } from './tree.ts';

export interface SecretPlaces {
  /** A literal in the text is one. */
  readonly inText: boolean;
  /** Numbers of parameters whose values are. */
  readonly parameters: ReadonlySet<number>;
}

/** Of columns, options, settings, arguments and keys of JSON: by the last word, so that `token_id` and `tokens` are none. */
const secretName = /(?:^|[_. -])(?:pass(?:word|wd|phrase)?|secret|token|credentials?|(?:api|private|access|secret|service_role|anon|encryption|signing)_?key|authorization)(?:_hash)?$/i;

/** `password=x`, `"Authorization": "Bearer x"` within a literal. */
const secretInside = /(?:pass(?:word|wd|phrase)|secret|token|api[-_ ]?key|authorization)["']?\s*[:=]\s*["']?[^\s"',}]/i;

/** Functions all of whose texts are secrets or are made of one. */
const secretFunctions: ReadonlySet<string> = new Set(['crypt', 'hmac', 'encrypt', 'encrypt_iv', 'decrypt', 'decrypt_iv', 'create_secret', 'update_secret', 'sign', 'verify']);
const secretPrefixes: readonly string[] = ['pgp_', 'dblink_connect', 'crypto_'];

/** `text` is the statement as it would be kept, `tree` libpg_query's. */
export function secretPlaces(text: string, tree: Fields): SecretPlaces {
  const found = new Found();
  walk(tree, (key, value) => {
    const fields = fieldsOf(value);
    switch (key) {
      case 'FuncCall':
        calls(found, fields);
        break;
      case 'NamedArgExpr':
        found.addIf(isSecretName(textOf(fields['name'])), fields['arg']);
        break;
      case 'ResTarget':
        found.addIf(isSecretName(textOf(fields['name'])), fields['val']);
        break;
      case 'InsertStmt':
        inserts(found, fields);
        break;
      case 'UpdateStmt':
        found.addIf(isVault(fields['relation']), [fields['targetList'], fields['whereClause']]);
        break;
      case 'A_Expr':
        found.addIf(isSecretColumn(fields['lexpr']), fields['rexpr']);
        found.addIf(isSecretColumn(fields['rexpr']), fields['lexpr']);
        break;
      case 'DefElem':
        found.addIf(isSecretName(textOf(fields['defname'])), fields['arg']);
        codes(found, fields);
        break;
      case 'VariableSetStmt':
      case 'setstmt':
        found.addIf(isSecretName(textOf(fields['name'])), fields['args']);
        break;
      case 'sval':
        found.inText ||= secretInside.test(typeof value === 'string' ? value : '');
        break;
      case 'conninfo':
        found.inText = true;
        break;
    }
    return undefined;
  });
  return { inText: found.inText || maskSecrets(text) !== text, parameters: found.parameters };
}

export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

class Found {
  inText = false;
  readonly parameters = new Set<number>();

  /** Every literal and parameter below the node is one. */
  addIf(isSecret: boolean, node: unknown): void {
    if (!isSecret) {
      return;
    }
    walk([node], (key, value) => {
      const fields = fieldsOf(value);
      // Names are texts as well.
      if (key === 'ColumnRef' || key === 'TypeName' || key === 'funcname') {
        return false;
      }
      if (key === 'ParamRef') {
        this.parameters.add(Number(fields['number'] ?? 0));
      } else if ((key === 'A_Const' && fields['isnull'] !== true && fields['boolval'] === undefined) || key === 'String') {
        this.inText = true;
      }
      return undefined;
    });
  }
}

/** `crypt('x', …)`, `set_config('app.jwt_secret', 'x', …)`, `jsonb_build_object('password', 'x')`. */
function calls(found: Found, call: Fields): void {
  const names = listOf(call['funcname']).map(stringNode);
  const name = names.at(-1) ?? '';
  const args = listOf(call['args']);
  found.addIf(names.includes('vault') || secretFunctions.has(name) || secretPrefixes.some((prefix) => name.startsWith(prefix)), args);
  args.forEach((arg, index) => {
    const text = fieldsOf(fieldsOf(fieldsOf(arg)['A_Const'])['sval'])['sval'];
    found.addIf(typeof text === 'string' && isSecretName(text), args[index + 1]);
  });
}

function inserts(found: Found, { relation, cols, selectStmt }: Fields): void {
  found.addIf(isVault(relation), selectStmt);
  const secret = listOf(cols).map((column) => isSecretName(textOf(fieldsOf(fieldsOf(column)['ResTarget'])['name'])));
  const select = fieldsOf(fieldsOf(selectStmt)['SelectStmt']);
  for (const row of listOf(select['valuesLists'])) {
    listOf(fieldsOf(fieldsOf(row)['List'])['items']).forEach((item, index) => found.addIf(secret[index] === true, item));
  }
  listOf(select['targetList']).forEach((item, index) => found.addIf(secret[index] === true, item));
}

function isVault(relation: unknown): boolean {
  return relationName(relation).startsWith('vault.');
}

function isSecretColumn(node: unknown): boolean {
  const fields = listOf(fieldsOf(fieldsOf(node)['ColumnRef'])['fields']);
  return fields.length > 0 && isSecretName(stringNode(fields.at(-1)));
}

/** Code of DO and of functions is not parsed: with a secret's name and a literal in it, it counts as holding one. */
function codes(found: Found, { defname, arg }: Fields): void {
  if (defname !== 'as') {
    return;
  }
  const code = stringNode(arg) || listOf(fieldsOf(fieldsOf(arg)['List'])['items']).map(stringNode).join('\n');
  const lexer = new Lexer(code);
  let [hasName, hasText] = [false, false];
  while (lexer.next()) {
    hasName ||= lexer.kind === 'word' && (isSecretName(lexer.value) || lexer.value.toLowerCase() === 'vault');
    hasText ||= lexer.kind === 'string' && lexer.value.length > 2;
  }
  found.inText ||= hasName && hasText;
}
