import { OpsError } from '../../core/errors.ts';
import { functionSlugPattern } from '../../core/functions/edgeFunction.ts';
import { functionsFolder } from '../../core/functions/source.ts';
import { functionTemplates, type FunctionTemplate } from '../../core/functions/templates.ts';
import type { PlaceFiles } from '../../core/ports.ts';
import { configPath } from '../../core/project/config.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { DeployFeatureNeeds } from './needs.ts';

/** A new function in the place, opened in an editor. Nothing is deployed. */
export async function createFunction(needs: DeployFeatureNeeds): Promise<void> {
  const { ui } = needs;
  const connection = needs.session.connection();
  const { place } = connection;
  if (!place) {
    throw new OpsError('notFound', { what: l10n.t('A folder with supabase/functions') });
  }
  if (!needs.isTrusted()) {
    throw new OpsError('untrusted', { what: l10n.t('Writing into the folder') });
  }
  const known = new Set(await needs.places.functions(place, AbortSignal.timeout(30_000)));
  const slug = await ui.ask({ title: l10n.t('New Function'), prompt: l10n.t('Name; it is part of the address.'), placeholder: 'mint-token', check: (text) => nameProblem(text, known) });
  const template = await ui.pick(l10n.t('Start {0} from', slug), functionTemplates.map((one) => ({ label: templateWords(one).label, description: templateWords(one).description, icon: 'file-code', value: one })));
  const { tools, files } = await ui.progress(l10n.t('Reading the folder'), async (signal) => {
    const made = await needs.tools(connection, signal);
    return { tools: made, files: await newFiles(slug, template, made.files, signal) };
  });
  await ui.consent({
    question: l10n.t('Create {0} in this folder?', slug),
    detail: [
      l10n.t('Written: {0}', [...files.keys()].map(visible).join(', ')),
      ...(template.public ? [l10n.t('Its callers send no token: config.toml gets verify_jwt = false for it.')] : []),
      l10n.t('Nothing is deployed.'),
    ],
    action: l10n.t('Create'),
  });
  await tools.writer.write(files);
  await needs.editors.open(place, `${functionsFolder}/${slug}/index.ts`);
}

function nameProblem(text: string, known: ReadonlySet<string>): string | undefined {
  if (!functionSlugPattern.test(text)) {
    return l10n.t('A letter first, then letters, digits, - and _.');
  }
  return known.has(text) ? l10n.t('There is a function of this name.') : undefined;
}

function templateWords({ name }: FunctionTemplate): { readonly label: string; readonly description: string } {
  switch (name) {
    case 'json':
      return { label: l10n.t('JSON'), description: l10n.t('answers with JSON, callable from a browser') };
    case 'webhook':
      return { label: l10n.t('Webhook'), description: l10n.t('checks the sender’s signature') };
    case 'scheduled':
      return { label: l10n.t('Scheduled job'), description: l10n.t('called by pg_cron') };
    case 'database':
      return { label: l10n.t('Database'), description: l10n.t('supabase-js with the caller’s own rights') };
    default:
      return name satisfies never;
  }
}

/** Throws `badPath` when something is there already: what is not listed as a function may still be one's work. */
async function newFiles(slug: string, template: FunctionTemplate, place: PlaceFiles, signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
  const folder = `${functionsFolder}/${slug}`;
  const [there] = await place.list(folder, signal);
  if (there !== undefined) {
    throw new OpsError('badPath', { path: there });
  }
  const encode = (text: string) => new TextEncoder().encode(text);
  const files = new Map([
    [`${folder}/index.ts`, encode(template.code)],
    [`${folder}/deno.json`, encode('{\n  "imports": {}\n}\n')],
  ]);
  if (template.public) {
    const config = new TextDecoder().decode((await place.read(configPath, signal)) ?? new Uint8Array());
    files.set(configPath, encode(`${config}${config === '' || config.endsWith('\n') ? '' : '\n'}${config === '' ? '' : '\n'}[functions.${slug}]\nverify_jwt = false\n`));
  }
  return files;
}
