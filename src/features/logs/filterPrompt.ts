import type { Tail } from '../../core/logs/activeTails.ts';
import { printFilter, readFilter, type LineFilter } from '../../core/logs/filterText.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { SavedFilters } from './savedFilters.ts';
import { parseFilter } from './target.ts';

export interface FilterPromptNeeds {
  readonly ui: Pick<Ui, 'pick' | 'ask' | 'tell'>;
  readonly saved: SavedFilters;
}

type Answer = { readonly kind: 'filter'; readonly filter: LineFilter } | { readonly kind: 'type' } | { readonly kind: 'save' } | { readonly kind: 'forget' };

/** Asks for a tail's next filter: a usual one, a saved one, or one that is typed. Throws `cancelled`; saving and forgetting end here. */
export async function askFilter(needs: FilterPromptNeeds, tail: Pick<Tail, 'name' | 'filter'>, versions: readonly number[]): Promise<LineFilter> {
  const answer = await needs.ui.pick(l10n.t('Filter of {0}', visibleLine(tail.name)), choices(needs.saved, tail.filter, versions));
  switch (answer.kind) {
    case 'filter':
      return answer.filter;
    case 'type':
      return typeFilter(needs.ui, tail.filter);
    case 'save':
      await saveFilter(needs, tail.filter);
      return tail.filter;
    case 'forget':
      await forgetFilter(needs);
      return tail.filter;
    default:
      return answer satisfies never;
  }
}

function choices(saved: SavedFilters, current: LineFilter, versions: readonly number[]): Choice<Answer>[] {
  const text = printFilter(current);
  const usual = (label: string, filter: string, icon: string): Choice<Answer> => ({ label, description: filter, icon, value: { kind: 'filter', filter: parseFilter(filter) }, group: l10n.t('Usual') });
  const named = saved.list().map(({ name, text: filter }): Choice<Answer>[] => {
    const reading = readFilter(filter);
    return reading.kind === 'filter' ? [{ label: visibleLine(name), description: visibleLine(filter), icon: 'bookmark', value: { kind: 'filter', filter: reading.filter }, group: l10n.t('Saved') }] : [];
  });
  return [
    { label: l10n.t('Type a filter…'), icon: 'edit', ...(text === '' ? {} : { description: visibleLine(text) }), value: { kind: 'type' } },
    ...(text === '' ? [] : [{ label: l10n.t('All lines'), icon: 'clear-all', value: { kind: 'filter', filter: {} } } satisfies Choice<Answer>]),
    ...named.flat(),
    usual(l10n.t('Errors'), 'level=error', 'error'),
    usual(l10n.t('Warnings and errors'), 'level=warn', 'warning'),
    usual(l10n.t('Calls that failed'), 'status=5xx', 'error'),
    usual(l10n.t('Calls that were refused'), 'status=4xx', 'warning'),
    ...versions.map((version) => usual(l10n.t('Only version {0}', version), `version=${version}`, 'versions')),
    ...(text === '' ? [] : [{ label: l10n.t('Save this filter…'), description: visibleLine(text), icon: 'save', value: { kind: 'save' }, group: l10n.t('Manage') } satisfies Choice<Answer>]),
    ...(named.length === 0 ? [] : [{ label: l10n.t('Forget a saved filter…'), icon: 'trash', value: { kind: 'forget' }, group: l10n.t('Manage') } satisfies Choice<Answer>]),
  ];
}

/** What cannot be read or compiled is refused with a sentence while it is typed. */
export async function typeFilter(ui: Pick<Ui, 'ask'>, current: LineFilter): Promise<LineFilter> {
  const text = await ui.ask({
    title: l10n.t('Filter log lines'),
    prompt: l10n.t('Text, /regular expression/i, and keys: {0}', 'level= status= path= version= execution_id= function_name= since= until= limit='),
    value: printFilter(current),
    placeholder: 'level=error status=5xx /timed? out/i since=2h',
    check: (typed) => {
      const reading = readFilter(typed);
      return reading.kind === 'refused' ? reading.because : undefined;
    },
  });
  return parseFilter(text);
}

async function saveFilter({ ui, saved }: FilterPromptNeeds, filter: LineFilter): Promise<void> {
  const text = printFilter(filter);
  const name = await ui.ask({ title: l10n.t('Save filter'), prompt: text, value: text, check: (typed) => (typed.trim() === '' ? l10n.t('A name is needed.') : undefined) });
  await saved.save({ name: name.trim(), text });
  ui.tell(l10n.t('The filter {0} is saved for this workspace.', visibleLine(name.trim())));
}

async function forgetFilter({ ui, saved }: FilterPromptNeeds): Promise<void> {
  const name = await ui.pick(
    l10n.t('Forget which filter?'),
    saved.list().map((filter) => ({ label: visibleLine(filter.name), description: visibleLine(filter.text), icon: 'bookmark', value: filter.name })),
  );
  await saved.forget(name);
}
