import type { TomlReader } from '../../core/ports.ts';

/** TOML 1.0 by `smol-toml`, loaded with the first file. */
export const tomlReader: TomlReader = {
  async read(text) {
    const { parse, TomlError } = await import('smol-toml');
    try {
      return { kind: 'parsed', value: parse(text) };
    } catch (error) {
      if (error instanceof TomlError) {
        // The message goes on with a picture of the place, which the line number stands for here.
        const [first = error.message] = error.message.split('\n');
        return { kind: 'invalid', message: first.replace(/^Invalid TOML document: /, ''), line: error.line };
      }
      throw error;
    }
  },
};
