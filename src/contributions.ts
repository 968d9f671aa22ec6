/**
 * Everything that `package.json` and the code must agree on: command ids with what they take, views, rows, clicks, keys, settings,
 * context keys, URI schemes. `package.json` is checked against this table by `test/unit/contributions.test.ts`; `npm run contributes`
 * writes it.
 */

export const views = {
  health: 'opsbook.health',
  functions: 'opsbook.functions',
  secrets: 'opsbook.secrets',
  diagnostics: 'opsbook.diagnostics',
  runbooks: 'opsbook.runbooks',
} as const;

export type ViewId = (typeof views)[keyof typeof views];

/**
 * The first word of a row's `contextValue`, which is a list of words: `function deployed tailing`. Every kind of row in every view
 * is here.
 */
export type RowKind =
  | 'service'
  | 'measure'
  | 'function'
  | 'commit'
  | 'deployment'
  | 'tail'
  | 'secret'
  | 'topic'
  | 'diagnostic'
  | 'advice'
  | 'document'
  | 'section'
  | 'step'
  | 'instruction'
  | 'task'
  | 'message';

/** What a command asks for when it was not started from a row. */
export type Subject = 'service' | 'function' | 'deployment' | 'tail' | 'secret' | 'diagnostic' | 'advice' | 'document' | 'step' | 'instruction';

export interface CommandContribution {
  /** A codicon, without `$()`. */
  readonly icon?: string;
  /** Rows that carry the command: by click, as inline icon, in the row's menu. */
  readonly rows?: readonly RowAction[];
  /** Shown in the title bar of these views: as an icon, or with `overflow` behind the dots. */
  readonly viewTitle?: readonly ViewId[];
  readonly overflow?: boolean;
  /** What the palette asks for in place of the row. */
  readonly asks?: Subject;
  /** A `when` clause for the palette; absent means always. */
  readonly when?: string;
  readonly key?: { readonly key: string; readonly mac?: string; readonly when: string };
  /** Shown in the title bar of a text editor when this holds. */
  readonly editorTitle?: string;
  /** Shown in the context menu of a text editor when this holds. */
  readonly editorMenu?: string;
}

export interface RowAction {
  readonly view: ViewId;
  readonly row: RowKind;
  readonly by: 'click' | 'inline' | 'menu';
  /** Which part of the menu, from top to bottom; absent: the first after what a click does. */
  readonly part?: 'deploy' | 'change' | 'remove';
  /** A further word of `contextValue` that must be there. */
  readonly state?: string;
}

const allViews = Object.values(views);

/** Where requests are edited: our own documents, and files that were saved where they are proposed to be. */
const requestEditor = 'opsbook.connected && (resourceScheme == opsbook-request || resourceDirname =~ /supabase.requests$/ && resourceExtname == .http)';

/** A file that may be a part of functions. */
const functionFile = 'opsbook.connected && isWorkspaceTrusted && resourceScheme != opsbook && resourcePath =~ /\\/supabase\\/functions\\//';

/** A read-only document with a file as it was deployed. */
const deployedFile = 'resourceScheme == opsbook && resourcePath =~ /^\\/held\\/deployed\\//';

/** The report that running all diagnostics opens. */
const diagnosticsReport = 'resourceScheme == opsbook && resourcePath =~ /^\\/report\\/Diagnostics of [^,]*\\.md$/';

/** Where a cursor may stand in a statement: SQL, fences of manuals, strings of programs. */
const holdsSql = 'opsbook.connected && editorLangId =~ /^(sql|markdown|(java|type)script(react)?)$/';

/** Every command; the id is `opsbook.` and the key, the title is `command.<key>` in `package.nls.json`. */
export const commands = {
  'account.signIn': { icon: 'sign-in' },
  'account.signOut': { icon: 'sign-out', when: 'opsbook.signedIn' },
  'project.select': { icon: 'project', viewTitle: [views.health], overflow: true },
  'project.connectLocal': {},
  'project.connectSelfHosted': {},
  'project.setConnectionString': { when: 'opsbook.connected' },
  'project.connectThroughPooler': { when: 'opsbook.connected && opsbook.hosted' },
  'project.removeConnectionString': { when: 'opsbook.connected' },
  'project.setEnvironment': { when: 'opsbook.connected' },
  'project.endConsent': { when: 'opsbook.consent' },
  'project.openDashboard': {
    icon: 'link-external',
    when: 'opsbook.hosted',
    rows: [
      { view: views.health, row: 'service', by: 'menu' },
      { view: views.functions, row: 'function', by: 'menu' },
      { view: views.secrets, row: 'secret', by: 'menu' },
    ],
  },
  refresh: { icon: 'refresh', viewTitle: allViews },
  showLog: { icon: 'output', viewTitle: [views.health], overflow: true },

  'health.report': { icon: 'pulse', viewTitle: [views.health] },
  'health.showDetails': {
    rows: [
      { view: views.health, row: 'service', by: 'click' },
      { view: views.health, row: 'measure', by: 'click' },
    ],
    asks: 'service',
    when: 'opsbook.connected',
  },

  'functions.openSource': { icon: 'go-to-file', rows: [{ view: views.functions, row: 'function', by: 'click' }], asks: 'function', when: 'opsbook.connected' },
  'functions.tailLogs': {
    icon: 'output',
    rows: [{ view: views.functions, row: 'function', by: 'inline', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected',
  },
  'functions.stopTail': {
    icon: 'debug-stop',
    rows: [
      { view: views.functions, row: 'function', by: 'inline', state: 'tailing' },
      { view: views.functions, row: 'tail', by: 'inline' },
      { view: views.health, row: 'service', by: 'inline', state: 'tailing' },
    ],
    asks: 'function',
    when: 'opsbook.tailing',
  },
  'functions.deploy': {
    icon: 'cloud-upload',
    rows: [{ view: views.functions, row: 'function', by: 'inline', part: 'deploy', state: 'local' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.deployAll': { icon: 'cloud-upload', viewTitle: [views.functions], overflow: true, when: 'opsbook.connected && isWorkspaceTrusted' },
  'functions.deployChanged': { icon: 'cloud-upload', viewTitle: [views.functions], when: 'opsbook.connected && isWorkspaceTrusted' },
  'functions.deployFrom': {
    icon: 'git-branch',
    rows: [{ view: views.functions, row: 'function', by: 'menu', part: 'deploy' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.tagDeploy': {
    icon: 'tag',
    rows: [{ view: views.functions, row: 'function', by: 'menu', part: 'deploy', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.rollback': {
    icon: 'history',
    rows: [
      { view: views.functions, row: 'function', by: 'inline', part: 'deploy', state: 'deployed' },
      { view: views.functions, row: 'commit', by: 'inline' },
      { view: views.functions, row: 'deployment', by: 'inline', state: 'sent' },
    ],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.rollbackToBefore': {
    icon: 'discard',
    rows: [{ view: views.functions, row: 'function', by: 'inline', part: 'deploy', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.pause': {
    icon: 'debug-pause',
    rows: [{ view: views.functions, row: 'function', by: 'menu', part: 'change', state: 'running' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.resume': {
    icon: 'debug-continue',
    rows: [{ view: views.functions, row: 'function', by: 'inline', part: 'change', state: 'paused' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.restart': {
    icon: 'debug-restart',
    rows: [{ view: views.functions, row: 'function', by: 'menu', part: 'deploy', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.changeVerifyJwt': {
    icon: 'lock',
    rows: [{ view: views.functions, row: 'function', by: 'menu', part: 'change', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.download': {
    icon: 'cloud-download',
    rows: [{ view: views.functions, row: 'function', by: 'menu', part: 'deploy', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.showOutdatedImports': { icon: 'package', viewTitle: [views.functions], overflow: true, when: 'opsbook.connected && isWorkspaceTrusted' },
  'functions.create': { icon: 'add', viewTitle: [views.functions], overflow: true, when: 'opsbook.connected && isWorkspaceTrusted' },
  'functions.delete': {
    icon: 'trash',
    rows: [{ view: views.functions, row: 'function', by: 'menu', part: 'remove', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.showFileChanges': { icon: 'diff', when: functionFile, editorMenu: functionFile },
  'functions.showChanges': {
    icon: 'diff',
    rows: [
      { view: views.functions, row: 'commit', by: 'click' },
      { view: views.functions, row: 'function', by: 'menu', state: 'deployed' },
    ],
    asks: 'function',
    when: 'opsbook.connected && isWorkspaceTrusted',
  },
  'functions.showWhatChanged': { icon: 'history', viewTitle: [views.health, views.functions], overflow: true, when: 'opsbook.connected' },
  'functions.showLedger': { icon: 'notebook', rows: [{ view: views.functions, row: 'deployment', by: 'click' }], asks: 'function', viewTitle: [views.functions], overflow: true, when: 'opsbook.connected' },
  'functions.addReason': { icon: 'comment', rows: [{ view: views.functions, row: 'deployment', by: 'inline', state: 'own' }], asks: 'deployment', when: 'opsbook.connected' },
  'functions.exchangeLedger': { icon: 'sync', viewTitle: [views.functions], overflow: true, when: 'opsbook.connected && isWorkspaceTrusted && config.opsbook.deploy.shareLedger' },
  'functions.copyUrl': { rows: [{ view: views.functions, row: 'function', by: 'menu', state: 'deployed' }], asks: 'function', when: 'opsbook.connected' },
  'functions.invoke': {
    icon: 'zap',
    rows: [{ view: views.functions, row: 'function', by: 'menu', state: 'deployed' }],
    asks: 'function',
    when: 'opsbook.connected',
  },
  'functions.sendRequest': { icon: 'play', editorTitle: requestEditor, when: 'opsbook.connected && resourceExtname == .http', key: { key: 'ctrl+enter', mac: 'cmd+enter', when: `editorTextFocus && ${requestEditor}` } },
  'functions.replayRequest': { icon: 'history', viewTitle: [views.functions], overflow: true, when: 'opsbook.connected' },
  'functions.saveRequest': { icon: 'save-as', when: 'opsbook.connected && resourceExtname == .http' },
  'functions.copyCurl': { icon: 'copy', when: 'opsbook.connected && resourceExtname == .http' },
  'functions.signRequest': { icon: 'key', when: 'opsbook.connected && resourceExtname == .http' },
  'functions.readCallLog': { icon: 'refresh', when: 'opsbook.connected' },
  'functions.forgetCredentials': { icon: 'key', when: 'opsbook.connected' },
  'logs.tail': {
    icon: 'output',
    viewTitle: [views.functions],
    overflow: true,
    rows: [{ view: views.health, row: 'service', by: 'menu', state: 'logs' }],
    asks: 'service',
    when: 'opsbook.connected',
  },
  'functions.serve': { icon: 'server-process', viewTitle: [views.functions], overflow: true, when: 'opsbook.connected && !opsbook.hosted && isWorkspaceTrusted' },
  'logs.showTail': { icon: 'output', rows: [{ view: views.functions, row: 'tail', by: 'click' }], asks: 'tail', when: 'opsbook.tailing' },
  'logs.changeFilter': { icon: 'filter', rows: [{ view: views.functions, row: 'function', by: 'menu', state: 'tailing' }, { view: views.functions, row: 'tail', by: 'menu' }, { view: views.health, row: 'service', by: 'menu', state: 'tailing' }], asks: 'tail', when: 'opsbook.tailing' },
  'logs.pauseTail': { icon: 'debug-pause', rows: [{ view: views.functions, row: 'function', by: 'menu', state: 'tailActive' }, { view: views.functions, row: 'tail', by: 'menu', state: 'tailActive' }, { view: views.health, row: 'service', by: 'menu', state: 'tailActive' }], asks: 'tail', when: 'opsbook.tailing' },
  'logs.resumeTail': { icon: 'debug-continue', rows: [{ view: views.functions, row: 'function', by: 'menu', state: 'tailPaused' }, { view: views.functions, row: 'tail', by: 'menu', state: 'tailPaused' }, { view: views.health, row: 'service', by: 'menu', state: 'tailPaused' }], asks: 'tail', when: 'opsbook.tailing' },
  'logs.saveLines': { icon: 'save', rows: [{ view: views.functions, row: 'function', by: 'menu', state: 'deployed' }], asks: 'function', when: 'opsbook.connected' },
  'logs.showErrors': {
    icon: 'bug',
    rows: [
      { view: views.functions, row: 'function', by: 'menu', state: 'deployed' },
      { view: views.health, row: 'service', by: 'menu', state: 'logs' },
    ],
    viewTitle: [views.functions],
    overflow: true,
    asks: 'function',
    when: 'opsbook.connected',
  },
  'logs.openSource': { icon: 'go-to-file', rows: [{ view: views.functions, row: 'function', by: 'menu', state: 'deployed' }], asks: 'function', when: 'opsbook.connected' },
  'logs.openWorkingCopy': { icon: 'go-to-file', editorTitle: deployedFile, when: deployedFile },
  'logs.toggleDetails': {},
  'logs.setStoreKey': { when: 'opsbook.connected && !opsbook.hosted' },
  'logs.manageTails': { icon: 'list-unordered', when: 'opsbook.tailing' },

  'secrets.set': {
    icon: 'edit',
    rows: [{ view: views.secrets, row: 'secret', by: 'inline' }],
    viewTitle: [views.secrets],
    asks: 'secret',
    when: 'opsbook.connected',
  },
  'secrets.unset': { icon: 'trash', rows: [{ view: views.secrets, row: 'secret', by: 'menu', state: 'set' }], asks: 'secret', when: 'opsbook.connected' },
  'secrets.showReaders': { icon: 'references', rows: [{ view: views.secrets, row: 'secret', by: 'click' }], asks: 'secret', when: 'opsbook.connected' },

  'diagnostics.run': {
    icon: 'play',
    rows: [
      { view: views.diagnostics, row: 'diagnostic', by: 'click' },
      { view: views.diagnostics, row: 'diagnostic', by: 'inline' },
    ],
    asks: 'diagnostic',
    when: 'opsbook.connected',
  },
  'diagnostics.repair': {
    icon: 'wrench',
    rows: [{ view: views.diagnostics, row: 'diagnostic', by: 'inline', state: 'repairable' }],
    asks: 'diagnostic',
    when: 'opsbook.connected',
  },
  'diagnostics.endSession': { icon: 'debug-disconnect', viewTitle: [views.diagnostics], overflow: true, when: 'opsbook.connected' },
  'diagnostics.runAll': { icon: 'run-all', viewTitle: [views.diagnostics], when: 'opsbook.connected' },
  'diagnostics.saveReport': { icon: 'save-as', editorTitle: diagnosticsReport, when: 'opsbook.connected' },
  'diagnostics.saveSnapshot': { icon: 'device-camera', viewTitle: [views.diagnostics], overflow: true, when: 'opsbook.connected' },
  'diagnostics.compareSnapshots': { icon: 'diff', viewTitle: [views.diagnostics], overflow: true, when: 'opsbook.connected' },
  'diagnostics.openSource': { icon: 'go-to-file', rows: [{ view: views.diagnostics, row: 'diagnostic', by: 'menu' }], asks: 'diagnostic' },

  'advisors.show': { icon: 'shield', rows: [{ view: views.diagnostics, row: 'advice', by: 'click' }], asks: 'advice', when: 'opsbook.connected && opsbook.hosted' },
  'advisors.mute': { icon: 'bell-slash', rows: [{ view: views.diagnostics, row: 'advice', by: 'inline', state: 'open' }], asks: 'advice', when: 'opsbook.connected && opsbook.hosted' },
  'advisors.unmute': { icon: 'bell', rows: [{ view: views.diagnostics, row: 'advice', by: 'inline', state: 'muted' }], asks: 'advice', when: 'opsbook.connected && opsbook.hosted' },
  'advisors.openMigration': { icon: 'go-to-file', rows: [{ view: views.diagnostics, row: 'advice', by: 'inline', state: 'object' }], asks: 'advice', when: 'opsbook.connected && opsbook.hosted' },
  'advisors.openGuide': { icon: 'link-external', rows: [{ view: views.diagnostics, row: 'advice', by: 'menu', state: 'guide' }], asks: 'advice', when: 'opsbook.connected && opsbook.hosted' },

  'storage.cleanUp': { icon: 'trash', viewTitle: [views.diagnostics], overflow: true, when: 'opsbook.connected' },

  'sql.newQuery': { icon: 'new-file', viewTitle: [views.diagnostics], overflow: true },
  'sql.runStatement': { icon: 'play', editorTitle: 'opsbook.connected && opsbook.sqlEditor', when: holdsSql },
  'sql.statementMenu': { icon: 'list-selection', when: holdsSql },
  'sql.runFile': { icon: 'run-all', when: 'opsbook.connected && editorLangId == sql' },
  'sql.runAs': { icon: 'account', when: 'opsbook.connected && editorLangId == sql', editorMenu: 'opsbook.connected && opsbook.sqlEditor' },
  'sql.beginTransaction': { icon: 'play-circle', when: 'opsbook.connected && !opsbook.transaction' },
  'sql.commitTransaction': { icon: 'check', editorTitle: 'opsbook.transaction && opsbook.sqlEditor', when: 'opsbook.transaction' },
  'sql.rollBackTransaction': { icon: 'discard', editorTitle: 'opsbook.transaction && opsbook.sqlEditor', when: 'opsbook.transaction' },
  'sql.showTransaction': { icon: 'warning', when: 'opsbook.transaction' },
  'sql.compareRoles': { icon: 'list-selection', when: holdsSql, editorMenu: 'opsbook.connected && opsbook.sqlEditor' },
  'sql.showHistory': { icon: 'history', viewTitle: [views.diagnostics], overflow: true, when: 'opsbook.connected' },
  'sql.runInTransaction': { icon: 'play-circle', when: holdsSql },
  'sql.copyCurl': { icon: 'copy', when: holdsSql },
  'sql.checkOnServer': { icon: 'checklist', when: holdsSql, editorMenu: 'opsbook.connected && opsbook.sqlEditor' },
  'migrations.try': { icon: 'beaker', viewTitle: [views.diagnostics], overflow: true, when: 'isWorkspaceTrusted', editorMenu: 'isWorkspaceTrusted && opsbook.sqlEditor && resourceDirname =~ /supabase.migrations$/' },
  'sql.explain': { icon: 'type-hierarchy', when: holdsSql },

  'runbooks.open': {
    icon: 'go-to-file',
    rows: [
      { view: views.runbooks, row: 'document', by: 'click' },
      { view: views.runbooks, row: 'section', by: 'click' },
      { view: views.runbooks, row: 'step', by: 'click' },
      { view: views.runbooks, row: 'instruction', by: 'click' },
      { view: views.runbooks, row: 'task', by: 'click' },
    ],
    asks: 'document',
  },
  'runbooks.runStep': {
    icon: 'play',
    rows: [
      { view: views.runbooks, row: 'step', by: 'inline', state: 'runnable' },
      { view: views.runbooks, row: 'instruction', by: 'inline', state: 'runnable' },
    ],
    asks: 'step',
  },
} as const satisfies Record<string, CommandContribution>;

export type CommandKey = keyof typeof commands;
export type CommandId = `opsbook.${CommandKey}`;

export function commandId(key: CommandKey): CommandId {
  return `opsbook.${key}`;
}

/** Context keys for `when` clauses; each is set by `host/contextKeys.ts` alone. */
export const contextKeys = {
  /** `starting`, `signedOut`, `noProject`, `offline`, `noPermission`, `connected`: which welcome text the views show. */
  state: 'opsbook.state',
  signedIn: 'opsbook.signedIn',
  connected: 'opsbook.connected',
  hosted: 'opsbook.hosted',
  consent: 'opsbook.consent',
  tailing: 'opsbook.tailing',
  sqlEditor: 'opsbook.sqlEditor',
  /** This window holds a transaction open. */
  transaction: 'opsbook.transaction',
} as const;

/**
 * Settings with their defaults. Scope `machine`: a repository must not be able to set it (SAFETY 7). Order is the order in the
 * settings editor: what people change comes first, addresses and paths of programs last.
 */
export const settings = {
  'opsbook.sql.rowLimit': { default: 1000, scope: 'resource' },
  'opsbook.sql.timeoutSeconds': { default: 60, scope: 'resource' },
  'opsbook.sql.transactionMinutes': { default: 10, scope: 'resource' },
  'opsbook.sql.history': { default: true, scope: 'resource' },
  'opsbook.sql.secretParameters': { default: [], scope: 'resource' },
  'opsbook.sql.codeLens': { default: true, scope: 'resource' },
  'opsbook.sql.files': { default: ['supabase/**/*.sql'], scope: 'resource' },
  'opsbook.sql.squiggles': { default: true, scope: 'resource' },
  'opsbook.sql.serverChecks': { default: true, scope: 'resource' },
  'opsbook.sql.completion': { default: true, scope: 'resource' },
  'opsbook.sql.lints': { default: {}, values: ['off', 'hint', 'info', 'warning', 'error'], scope: 'resource' },
  'opsbook.sql.yieldToLanguageServer': { default: true, scope: 'resource' },
  'opsbook.runbooks.files': { default: ['docs/**/*.md', 'runbooks/**/*.md', '*RUNBOOK*.md', '*OPERATIONS*.md'], scope: 'resource' },
  'opsbook.deploy.typeCheck': { default: true, scope: 'resource' },
  'opsbook.deploy.probes': { default: [], scope: 'resource' },
  'opsbook.deploy.askReason': { default: false, scope: 'resource' },
  'opsbook.deploy.shareLedger': { default: false, scope: 'resource' },
  'opsbook.logs.lookBackMinutes': { default: 60, scope: 'resource' },
  'opsbook.logs.maskSecrets': { default: true, scope: 'resource' },
  'opsbook.logs.showDetails': { default: false, scope: 'resource' },
  'opsbook.apiUrl': { default: 'https://api.supabase.com', scope: 'machine' },
  'opsbook.dashboardUrl': { default: 'https://supabase.com/dashboard', scope: 'machine' },
  'opsbook.projectHost': { default: 'supabase.co', scope: 'machine' },
  'opsbook.gatewayUrl': { default: '', scope: 'machine' },
  'opsbook.cliPath': { default: '', scope: 'machine' },
  'opsbook.gitPath': { default: '', scope: 'machine' },
  'opsbook.database.caFile': { default: '', scope: 'machine' },
} as const;

export type SettingKey = keyof typeof settings;

export const schemes = {
  /** Documents that ship with the extension and reports: read only. */
  document: 'opsbook',
  /** Requests to functions, kept in the workspace's storage. */
  request: 'opsbook-request',
} as const;
