import { isGuarded } from '../../core/project/project.ts';
import type { BodyDifference } from '../../core/functions/body.ts';
import type { DeployPlan } from '../../core/functions/plan.ts';
import type { SourceOrigin } from '../../core/functions/source.ts';
import type { Plan } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { actionWords } from './words.ts';

/** The plan of one or several deploys in words: what, from where, what changes, what cannot be undone. */
export function planText(plans: readonly DeployPlan[]): Omit<Plan, 'typed'> {
  const [first] = plans;
  const project = first?.project;
  const names = plans.map((plan) => plan.slug).join(', ');
  const words = actionWords(first?.action ?? 'deploy');
  return {
    question: words.question(visibleLine(names), visibleLine(project?.name ?? '')),
    detail: [...(project && isGuarded({ ...project }) ? [l10n.t('{0} counts as production.', visibleLine(project.name))] : []), ...plans.flatMap((plan) => ['', ...planLines(plan, plans.length > 1)])],
    action: words.button,
  };
}

/** The same facts whether one function is deployed or many: a plan that is short on facts is no plan. */
function planLines(plan: DeployPlan, named: boolean): string[] {
  const origin = originText(plan.origin);
  const replaced = plan.live ? l10n.t('Replaces version {0}.', plan.live.version) : l10n.t('Creates a new function.');
  const lines = [named ? `${plan.slug}: ${origin} ${replaced}` : `${origin} ${replaced}`];
  const { changes } = plan;
  if (plan.action === 'pause') {
    lines.push(l10n.t('Nothing else is changed; Resume brings the code of now back.'));
  } else if (changes) {
    lines.push(...changeLines(changes));
  } else if (plan.live) {
    lines.push(l10n.t('What is live could not be read, so what changes is not known.'));
  }
  if (plan.uncommitted.length > 0) {
    lines.push(l10n.t('Not committed: {0}', plan.uncommitted.join(', ')));
  }
  if (plan.missingSecrets.length > 0) {
    lines.push(l10n.t('Read by the code and not set: {0}', plan.missingSecrets.join(', ')));
  }
  if (plan.unknownSecrets.length > 0) {
    lines.push(l10n.t('Read by the code; whether they are set could not be read: {0}', plan.unknownSecrets.join(', ')));
  }
  lines.push(...typeLines(plan.types), ...importLines(plan.unanswered), ...probeLines(plan.probe));
  if (plan.verifyJwt.becomesPublic) {
    lines.push(l10n.t('{0} will answer WITHOUT a token: anybody can call it.', plan.slug));
  }
  if (plan.disabled) {
    lines.push(l10n.t('config.toml switches it off (enabled = false); it is deployed all the same.'));
  }
  for (const fact of plan.irreversible) {
    switch (fact.kind) {
      case 'liveBodyReplaced':
        lines.push(fact.kept ? l10n.t('Version {0} is kept on this machine and can be brought back.', fact.version) : l10n.t('The platform keeps no versions: version {0} cannot be brought back from there.', fact.version));
        break;
      case 'functionCreated':
        lines.push(l10n.t('It answers from then on; taking it away again is a deletion.'));
        break;
      case 'requestsServed':
        break;
      case 'secretsStay':
        lines.push(l10n.t('Secrets, database and settings of the project are not rolled back.'));
        break;
      default:
        fact satisfies never;
    }
  }
  return lines.map(visibleLine);
}

function probeLines(probe: DeployPlan['probe']): string[] {
  if (!probe) {
    return [];
  }
  const words = l10n.t('Then: {0} {1}{2}, which must answer {3}.', probe.method, probe.slug, probe.path, probe.status);
  return [probe.from === undefined ? words : `${words} ${l10n.t('({0} asks for it.)', probe.from)}`];
}

/** Without Deno nothing is said: it is the person's choice not to have one. */
function typeLines(types: DeployPlan['types']): string[] {
  if (types?.kind !== 'checked') {
    return types?.error ? [l10n.t('Types were not checked: Deno did not end in time.')] : [];
  }
  const [first] = types.findings;
  return first
    ? [l10n.t('deno check finds {0}; first {1}:{2}: {3}', types.findings.length === 1 ? l10n.t('1 error') : l10n.t('{0} errors', types.findings.length), first.path.replace(/^supabase\/functions\//, ''), first.line, first.message)]
    : [l10n.t('deno check finds no errors.')];
}

function importLines(unanswered: DeployPlan['unanswered'] = []): string[] {
  const names = unanswered.map(({ name, status }) => (status === undefined ? name : l10n.t('{0} ({1})', name, status)));
  return names.length === 0 ? [] : [l10n.t('Imports that do not answer from here: {0}', listed(names))];
}

/** More names than this would push the buttons out of sight. */
const mostNames = 6;

/** Seen from the deploy: what only the live body has goes, what only the source has comes. */
function changeLines({ changed, removed, added }: BodyDifference): string[] {
  const lines = [
    ...(changed.length === 0 ? [] : [l10n.t('Changed: {0}', listed(changed))]),
    ...(removed.length === 0 ? [] : [l10n.t('New: {0}', listed(removed))]),
    ...(added.length === 0 ? [] : [l10n.t('No longer sent: {0}', listed(added))]),
  ];
  return lines.length === 0 ? [l10n.t('Nothing differs from what is live.')] : lines;
}

/** Paths as they are within `supabase/functions`, where nearly all of them lie. */
function listed(paths: readonly string[]): string {
  const names = paths.slice(0, mostNames).map((path) => path.replace(/^supabase\/functions\//, ''));
  return paths.length > mostNames ? l10n.t('{0} and {1} more', names.join(', '), paths.length - mostNames) : names.join(', ');
}

export function originText(origin: SourceOrigin): string {
  switch (origin.kind) {
    case 'commit':
      return l10n.t('From commit {0} “{1}”.', origin.commit.hash.slice(0, 7), origin.commit.subject);
    case 'workingTree':
      return origin.head ? l10n.t('From the working tree at {0}.', origin.head.hash.slice(0, 7)) : l10n.t('From the working tree.');
    case 'recorded':
      return l10n.t('The body that was live as version {0}.', origin.version);
    case 'pause':
      return l10n.t('Every call is answered with 503 and Retry-After until it is resumed.');
    default:
      return origin satisfies never;
  }
}
