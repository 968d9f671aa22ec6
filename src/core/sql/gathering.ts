/** Whether a query makes few rows of many: then the server has to read them all before the first row comes. */
import { dottedName } from './objectNames.ts';
import { fieldsOf, listOf, unwrap, walk, type Fields } from './tree.ts';

const aggregates: ReadonlySet<string> = new Set(
  `any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg json_object_agg jsonb_agg
  jsonb_object_agg max min mode percentile_cont percentile_disc range_agg range_intersect_agg regr_slope regr_intercept regr_r2 stddev stddev_pop
  stddev_samp string_agg sum var_pop var_samp variance xmlagg`.split(/\s+/),
);

/** GROUP BY, or an aggregate in what is selected. Of functions that nobody here knows it is assumed that they are none. */
export function gathersRows(tree: unknown): boolean {
  const statement = unwrap(tree);
  if (statement?.type !== 'SelectStmt' || statement.fields['larg'] !== undefined) {
    return false;
  }
  const { groupClause, targetList } = statement.fields;
  return groupClause !== undefined || listOf(targetList).some(hasAggregate);
}

function hasAggregate(target: unknown): boolean {
  let found = false;
  walk(target, (key, value) => {
    found ||= key === 'FuncCall' && isAggregate(fieldsOf(value));
    // A query within the query gathers for itself.
    return key !== 'SubLink';
  });
  return found;
}

function isAggregate(call: Fields): boolean {
  const { schema, name } = dottedName(call['funcname']);
  const isMarked = ['agg_star', 'agg_filter', 'agg_distinct', 'agg_order', 'agg_within_group'].some((mark) => call[mark] !== undefined);
  return call['over'] === undefined && (isMarked || ((schema === undefined || schema === 'pg_catalog') && aggregates.has(name)));
}
