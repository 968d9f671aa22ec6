/** What the real CLI takes from a staged tree, and what it leaves when it is stopped: both majors, a real repository, a control plane on loopback. */
import assert from 'node:assert/strict';
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import { prepareDeploy, type DeployFrom } from '../../src/core/functions/prepare.ts';
import { markedCommits } from '../../src/core/functions/past.ts';
import { versionBefore } from '../../src/core/functions/versionBefore.ts';
import { makeRepository, type TestRepository } from '../fixtures/repository.ts';
import { openDeploy, signal, targetOf, type CliMajor } from '../safety/deployWorld.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { DeployedFunction } from '../sandbox/types.ts';
import { provision } from '../world/provision.ts';

const slug = 'health';
const folder = 'supabase/functions';
const index = `${folder}/${slug}/index.ts`;
const log = `${folder}/_shared/log.ts`;
const mapped = 'import { log } from "log";\nDeno.serve(() => new Response(log("x")));\n';
const call = { signal, priority: 'user' } as const;

/** Every way in which a function comes by its import map; the second is where it must be named to the service. */
const importMaps: readonly (readonly [title: string, map: string, files: Readonly<Record<string, string>>])[] = [
  ['its deno.json', `${folder}/${slug}/deno.json`, { [`${folder}/${slug}/deno.json`]: '{ "imports": { "log": "../_shared/log.ts" } }' }],
  ['its deno.jsonc', `${folder}/${slug}/deno.jsonc`, { [`${folder}/${slug}/deno.jsonc`]: '{\n  // shared\n  "imports": { "log": "../_shared/log.ts" }\n}' }],
  ['its own import_map.json, beside which CLI 3 deploys only what the config names', `${folder}/${slug}/import_map.json`, { [`${folder}/${slug}/import_map.json`]: '{ "imports": { "log": "../_shared/log.ts" } }' }],
  ['the import_map.json of all functions', `${folder}/import_map.json`, { [`${folder}/import_map.json`]: '{ "imports": { "log": "./_shared/log.ts" } }' }],
  ['a map that config.toml names', 'supabase/maps/health.json', { 'supabase/maps/health.json': '{ "imports": { "log": "../functions/_shared/log.ts" } }', 'supabase/config.toml': `[functions.${slug}]\nimport_map = "./maps/health.json"\n` }],
];

for (const major of ['cli2', 'cli3'] satisfies CliMajor[]) {
  describe(`what is deployed by ${major}`, function () {
    this.timeout(60_000);
    let sandbox: Sandbox;
    before(() => provision(major));
    beforeEach(async () => {
      sandbox = await startControlPlane({ scenario: createSmallScenario() });
    });
    afterEach(() => sandbox.stop());

    const deployed = (): DeployedFunction => sandbox.state.projects.get(sandbox.ref)?.functions.get(slug) ?? assert.fail('it is not deployed');
    const open = async (repository: TestRepository) =>
      openDeploy(targetOf(sandbox, major, repository.folder));

    async function send(repository: TestRepository, from: DeployFrom = { kind: 'workingTree' }): Promise<void> {
      const tools = await open(repository);
      const outcome = await applyDeploy(await prepareDeploy(slug, 'deploy', from, tools, signal), tools, () => {}, signal);
      assert.equal(outcome.kind, 'deployed', JSON.stringify(outcome));
    }

    for (const [title, map, files] of importMaps) {
      it(`has ${title}`, async () => {
        await using repository = await makeRepository('maps');
        await repository.commit('One', { ...files, [index]: mapped, [log]: 'export const log = (x: string) => x;\n' });
        await send(repository);
        assert.equal(deployed().import_map_path, map);
        assert.ok([map, index, log].every((file) => deployed().files.has(file)), [...deployed().files.keys()].join(' '));
      });
    }

    it('has its static files, and none that nobody asked for', async () => {
      await using repository = await makeRepository('static');
      await repository.commit('One', {
        [index]: 'Deno.serve(() => new Response("x"));\n',
        [`${folder}/${slug}/page.html`]: '<p>x</p>',
        [`${folder}/${slug}/notes.md`]: 'mine',
        'supabase/config.toml': `[functions.${slug}]\nstatic_files = ["./functions/${slug}/*.html"]\n`,
      });
      await send(repository);
      assert.deepEqual([...deployed().files.keys()].sort(), [index, `${folder}/${slug}/page.html`].sort());
    });

    it('asks for a JWT as config.toml says, else as what is live does, else always', async () => {
      await using repository = await makeRepository('jwt');
      await repository.commit('One', { [index]: 'Deno.serve(() => new Response("1"));\n' });
      await send(repository);
      assert.equal(deployed().verify_jwt, true);
      await repository.commit('Two', { [index]: 'Deno.serve(() => new Response("2"));\n', 'supabase/config.toml': `[functions.${slug}]\nverify_jwt = false\n` });
      await send(repository);
      assert.equal(deployed().verify_jwt, false);
      await repository.commit('Three', { [index]: 'Deno.serve(() => new Response("3"));\n', 'supabase/config.toml': '' });
      await send(repository);
      assert.deepEqual([deployed().version, deployed().verify_jwt], [3, false]);
    });

    it('comes back byte for byte though no commit holds it', async () => {
      await using repository = await makeRepository('recorded');
      await repository.commit('One', { [index]: 'Deno.serve(() => new Response("1"));\n' });
      await repository.commit('Two', { [index]: 'Deno.serve(() => new Response("2"));\n' });
      const theirs = new Map([
        [index, '\ufeffimport { x } from "lib/x.ts";\r\nDeno.serve(() => new Response(x));\r\n'],
        [`${folder}/${slug}/deno.json`, '{ "imports": { "lib/": "./lib/" } }'],
        [`${folder}/${slug}/lib/x.ts`, 'export const x = "by hand";'],
      ]);
      const form = new FormData();
      form.append('metadata', JSON.stringify({ entrypoint_path: index, import_map_path: `${folder}/${slug}/deno.json`, name: slug, verify_jwt: false }));
      theirs.forEach((text, file) => form.append('file', new Blob([text]), file));
      const answer = await fetch(`${sandbox.apiUrl}/v1/projects/${sandbox.ref}/functions/deploy?slug=${slug}`, { method: 'POST', body: form, headers: { authorization: `Bearer ${sandbox.token}` } });
      assert.equal(answer.status, 201);
      await send(repository);
      assert.equal(deployed().files.size, 1);

      const tools = await open(repository);
      const live = (await tools.management.functions(sandbox.ref, call)).find((fn) => fn.slug === slug) ?? assert.fail();
      const deployments = await tools.ledger.deployments();
      const before = await versionBefore(sandbox.ref, live, { ...tools, deployments, commits: async () => markedCommits(sandbox.ref, slug, live, { ...tools, deployments }, signal) });
      assert.deepEqual(before, { kind: 'recorded', version: 1 });
      await send(repository, before);
      assert.deepEqual(new Map([...deployed().files].map(([file, content]) => [file, Buffer.from(content).toString()])), theirs);
      assert.deepEqual([deployed().import_map_path, deployed().verify_jwt], [`${folder}/${slug}/deno.json`, false]);
    });

    it('is told truly when it is stopped before anything was sent', async () => {
      await using repository = await makeRepository('stopped');
      await repository.commit('One', { [index]: 'Deno.serve(() => new Response("1"));\n' });
      const tools = await open(repository);
      const plan = await prepareDeploy(slug, 'deploy', { kind: 'workingTree' }, tools, signal);
      const stop = new AbortController();
      const outcome = await applyDeploy(plan, tools, (event) => void (event.kind === 'step' && event.step === 'sending' && stop.abort()), stop.signal);
      assert.deepEqual(outcome, { kind: 'cancelled', state: { kind: 'unchanged', problem: 'the function is not deployed' } });
      assert.equal(sandbox.state.projects.get(sandbox.ref)?.functions.has(slug), false);
    });

    it('is told truly when it is stopped while the service takes it in', async () => {
      await using repository = await makeRepository('stopped');
      await repository.commit('One', { [index]: 'Deno.serve(() => new Response("1"));\n' });
      const tools = await open(repository);
      const plan = await prepareDeploy(slug, 'deploy', { kind: 'workingTree' }, tools, signal);
      const stop = new AbortController();
      sandbox.faults.add('POST /v1/projects/{ref}/functions/deploy', { kind: 'delay', ms: 700 });
      const take = sandbox.faults.take.bind(sandbox.faults);
      sandbox.faults.take = (request) => {
        if (request.path.endsWith('/functions/deploy')) {
          stop.abort();
        }
        return take(request);
      };
      const outcome = await applyDeploy(plan, tools, () => {}, stop.signal);
      assert.deepEqual(outcome, { kind: 'cancelled', state: { kind: 'asMeant', version: 1, bundle: deployed().ezbr_sha256 } });
      assert.deepEqual((await tools.ledger.deployments()).map(({ conclusion }) => conclusion?.result), ['deployed']);
    });
  });
}
