/** Stands in for `@vscode/native-watchdog`, which ends an orphaned extension host: here `children.ts` sees to that. */
'use strict';
exports.start = () => {};
