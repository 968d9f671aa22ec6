/**
 * Stands in for `@vscode/spdlog`, a native module that only a C++ compiler can make: without it every LogOutputChannel of
 * VS Code stays empty. Lines are appended as the original writes them, with its pattern `%Y-%m-%d %H:%M:%S.%e [%l] %v`;
 * a logger whose formatters are cleared gets its text as it is. Files are not rotated.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];
const shown = { warn: 'warning' };

class Logger {
  constructor(_kind, _name, file) {
    this.file = file;
    this.level = 2;
    this.formatted = true;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }
  write(name, message) {
    if (levels.indexOf(name) < this.level) {
      return;
    }
    fs.appendFileSync(this.file, this.formatted ? `${now()} [${shown[name] ?? name}] ${message}\n` : message);
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.formatted = false;
  }
  flush() {}
  drop() {}
}
for (const name of levels) {
  Logger.prototype[name] = function (message) {
    this.write(name, message);
  };
}

function now() {
  const time = new Date();
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
  return local.toISOString().replace('T', ' ').replace('Z', '');
}

const create = async (name, file) => new Logger('rotating', name, file);

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
