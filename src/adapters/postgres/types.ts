/** Types by their object ids, and values as the server's own text. */
import type { CustomTypesConfig } from 'pg';
import type { ColumnCategory } from '../../core/sql/result.ts';

/** Values stay text, so that a numeric of forty digits stays one; `Portal` spells booleans out. */
export const textTypes: CustomTypesConfig = { getTypeParser: () => (value: string) => value };

export const booleanOid = 16;

export interface TypeFacts {
  /** Postgres' name, arrays as `int4[]`. */
  readonly name: string;
  readonly category: ColumnCategory;
}

/** All types but those of tables' rows: enumerations, domains and extensions have ids of their own in each database. */
export const typesQuery = `select t.oid, coalesce(e.typname || '[]', t.typname), t.typcategory
from pg_catalog.pg_type t left join pg_catalog.pg_type e on e.typarray = t.oid
where t.oid >= 16384 and t.typrelid = 0 and coalesce(e.typrelid, 0) = 0`;

/** The types of one database. Ids of Postgres' own types are the same everywhere; the others are learnt. */
export class TypeCatalog {
  private learnt: Map<number, TypeFacts> | undefined;

  /** Never asked, or asked before a type was made that has come up since. */
  stale = true;

  /** Rows of {@link typesQuery}. */
  learn(rows: readonly (readonly (string | null)[])[]): void {
    this.learnt = new Map(rows.map(([oid, name, category]) => [Number(oid), { name: name ?? 'unknown', category: categoryOf(category ?? '') }]));
    this.stale = false;
  }

  facts(oid: number): TypeFacts {
    const facts = builtIn.get(oid) ?? this.learnt?.get(oid);
    if (facts === undefined && oid >= firstOwnOid) {
      this.stale = true;
    }
    return facts ?? { name: 'unknown', category: 'text' };
  }
}

/** Ids below belong to Postgres itself. */
const firstOwnOid = 16_384;

/** `pg_type.typcategory`; json and bytea have none of their own. */
function categoryOf(category: string): ColumnCategory {
  switch (category) {
    case 'N':
      return 'number';
    case 'B':
      return 'boolean';
    case 'D':
      return 'time';
    case 'A':
      return 'array';
    default:
      return 'text';
  }
}

/** `src/include/catalog/pg_type.dat`: id, name, and for arrays the array's id. `test/sql` holds them against a server. */
const builtIn: ReadonlyMap<number, TypeFacts> = new Map(
  (
    [
      [16, 'bool', 1000, 'boolean'],
      [17, 'bytea', 1001, 'bytes'],
      [18, 'char', 1002, 'text'],
      [19, 'name', 1003, 'text'],
      [20, 'int8', 1016, 'number'],
      [21, 'int2', 1005, 'number'],
      [22, 'int2vector', 1006, 'array'],
      [23, 'int4', 1007, 'number'],
      [24, 'regproc', 1008, 'text'],
      [25, 'text', 1009, 'text'],
      [26, 'oid', 1028, 'number'],
      [27, 'tid', 1010, 'text'],
      [28, 'xid', 1011, 'text'],
      [29, 'cid', 1012, 'text'],
      [30, 'oidvector', 1013, 'array'],
      [114, 'json', 199, 'json'],
      [142, 'xml', 143, 'text'],
      [600, 'point', 1017, 'text'],
      [601, 'lseg', 1018, 'text'],
      [602, 'path', 1019, 'text'],
      [603, 'box', 1020, 'text'],
      [604, 'polygon', 1027, 'text'],
      [628, 'line', 629, 'text'],
      [650, 'cidr', 651, 'text'],
      [700, 'float4', 1021, 'number'],
      [701, 'float8', 1022, 'number'],
      [705, 'unknown', 0, 'text'],
      [718, 'circle', 719, 'text'],
      [774, 'macaddr8', 775, 'text'],
      [790, 'money', 791, 'text'],
      [829, 'macaddr', 1040, 'text'],
      [869, 'inet', 1041, 'text'],
      [1033, 'aclitem', 1034, 'text'],
      [1042, 'bpchar', 1014, 'text'],
      [1043, 'varchar', 1015, 'text'],
      [1082, 'date', 1182, 'time'],
      [1083, 'time', 1183, 'text'],
      [1114, 'timestamp', 1115, 'time'],
      [1184, 'timestamptz', 1185, 'time'],
      [1186, 'interval', 1187, 'text'],
      [1266, 'timetz', 1270, 'text'],
      [1560, 'bit', 1561, 'text'],
      [1562, 'varbit', 1563, 'text'],
      [1700, 'numeric', 1231, 'number'],
      [2202, 'regprocedure', 2207, 'text'],
      [2203, 'regoper', 2208, 'text'],
      [2204, 'regoperator', 2209, 'text'],
      [2205, 'regclass', 2210, 'text'],
      [2206, 'regtype', 2211, 'text'],
      [2249, 'record', 2287, 'text'],
      [2275, 'cstring', 1263, 'text'],
      [2278, 'void', 0, 'text'],
      [2950, 'uuid', 2951, 'text'],
      [2970, 'txid_snapshot', 2949, 'text'],
      [3220, 'pg_lsn', 3221, 'text'],
      [3614, 'tsvector', 3643, 'text'],
      [3615, 'tsquery', 3645, 'text'],
      [3734, 'regconfig', 3735, 'text'],
      [3769, 'regdictionary', 3770, 'text'],
      [3802, 'jsonb', 3807, 'json'],
      [3904, 'int4range', 3905, 'text'],
      [3906, 'numrange', 3907, 'text'],
      [3908, 'tsrange', 3909, 'text'],
      [3910, 'tstzrange', 3911, 'text'],
      [3912, 'daterange', 3913, 'text'],
      [3926, 'int8range', 3927, 'text'],
      [4072, 'jsonpath', 4073, 'text'],
      [4089, 'regnamespace', 4090, 'text'],
      [4096, 'regrole', 4097, 'text'],
      [4191, 'regcollation', 4192, 'text'],
      [4451, 'int4multirange', 6150, 'text'],
      [4532, 'nummultirange', 6151, 'text'],
      [4533, 'tsmultirange', 6152, 'text'],
      [4534, 'tstzmultirange', 6153, 'text'],
      [4535, 'datemultirange', 6155, 'text'],
      [4536, 'int8multirange', 6157, 'text'],
      [5038, 'pg_snapshot', 5039, 'text'],
      [5069, 'xid8', 271, 'number'],
    ] satisfies [number, string, number, ColumnCategory][]
  ).flatMap(([oid, name, arrayOid, category]): [number, TypeFacts][] => [
    [oid, { name, category }],
    [arrayOid, { name: `${name}[]`, category: 'array' }],
  ]),
);
