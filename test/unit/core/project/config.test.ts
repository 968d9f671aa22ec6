import assert from 'node:assert/strict';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { readConfig } from '../../../../src/core/project/config.ts';

const read = (text: string) => readConfig(text, tomlReader);

describe('config.toml', () => {
  it('gives ports, project and functions, with the CLI’s defaults', async () => {
    const config = await read(`
      project_id = "acme"
      [api]
      port = 55321
      schemas = ["public", "api"]
      [functions.health]
      verify_jwt = false
      [functions.make-image]
      enabled = false
      entrypoint = "./functions/make-image/main.ts"
      import_map = "./functions/import_map.json"
      static_files = ["./functions/make-image/*.html"]
      something_new = 1
      [functions.plain]
      import_map = ""
    `);
    assert.deepEqual({ ...config, functions: Object.fromEntries(config.functions) }, {
      projectId: 'acme',
      ports: { api: 55321, database: 54322, logs: 54327 },
      exposedSchemas: ['public', 'api'],
      functions: {
        health: { enabled: true, verifyJwt: false, staticFiles: [] },
        'make-image': { enabled: false, entrypoint: './functions/make-image/main.ts', importMap: './functions/import_map.json', staticFiles: ['./functions/make-image/*.html'] },
        plain: { enabled: true, staticFiles: [] },
      },
    });
    assert.deepEqual(await read(''), { ports: { api: 54321, database: 54322, logs: 54327 }, exposedSchemas: ['public', 'graphql_public'], functions: new Map() });
    assert.equal((await read('[analytics]\nport = 4000')).ports.logs, 4000);
    assert.equal((await read('[analytics]\nenabled = false')).ports.logs, undefined);
    assert.equal((await read('[api]\nport = "env(API_PORT)"')).ports.api, 54321);
  });

  for (const [title, text, problem] of [
    ['the line that is no TOML', 'project_id = "a"\n\n[functions\n', /^line 3: /],
    ['a flag that is text', '[functions.a]\nverify_jwt = "no"', /^functions\.a\.verify_jwt must be true or false$/],
    ['files that are no list', '[functions.a]\nstatic_files = "x"', /^functions\.a\.static_files must be a list of strings$/],
    ['a port that is none', '[db]\nport = 99999', /^db\.port must be a port$/],
    ['functions that are no table', 'functions = 1', /^functions must be a table$/],
  ] as const) {
    it(`names ${title}`, async () => {
      await assert.rejects(read(text), (error) => isOpsError(error, 'badConfig') && problem.test(error.facts.problem));
    });
  }
});
