import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { once } from '../../util/once.ts';
import { registerDrafts } from './drafts.ts';
import { registerEditor } from './editor.ts';
import type { InvokeNeeds } from './needs.ts';

/** Calling functions: a document with the request, its answer beside it, the log of that call beneath. */
export function registerInvoke(needs: InvokeNeeds): Disposable {
  const owned = new DisposableStore();
  const { commands } = needs;
  const drafts = owned.add(registerDrafts(needs.storage));
  owned.add(registerEditor(needs.session));
  const work = once(async () => owned.add((await import('./work.ts')).createWork({ ...needs, drafts })));
  owned.add(commands.register('functions.invoke', async (argument) => (await work()).invoke(argument)));
  owned.add(commands.register('functions.sendRequest', async (argument) => (await work()).send(argument)));
  owned.add(commands.register('functions.replayRequest', async () => (await work()).replay()));
  owned.add(commands.register('functions.saveRequest', async (argument) => (await work()).save(argument)));
  owned.add(commands.register('functions.copyCurl', async (argument) => (await work()).copyCurl(argument)));
  owned.add(commands.register('functions.signRequest', async (argument) => (await work()).sign(argument)));
  owned.add(commands.register('functions.readCallLog', async (argument) => (await work()).readCallLog(argument)));
  owned.add(commands.register('functions.forgetCredentials', async () => (await work()).forgetCredentials()));
  return owned;
}
