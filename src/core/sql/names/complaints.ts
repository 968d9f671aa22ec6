/** Looks each name up, and says where it means nothing, or more than one thing. */
import { defined } from '../../../util/defined.ts';
import type { TextRange } from '../../runbook/document.ts';
import { dottedName, relationOf, type ObjectName } from '../objectNames.ts';
import { writeName, type StatementTree } from '../lint/statementTree.ts';
import { nearestNames } from '../nearest.ts';
import { fieldsOf, listOf, stringNode, unwrap, type Fields } from '../tree.ts';
import { systemColumns, type Scope, type ScopeItem } from './scope.ts';
import type { KnownRelation, NameWorld } from './world.ts';

export interface NameProblem {
  readonly kind: 'relation' | 'column' | 'function' | 'qualifier' | 'ambiguous';
  readonly name: string;
  readonly range: TextRange;
  /** The relation that lacks a column, or the relations that have an ambiguous one. */
  readonly of: string;
  /** What to write in its place, the likeliest first. */
  readonly suggestions: readonly string[];
  /** A relation that has the column. */
  readonly elsewhere?: string;
  /** Known without a server: it concerns a system view. */
  readonly system: boolean;
}

export class Complaints {
  readonly problems: NameProblem[] = [];
  readonly tree: StatementTree;
  private readonly world: NameWorld;
  /** What stands in openings; blank where more than a value or a name may stand, such as a whole join. */
  private readonly filled: readonly string[];
  private mayBeMore: boolean;

  constructor(tree: StatementTree, world: NameWorld) {
    this.tree = tree;
    this.world = world;
    this.filled = tree.openings.map(({ start, end }) => tree.text.slice(start, end));
    this.mayBeMore = this.filled.some((text) => text.trim() === '');
  }

  /** An alias that is an opening may well be a join: `from a ${joins}`. Then what names no table here may still be one's. */
  alias(name: string): void {
    this.mayBeMore ||= this.filled.includes(name);
  }

  /** Looks a relation up, and says so when there is none. */
  known(relation: unknown): KnownRelation | undefined {
    if (this.leavesOpen(fieldsOf(relation)['location'])) {
      return undefined;
    }
    const name = relationOf(relation);
    const found = this.world.relation(name);
    if (found === 'absent') {
      this.problems.push({ kind: 'relation', name: labelOf(name), range: this.tree.relationRange(relation), of: '', suggestions: this.world.relationsLike(name), system: false });
    }
    return typeof found === 'string' ? undefined : found;
  }

  call(call: Fields): void {
    const name = dottedName(call['funcname']);
    // What the grammar itself makes a call of (`position(a in b)`) has Postgres' own schema.
    if (name.schema === 'pg_catalog' || this.world.hasFunction(name) !== false || this.leavesOpen(call['location'])) {
      return;
    }
    this.problems.push({ kind: 'function', name: labelOf(name), range: this.tree.nameRange(call['location']), of: '', suggestions: this.world.functionsLike(name), system: false });
  }

  /** Columns of what a call gives in FROM. */
  columnsOfCall(name: ObjectName): readonly string[] | undefined {
    return this.world.functionColumns(name);
  }

  /** A name by itself that must be an item's. */
  itemNamed(name: string, location: unknown, scope: Scope): void {
    const [written] = this.tree.nameAt(location);
    if (!this.mayBeMore && written !== undefined && !this.leavesOpen(location) && !scope.items.some(({ alias }) => alias === name || alias === '')) {
      this.problems.push({ kind: 'qualifier', name, range: written.range, of: '', suggestions: nearestNames(name, scope.items.map(({ alias }) => alias)).map(writeName), system: false });
    }
  }

  /** A column that the grammar gives no place for: the next name in the text that means it. Gives where it ends, if it is wrong. */
  columnByName(item: ScopeItem, name: string, from: number): number | undefined {
    if (name === '' || !item.complete || item.columns.has(name) || systemColumns.has(name)) {
      return undefined;
    }
    const range = this.tree.nameFrom(from, name);
    if (range !== undefined && !this.tree.isOpen(range)) {
      this.missingColumn(name, range, [item]);
    }
    return range?.end;
  }

  /** Finding the place of a name takes longer than looking it up: it is done where there is something to say, or to leave unsaid. */
  private leavesOpen(location: unknown): boolean {
    return this.tree.openings.length > 0 && this.tree.isOpen(this.tree.nameRange(location));
  }

  /** A reference to a column or a row; `more` are rows beside those of the scope. */
  column(reference: Fields, scope: Scope, more: readonly ScopeItem[]): void {
    const parts = listOf(reference['fields']);
    const isStar = unwrap(parts.at(-1))?.type === 'A_Star';
    const names = (isStar ? parts.slice(0, -1) : parts).map(stringNode);
    const { location } = reference;
    if (names.length === 0 || this.leavesOpen(location)) {
      return;
    }
    if (names.length === 1 && !isStar) {
      this.bareColumn(names[0] ?? '', location, scope, more);
    } else if (!keptForRows.has(names[0] ?? '') || more.some(({ alias }) => alias === names[0])) {
      this.qualifiedColumn(names, location, isStar, scope, more);
    }
  }

  private bareColumn(name: string, location: unknown, scope: Scope, more: readonly ScopeItem[]): void {
    const found = systemColumns.has(name) || more.some(({ alias }) => alias === name) ? 'found' : scope.lookUp(name);
    if (found !== 'ambiguous' && found !== 'absent') {
      return;
    }
    const range = this.tree.nameRange(location);
    if (this.tree.nameAt(location).length === 0 || (found === 'absent' && this.mayBeMore)) {
      return;
    }
    if (found === 'ambiguous') {
      const having = scope.having(name);
      this.problems.push({ kind: 'ambiguous', name, range, of: having.map(({ alias }) => alias).join(', '), suggestions: having.map(({ alias }) => `${writeName(alias)}.${writeName(name)}`), system: false });
    } else {
      this.missingColumn(name, range, scope.items);
    }
  }

  private qualifiedColumn(names: readonly string[], location: unknown, isStar: boolean, scope: Scope, more: readonly ScopeItem[]): void {
    const qualifier = isStar ? names.length - 1 : names.length - 2;
    const alias = names[qualifier] ?? '';
    const item = more.find((each) => each.alias === alias) ?? scope.find(alias, names[qualifier - 1]);
    const column = names.at(-1) ?? '';
    if (item !== undefined && (isStar || this.mayHave(item, column))) {
      return;
    }
    const written = this.tree.nameAt(location);
    const at = written[item === undefined ? qualifier : names.length - 1]?.range;
    if (at === undefined || written.length < names.length) {
      return;
    }
    if (item !== undefined) {
      this.missingColumn(column, at, [item]);
    } else if (qualifier === 0 && !this.mayBeMore) {
      // A composite column can only be looked into with parentheses around it, so this names nothing at all.
      this.problems.push({ kind: 'qualifier', name: alias, range: at, of: '', suggestions: nearestNames(alias, scope.items.map((each) => each.alias)).map(writeName), system: false });
    }
  }

  private mayHave(item: ScopeItem, column: string): boolean {
    return !item.complete || item.columns.has(column) || systemColumns.has(column) || this.world.hasOwnFunction(column);
  }

  /** None of the items has it. */
  missingColumn(name: string, range: TextRange, items: readonly ScopeItem[]): void {
    const renamed = items.map(({ relation }) => relation?.renamed?.[name]).find((each) => each !== undefined);
    const elsewhere = items.map(({ relation }) => relation?.elsewhere?.[name]).find((each) => each !== undefined);
    const near = nearestNames(name, items.flatMap(({ columns }) => [...columns]));
    this.problems.push({
      kind: 'column',
      name,
      range,
      of: items.map(({ alias, relation }) => relation?.label ?? alias).join(', '),
      suggestions: (renamed === undefined ? near : [renamed]).map(writeName),
      ...defined({ elsewhere }),
      system: items.length === 1 && items[0]?.relation?.system === true,
    });
  }
}

/** Rows that some statements have by these names: triggers, rules, RETURNING. */
const keptForRows: ReadonlySet<string> = new Set(['new', 'old']);

function labelOf({ schema, name }: ObjectName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
